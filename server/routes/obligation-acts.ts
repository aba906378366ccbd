import { z } from 'zod';
import type { Act } from '../../domain/model/event.js';
import type { ObligationId } from '../../domain/model/ids.js';
import { elementId, localDate, note, values } from '../http/shapes.js';

export const evidence = z
  .array(
    z.strictObject({
      paper: elementId,
      fields: values.default({}),
      file: z
        .string()
        .regex(/^a\d{1,15}$/)
        .nullable()
        .default(null),
    }),
  )
  .max(50);
const reason = note(1000);
const items = z.array(elementId).min(1).max(200);

/** What can be done with an obligation, as it is sent; the obligation itself stands in the path. */
export const actBody = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('done'),
      on: localDate.optional(),
      answer: values.optional(),
      nil: z.boolean().optional(),
      items: items.optional(),
      evidence: evidence.optional(),
      reason: reason.optional(),
    }),
    z.strictObject({ kind: z.literal('tick'), items }),
    z.strictObject({
      kind: z.literal('step'),
      act: elementId,
      on: localDate.optional(),
      answer: values.optional(),
      evidence: evidence.optional(),
      reason: reason.optional(),
    }),
    z.strictObject({ kind: z.literal('waive'), reason }),
    z.strictObject({ kind: z.literal('extend'), due: localDate, reason, evidence: evidence.optional() }),
    z.strictObject({ kind: z.literal('suspend'), reason }),
    z.strictObject({ kind: z.literal('unsuspend') }),
    z.strictObject({
      kind: z.literal('markBeforeLaunch'),
      mark: z.discriminatedUnion('as', [
        z.strictObject({ as: z.literal('done'), on: localDate, evidence: evidence.optional() }),
        z.strictObject({ as: z.literal('stillOwed'), due: localDate }),
        z.strictObject({ as: z.literal('notApplicable'), reason }),
      ]),
    }),
    z.strictObject({ kind: z.literal('release') }),
    z.strictObject({ kind: z.literal('drop'), reason }),
    z.strictObject({ kind: z.literal('receive') }),
    z.strictObject({ kind: z.literal('reply'), text: note(4000), evidence: evidence.optional() }),
    z.strictObject({ kind: z.literal('strike') }),
    z.strictObject({ kind: z.literal('sendBack'), reason }),
    z.strictObject({ kind: z.literal('takeDown'), on: localDate.optional() }),
  ])
  .meta({ id: 'ObligationAct' });

type Sent = z.output<typeof actBody>;

/** Members that were not sent are absent, not undefined. */
type Present<T> = T extends unknown ? { [K in keyof T]: Exclude<T[K], undefined> } : never;
export const presentOf = <T extends object>(sent: T): Present<T> =>
  Object.fromEntries(Object.entries(sent).filter(([, member]) => member !== undefined)) as Present<T>;

/** The core's act of what was sent. */
export function actOf(obligation: ObligationId, sent: Sent): Act {
  if (sent.kind === 'markBeforeLaunch') {
    const { mark } = sent;
    return {
      kind: sent.kind,
      obligation,
      mark: mark.as === 'done' ? { as: 'done', on: mark.on, ...(mark.evidence === undefined ? {} : { evidence: mark.evidence }) } : mark,
    };
  }
  return { ...presentOf(sent), obligation } as Act;
}
