import { z } from 'zod';
import { LEFT_OUT } from '../../domain/deduction/round.js';
import { tellReturnProblem, type ReturnProblem } from '../../domain/deduction/problems.js';
import { PROGRESS_STEPS, type OrderResult } from '../../domain/deduction/order.js';
import type { Setting } from '../../domain/model/setting.js';
import type { EvidenceGiven } from '../../domain/model/state.js';
import type { listOrders } from '../../store/lists/deductions.js';
import { elementId, processId, values, fen } from '../http/shapes.js';
import type { both } from '../http/words.js';

export const cycleParams = { campaign: processId, deduction: elementId };
export const orderId = z.string().regex(/^w\d{1,15}$/);
export const batchId = z.string().regex(/^b\d{1,15}$/);
export const decisionId = z.string().regex(/^e\d{1,15}$/);
export const roundNumber = z.coerce.number().int().min(1).max(100_000);
const count = z.record(z.string(), z.int());

/** `sent = succeeded + failed + unknown + pending`. */
export const countersSchema = z
  .strictObject({ sent: z.int(), succeeded: z.int(), failed: z.int(), unknown: z.int(), pending: z.int() })
  .meta({ id: 'DeductionCounters' });
export const figuresSchema = countersSchema
  .extend({
    amount: fen,
    taken: fen,
    late: z.int().meta({ description: '失败后又扣款成功 successes after a definite failure' }),
    lateTaken: fen.meta({ description: '失败后又扣成的金额，不在 taken 之内 taken after a failure, not within taken' }),
  })
  .meta({ id: 'DeductionFigures' });

export const returnProblemSchema = z
  .strictObject({
    line: z.int().nullable(),
    code: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    zh: z.string(),
    en: z.string(),
    doZh: z.string().meta({ description: '下一步 what to do next' }),
    doEn: z.string(),
  })
  .meta({ id: 'ReturnProblem' });
export const showProblem = (problem: ReturnProblem): z.input<typeof returnProblemSchema> => ({
  ...problem,
  params: { ...problem.params },
  ...tellReturnProblem(problem),
});

const madeSchema = z.strictObject({
  kind: z.literal('made'),
  round: z.int(),
  period: z.string(),
  batches: z.array(z.strictObject({ id: z.string(), lines: z.int(), amount: fen, file: z.string(), digest: z.string() })),
  leftOut: count,
  unwritable: z.array(
    z.strictObject({
      due: z.string(),
      code: z.string(),
      column: z.string().nullable(),
      params: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
});
const refusedSchema = z.strictObject({
  kind: z.literal('refused'),
  code: z.string(),
  zh: z.string(),
  en: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  counts: count,
});
const stagedSchema = z.strictObject({ kind: z.literal('staged'), lines: z.int(), notices: count });
const postedSchema = z.strictObject({
  kind: z.literal('posted'),
  batch: z.string(),
  round: z.int(),
  same: z.boolean().meta({ description: '同一内容已入账，无变化 posted before: nothing was done' }),
  lines: z.int(),
  verdicts: count,
  outcomes: count,
  taken: fen,
  refunds: fen,
  opened: z.int(),
  counters: countersSchema,
  notices: count,
});
export const resultSchema = z
  .discriminatedUnion('kind', [madeSchema, refusedSchema, stagedSchema, postedSchema])
  .meta({ id: 'DeductionResult' });
export const showResult = (result: OrderResult): z.input<typeof resultSchema> => {
  switch (result.kind) {
    case 'made':
      return {
        ...result,
        batches: result.batches.map((batch) => ({ ...batch })),
        unwritable: result.unwritable.map(({ params, ...one }) => ({ ...one, params: { ...params } })),
      };
    case 'refused':
    case 'staged':
    case 'posted':
      return { ...result };
    default: {
      const never: never = result;
      return never;
    }
  }
};

export const orderStatus = z.enum(['proposed', 'waiting', 'working', 'staged', 'posted', 'done', 'refused', 'dropped']);

export const orderSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['make', 'return']),
    status: orderStatus,
    batch: z.string().nullable(),
    file: z.string().nullable(),
    lines: z.int().meta({ description: '已读或已制作的行数 lines read or made so far' }),
    progress: z
      .strictObject({ step: z.enum(PROGRESS_STEPS), done: z.int(), total: z.int() })
      .nullable()
      .meta({ description: '正在做哪一步，第几行 what is being done, line done of total; null = nothing is under way' }),
    result: resultSchema.nullable(),
    at: z.string(),
    by: z.string(),
    confirmedBy: z.string().nullable(),
  })
  .meta({ id: 'DeductionOrder' });
export const showOrder = ({
  result,
  step,
  done,
  total,
  ...order
}: Awaited<ReturnType<typeof listOrders>>[number]): z.input<typeof orderSchema> => ({
  ...order,
  progress: step === null || done === null || total === null ? null : { step, done, total },
  result: result === null ? null : showResult(result),
});

/** Why somebody is not in a round, in words; `in` = is in it. */
export const verdictWord = (verdict: string): z.input<typeof both> => {
  const words = Object.entries(LEFT_OUT).find(([code]) => code === verdict)?.[1];
  return words === undefined ? { zh: '列入本轮', en: 'is in the round' } : { zh: words[0], en: words[1] };
};

/** A paper with its fields, given for how a line is settled. */
export const paperGiven = z.strictObject({ paper: elementId, fields: values });

/** A paper that was given, with the names that the definition gives it and its fields; money in fen. */
export const paperShown = z
  .strictObject({
    paper: z.string(),
    title: z.string(),
    fields: z.array(
      z.strictObject({ id: z.string(), title: z.string(), type: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) }),
    ),
  })
  .meta({ id: 'DeductionPaper' });
export function showPaper({ definition }: Setting, { paper, fields }: EvidenceGiven): z.input<typeof paperShown> {
  const known = definition.papers[paper];
  const field = (id: string) => known?.fields.find((one) => one.id === id);
  return {
    paper,
    title: known?.title ?? paper,
    fields: Object.entries(fields).map(([id, value]) => ({ id, title: field(id)?.title ?? id, type: field(id)?.type ?? 'text', value })),
  };
}

/** What is kept of a stop: the difference as it was found. */
const stopKept = z.object({
  order: z.string(),
  batch: z.string(),
  counter: z.enum(['sent', 'succeeded', 'failed', 'unknown', 'pending']),
  expected: z.int(),
  found: z.int(),
});
export const stoppedSchema = z
  .strictObject({
    since: z.string(),
    difference: stopKept
      .strict()
      .extend({ difference: z.int().meta({ description: 'found - expected' }) })
      .nullable()
      .meta({
        description:
          '哪个批次的哪个数，应为、实为、差几行；不给只看本单位的人 lines of a batch; null for who sees only part of the campaign',
      }),
  })
  .meta({ id: 'DeductionStopped' });
/** Why a cycle stands still; its figures are the county's, so they are for who sees orders. */
export function showStop(
  stop: { readonly at: string; readonly detail: unknown } | null,
  seesOrders: boolean,
): z.input<typeof stoppedSchema> | null {
  if (stop === null) return null;
  const kept = seesOrders ? stopKept.safeParse(stop.detail) : null;
  return {
    since: stop.at,
    difference: kept?.success === true ? { ...kept.data, difference: kept.data.found - kept.data.expected } : null,
  };
}
