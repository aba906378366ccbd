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
    money: z.boolean().meta({ description: 'part 和 whole 以分计 part and whole are fen' }),
    clause: strings.readonly(),
    readings: strings.readonly(),
  })
  .meta({ id: 'MeasureMeaning' });

const figure = z
  .strictObject({
    measure: z.string(),
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
    arrivedToday: z.strictObject({ payments: z.int(), amount: z.int() }),
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
]);

export const bulletinSchema = z
  .strictObject({
    ...head,
    report: z.string(),
    reportTitle: z.string(),
    clause: strings.readonly(),
    columns: z.array(z.strictObject({ id: z.string(), title: z.string() })).readonly(),
    rows: z
      .array(
        z.strictObject({ unit: z.string(), name: z.string(), rank: z.int(), cells: z.array(cell).readonly(), flags: strings.readonly() }),
      )
      .readonly(),
    total: unitFigures.nullable(),
    chainHeads: z
      .array(z.strictObject({ chain: z.string(), seq: z.int(), at: z.string(), hash: z.string() }))
      .readonly()
      .meta({ description: '审计链末条 newest links of the audit chains' }),
  })
  .meta({ id: 'Bulletin' });

export const rowsSchema = z
  .strictObject({
    meaning,
    cutOff,
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
    next: z.string().nullable(),
  })
  .meta({ id: 'FigureRows' });
