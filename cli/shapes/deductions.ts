import { z } from 'zod';
import { bothTexts } from '../texts.js';

/* What the API says of deductions, as far as the command prints it. */

const counters = { sent: z.number(), succeeded: z.number(), failed: z.number(), unknown: z.number(), pending: z.number() };
const figures = { ...counters, amount: z.number(), taken: z.number(), late: z.number(), lateTaken: z.number() };
const counts = z.record(z.string(), z.number());
export const problem = z.object({
  line: z.number().nullable(),
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  zh: z.string(),
  en: z.string(),
  doZh: z.string(),
  doEn: z.string(),
});
export type Problem = z.infer<typeof problem>;

const result = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('made'),
    round: z.number(),
    batches: z.array(z.object({ id: z.string(), lines: z.number(), amount: z.number(), file: z.string() })),
    leftOut: counts,
    unwritable: z.array(
      z.object({
        due: z.string(),
        code: z.string(),
        column: z.string().nullable(),
        params: z.record(z.string(), z.union([z.string(), z.number()])),
      }),
    ),
  }),
  z.object({ kind: z.literal('refused'), code: z.string(), zh: z.string(), en: z.string(), counts }),
  z.object({ kind: z.literal('staged'), lines: z.number() }),
  z.object({
    kind: z.literal('posted'),
    batch: z.string(),
    same: z.boolean(),
    lines: z.number(),
    verdicts: counts,
    outcomes: counts,
    taken: z.number(),
    refunds: z.number(),
    counters: z.object(counters),
    notices: counts,
  }),
]);
export type Result = z.infer<typeof result>;

export const ordered = z.object({ order: z.string(), status: z.string().optional() });
export const orderShown = z.object({
  id: z.string(),
  status: z.string(),
  lines: z.number(),
  progress: z.object({ step: z.string(), done: z.number(), total: z.number() }).nullable(),
  result: result.nullable(),
  problems: z.array(problem),
});
export const returned = z.object({
  order: z.string().nullable(),
  known: z.boolean(),
  before: z.object({ file: z.string(), at: z.string(), batch: z.string().nullable(), status: z.string() }).nullable(),
  preview: result.nullable(),
  problems: z.array(problem),
});
export type Returned = z.infer<typeof returned>;

export const deductionStatus = z.object({
  title: z.string(),
  stopped: z
    .object({
      since: z.string(),
      difference: z
        .object({
          order: z.string(),
          batch: z.string(),
          counter: z.string(),
          expected: z.number(),
          found: z.number(),
          difference: z.number(),
        })
        .nullable(),
    })
    .nullable(),
  batches: z.array(
    z.object({
      id: z.string(),
      round: z.number(),
      status: z.string(),
      file: z.string(),
      figures: z.object(figures),
      awaited: z.number(),
    }),
  ),
  orders: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      status: z.string(),
      at: z.string(),
      batch: z.string().nullable(),
      file: z.string().nullable(),
      result: result.nullable(),
    }),
  ),
  failing: z.array(z.object({ order: z.string(), cause: z.string(), attempt: z.number() })),
});
export type DeductionStatus = z.infer<typeof deductionStatus>;

export const failures = z.object({
  outcomes: z.array(z.object({ outcome: z.string(), title: z.string(), standing: z.string(), persons: z.number(), amount: z.number() })),
  units: z.array(z.object({ ...figures, unitName: z.string() })),
});
export type Failures = z.infer<typeof failures>;
export const deductions = z.object({
  items: z.array(z.object({ id: z.string(), titles: z.record(z.string(), z.string()), outcomes: z.record(z.string(), z.string()) })),
});

export const plan = z.object({
  round: z.number(),
  period: z.string(),
  items: z.array(z.object({ verdict: z.string(), title: bothTexts, persons: z.number(), amount: z.number() })),
});
export const openLine = z.object({
  batch: z.string(),
  line: z.number(),
  due: z.string(),
  name: z.string(),
  idNumber: z.string().nullable(),
  unitName: z.string(),
  amount: z.number(),
  deposited: z.number(),
  margin: z.number(),
  toDeposit: z.number(),
  owedBack: z.boolean(),
  standing: z.string(),
  outcome: z.string().nullable(),
  outcomeTitle: z.string().nullable(),
  code: z.string().nullable(),
});
export const settlements = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      subject: z.string(),
      unitName: z.string(),
      name: z.string(),
      amount: z.number(),
      stands: z.string(),
      said: z.string().nullable(),
      saidTitle: z.string().nullable(),
    }),
  ),
  proposed: z.array(
    z.object({
      decision: z.string(),
      kind: z.string(),
      subject: z.string(),
      unitName: z.string(),
      name: z.string(),
      amount: z.number(),
      standing: z.string(),
      said: z.string().nullable(),
      saidTitle: z.string().nullable(),
      choice: z.string(),
      choiceTitle: z.string(),
      reason: z.string(),
      evidence: z.array(
        z.object({
          paper: z.string(),
          title: z.string(),
          fields: z.array(z.object({ title: z.string(), type: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })),
        }),
      ),
      byName: z.string(),
      at: z.string(),
    }),
  ),
});
export type Settlements = z.infer<typeof settlements>;
