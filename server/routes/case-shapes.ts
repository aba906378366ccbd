import { z } from 'zod';
import type { CaseView } from '../../domain/process/index.js';
import type { Obligation } from '../../domain/model/state.js';
import type { Setting } from '../../domain/model/setting.js';
import type { ObligationRow } from '../../store/obligations.js';
import { both, eventWord } from '../http/words.js';
import { values } from '../http/shapes.js';
import type { RowEntry } from '../../store/rows/journal.js';
import { obligationSchema } from './obligation-rows.js';

/** What a case is beside the obligation of its present state. */
const standing = {
  type: z.string(),
  typeTitle: z.string(),
  number: z.int().meta({ description: '该笔应缴的第几件 n-th case of its kind about this due' }),
  state: z.string(),
  stateTitle: z.string(),
  openedOn: z.string(),
  round: z.int().meta({ description: '所知的最近一轮代扣，0 为无 last round of the deduction it has heard of' }),
  notes: z.int().meta({ description: '并入本件的次数 openings that joined it' }),
  dueId: z.string(),
};
export const caseSchema = obligationSchema.extend(standing).meta({ id: 'Case' });

const field = z.strictObject({ id: z.string(), title: z.string(), type: z.string(), codes: z.record(z.string(), z.string()) });
const actSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  by: z.array(z.string()),
  byTitles: z.array(z.string()),
  signed: z.array(z.string()).meta({ description: '已签署的岗位 roles that have signed' }),
  differs: z
    .array(z.string())
    .meta({ description: '各方所填不一致、须重新签署的栏位 fields in which those who signed differ: the act waits' }),
  mine: z.boolean(),
  barred: z.boolean(),
  asks: z.array(field),
  reason: z.boolean(),
  evidence: z.array(z.strictObject({ id: z.string(), title: z.string() })),
});
const passed = z.strictObject({
  id: z.string(),
  title: z.string(),
  since: z.string(),
  due: z.string().nullable(),
  closedOn: z.string().nullable(),
  daysLate: z.int(),
  by: z.string().nullable(),
  byName: z.string(),
  reason: z.string().nullable(),
});
const entry = z.strictObject({
  number: z.int(),
  at: z.string(),
  type: z.string(),
  title: both,
  event: z.string().nullable(),
  values,
  by: z.string(),
  byName: z.string(),
  onBehalfOf: z.string().nullable(),
});

export const caseDetail = caseSchema
  .extend({
    opener: z.strictObject({ event: z.string(), cause: values }),
    fields: z.array(z.strictObject({ ...field.shape, value: z.union([z.string(), z.number(), z.boolean()]).nullable() })),
    arrivedOn: z.string().nullable(),
    acts: z.array(actSchema).meta({ description: '现在可以办的 acts of the present state' }),
    passed: z.array(passed).meta({ description: '已离开的状态，各为一项已办事项 states it has left, each an obligation of its own' }),
    history: z.array(entry),
  })
  .meta({ id: 'CaseDetail' });

/** A row that is a case, as lists show it; null for any other. */
export function standingOf(setting: Setting, { body }: ObligationRow): Pick<z.input<typeof caseSchema>, keyof typeof standing> | null {
  const { case: at, subject } = body;
  if (at === undefined) return null;
  const type = setting.definition.cases?.[at.type];
  return {
    type: at.type,
    typeTitle: type?.title ?? at.type,
    number: at.number,
    state: at.state,
    stateTitle: type?.states.find(({ id }) => id === at.state)?.title ?? at.state,
    openedOn: at.openedOn,
    round: at.round,
    notes: at.notes,
    dueId: subject?.due ?? '',
  };
}

export const fieldsOf = (view: CaseView, body: Obligation): z.input<typeof caseDetail>['fields'] =>
  view.fields.map(({ id, title, type, codes }) => ({ id, title, type, codes: { ...codes }, value: body.case?.fields[id] ?? null }));

export const actsOf = (setting: Setting, view: CaseView): z.input<typeof caseDetail>['acts'] =>
  view.acts.map((act) => ({
    ...act,
    by: [...act.by],
    byTitles: act.by.map((role) => setting.definition.roles[role]?.title ?? role),
    signed: [...act.signed],
    differs: [...act.differs],
    asks: act.asks.map(({ id, title, type, codes }) => ({ id, title, type, codes: { ...codes } })),
    evidence: [...act.evidence],
  }));

export const passedOf = (rows: readonly ObligationRow[], names: ReadonlyMap<string, string>): z.input<typeof caseDetail>['passed'] =>
  rows.map(({ id, body, since, due }) => ({
    id,
    title: body.title,
    since,
    due,
    closedOn: body.closed?.on ?? null,
    daysLate: body.closed?.daysLate ?? 0,
    by: body.closed?.by ?? null,
    byName: names.get(body.closed?.by ?? '') ?? '',
    reason: body.closed?.reason ?? null,
  }));

/** The actor of an entry: who opened it or acted, else the machine. */
export function actorOfEntry({ event }: RowEntry): string {
  return event.type === 'acted' ? event.actor.user : event.type === 'caseOpened' ? event.birth.by : 'system';
}

export function historyOf(setting: Setting, type: string, entries: readonly RowEntry[], names: ReadonlyMap<string, string>) {
  return entries.map((one): z.input<typeof entry> => {
    const { number, event } = one;
    const by = actorOfEntry(one);
    const act = event.type === 'acted' && event.act.kind === 'step' ? event.act : null;
    const title = act === null ? null : setting.definition.cases?.[type]?.acts.find(({ id }) => id === act.act)?.title;
    const told = event.type === 'told' ? event.told : event.type === 'caseOpened' ? event.birth : null;
    return {
      number,
      at: event.at,
      type: event.type,
      title: title === undefined || title === null ? eventWord(event) : { zh: title, en: act?.act ?? title },
      event: told?.event ?? act?.act ?? null,
      values: { ...(told?.cause ?? act?.answer) },
      by,
      byName: names.get(by) ?? '',
      onBehalfOf: event.type === 'acted' ? event.actor.onBehalfOf : null,
    };
  });
}
