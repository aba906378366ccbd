import { z } from 'zod';

/* What the reports answer with. Money is whole fen; `shown` is for display only. */

const strings = z.array(z.string());
const cutOff = z
  .strictObject({ happenedBy: z.string(), recordedBefore: z.string() })
  .meta({ id: 'CutOff', description: '发生日与入账时刻 happened by, recorded before' });

const meaning = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    formula: z.string(),
    show: z.enum(['percent', 'yuan', 'count']),
    partTitle: z.string(),
    wholeTitle: z.string().nullable(),
    money: z.boolean().meta({ description: 'part 以分计 part is fen' }),
    wholeMoney: z.boolean().meta({ description: 'whole 以分计 whole is fen' }),
    perInsurance: z.boolean().meta({ description: '按险种分列 given for each insurance kind' }),
    clause: strings.readonly(),
    readings: strings.readonly(),
  })
  .meta({ id: 'MeasureMeaning' });

const figure = z
  .strictObject({
    measure: z.string(),
    insurance: z.string().nullable().meta({ description: '险种；null 为全部 insurance kind, null = all' }),
    part: z.int(),
    whole: z.int().nullable(),
    shown: z.string(),
    rows: z.string().meta({ description: '明细地址 where the rows behind it are listed' }),
  })
  .meta({ id: 'Figure' });

const unitFigures = z
  .strictObject({
    unit: z.string(),
    name: z.string(),
    level: z.string(),
    path: z.string(),
    above: z.string().nullable(),
    figures: z.array(figure).readonly(),
  })
  .meta({ id: 'UnitFigures' });

const head = {
  campaign: z.string(),
  title: z.string(),
  status: z.string(),
  cutOff,
  insurance: z
    .array(z.strictObject({ id: z.string(), title: z.string() }))
    .readonly()
    .meta({ description: '分列的险种 insurance kinds told apart' }),
  untold: z
    .array(z.strictObject({ id: z.string(), title: z.string() }))
    .readonly()
    .meta({ description: '截至该日无法准确还原、因而未列的内容 what cannot be told exactly as of the day' }),
  measures: z.array(meaning).readonly(),
};

export const progressSchema = z
  .strictObject({
    ...head,
    phases: z
      .array(
        z.strictObject({ phase: z.string(), title: z.string(), from: z.string(), to: z.string().nullable(), daysLeft: z.int().nullable() }),
      )
      .readonly(),
    goals: z
      .array(
        z.strictObject({
          key: z.string(),
          milestone: z.string(),
          title: z.string(),
          unit: z.string(),
          due: z.string(),
          daysLeft: z.int(),
          status: z.string(),
          result: z.enum(['met', 'missed', 'open']).nullable(),
          short: z.int().nullable().meta({ description: '现还差多少（人数，或分） how many, or fen, are missing now' }),
          measure: z.string().nullable(),
          threshold: z.string().nullable(),
          clause: strings.readonly(),
        }),
      )
      .readonly(),
    points: z
      .array(
        z.strictObject({
          duty: z.string(),
          title: z.string(),
          unit: z.string(),
          settled: z.number().nullable(),
          best: z.number().nullable(),
          worst: z.number().nullable(),
          decisionNeeded: z.boolean(),
          clause: strings.readonly(),
        }),
      )
      .readonly(),
    units: z.array(unitFigures).readonly(),
  })
  .meta({ id: 'Progress' });

export const dailySchema = z
  .strictObject({
    campaign: z.string(),
    title: z.string(),
    cutOff,
    arrivedToday: z.strictObject({
      payments: z.int(),
      amount: z.int(),
      kinds: z.array(z.strictObject({ insurance: z.string(), payments: z.int(), amount: z.int() })).readonly(),
    }),
    late: z.int(),
    open: z.int(),
    text: z.strictObject({ zh: z.string(), en: z.string() }),
    progress: progressSchema,
  })
  .meta({ id: 'Daily' });

const cell = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('figure'), show: z.string(), figure }),
  z.strictObject({
    kind: z.literal('milestone'),
    show: z.string(),
    result: z.string().nullable(),
    due: z.string().nullable(),
    shown: z.string(),
  }),
  z.strictObject({
    kind: z.literal('duty'),
    show: z.string(),
    open: z.int(),
    late: z.int(),
    done: z.int(),
    daysLate: z.int(),
    shown: z.string(),
  }),
  z.strictObject({
    kind: z.literal('paper'),
    show: z.string(),
    given: z.int(),
    asked: z.int(),
    last: z.string().nullable(),
    shown: z.string(),
  }),
  z.strictObject({ kind: z.literal('untold'), show: z.string(), shown: z.string() }),
]);

const issue = z
  .strictObject({
    number: z.int().meta({ description: '第几期 counted from 1' }),
    obligation: z.string(),
    at: z.string(),
    by: z.string(),
    digest: z
      .string()
      .meta({ description: '印发全文的 SHA-256，县审计链也记有 SHA-256 of the whole as issued; the audit chain holds it too' }),
  })
  .meta({ id: 'Issue' });
export const issuesSchema = z.strictObject({ items: z.array(issue) }).meta({ id: 'Issues' });

export const bulletinSchema = z
  .strictObject({
    ...head,
    report: z.string(),
    issue: issue.nullable().meta({ description: 'null 为现时数字 null = figures that are not an issue' }),
    reportTitle: z.string(),
    clause: strings.readonly(),
    columns: z.array(z.strictObject({ id: z.string(), title: z.string() })).readonly(),
    rows: z
      .array(
        z.strictObject({
          unit: z.string(),
          name: z.string(),
          insurance: z.string().nullable(),
          rank: z.int().meta({ description: '同一险种内的名次 among the lines of one kind' }),
          cells: z.array(cell).readonly(),
          flags: strings.readonly(),
        }),
      )
      .readonly(),
    total: unitFigures.nullable(),
    chainHeads: z
      .array(z.strictObject({ chain: z.string(), seq: z.int(), at: z.string(), hash: z.string() }))
      .readonly()
      .meta({ description: '审计链末条 newest links of the audit chains' }),
  })
  .meta({ id: 'Bulletin' });

const lines = { meaning, cutOff, next: z.string().nullable() };

export const rowsSchema = z
  .discriminatedUnion('of', [
    z.strictObject({
      ...lines,
      of: z.literal('dues'),
      items: z
        .array(
          z.strictObject({
            due: z.string(),
            unit: z.string(),
            insurance: z.string(),
            amount: z.int(),
            governmentPaid: z.int(),
            arrived: z.int(),
            collected: z.int(),
            arrivedOn: z.string().nullable(),
          }),
        )
        .readonly(),
    }),
    z.strictObject({
      ...lines,
      of: z.literal('payments'),
      items: z
        .array(
          z.strictObject({
            payment: z.string(),
            unit: z.string(),
            insurance: z.string(),
            kind: z.enum(['collected', 'remitted', 'arrived', 'reversal']),
            amount: z.int(),
            happenedOn: z.string(),
            recordedAt: z.string(),
          }),
        )
        .readonly(),
    }),
    z.strictObject({
      ...lines,
      of: z.literal('answers'),
      items: z
        .array(
          z.strictObject({
            obligation: z.string(),
            unit: z.string(),
            insurance: z.string().nullable(),
            on: z.string(),
            values: z.record(z.string(), z.number()),
          }),
        )
        .readonly(),
    }),
  ])
  .meta({ id: 'FigureRows', description: '应缴、到账或答复，视指标所数而定 dues, payments or answers, whichever the figure counts' });
