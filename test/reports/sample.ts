import { parseDate, parseMoment } from '../../domain/calendar/dates.js';
import type { UnitId } from '../../domain/model/ids.js';
import { kindTitles, meaningsOf, sumUpwards, unitFigures, type UnitCount } from '../../activities/reports/figures.js';
import { apartKey } from '../../domain/rules/apart.js';
import type { MeasureMeaning, Progress } from '../../store/reports/model.js';
import type { Definition, Measure } from '../../domain/model/definition.js';
import { definitionOf } from '../support/campaign.js';

export const unitId = (text: string): UnitId => text as UnitId;

export const UNITS = [
  { id: unitId('u1'), level: 'town', path: '/u1/', name: '甲镇', from: null, to: null },
  { id: unitId('u2'), level: 'unit', path: '/u1/u2/', name: '东村', from: null, to: null },
  { id: unitId('u3'), level: 'unit', path: '/u1/u3/', name: '西<村>&', from: null, to: null },
];

export const MEANINGS: readonly MeasureMeaning[] = [
  {
    id: 'paidRate',
    title: '人数完成率',
    formula: '已缴人数 ÷ 任务·人数',
    show: 'percent',
    partTitle: '已缴人数',
    wholeTitle: '任务·人数',
    money: false,
    wholeMoney: false,
    perInsurance: false,
    clause: ['S4-06'],
    readings: ['A-05'],
  },
  {
    id: 'amountRate',
    title: '金额完成率',
    formula: '已缴金额 ÷ 任务·金额',
    show: 'percent',
    partTitle: '已缴金额',
    wholeTitle: '任务·金额',
    money: true,
    wholeMoney: true,
    perInsurance: false,
    clause: ['S4-10'],
    readings: [],
  },
];

export const measure = (id: string, part: string, whole: string): Measure => ({
  id,
  title: id,
  clause: [],
  readings: [],
  part,
  whole,
  per: null,
  show: 'percent',
});
const table = (outputs: readonly { id: string; type: string }[]): Definition['tables'][string] => ({
  id: 'task',
  title: '任务',
  clause: [],
  readings: [],
  inputs: [{ id: 'unit', type: 'text', from: null }],
  outputs: outputs.map((column) => ({ ...column, from: null })),
  rows: [],
  hit: { kind: 'one' },
  load: null,
  else: null,
  totals: {},
  deny: null,
  provisional: null,
});
/** The printed campaign of 2020, counting only what a test looks at. */
export const FIGURES: Definition = {
  ...definitionOf('lingcheng-2020.yaml'),
  counts: {
    paid: { id: 'paid', title: '已缴人数', clause: [], readings: [], over: 'dues', if: null, value: null },
    paidSum: { id: 'paidSum', title: '已缴金额', clause: [], readings: [], over: 'dues', if: null, value: 'row.amount' },
  },
  tables: {
    task: table([
      { id: 'payers', type: 'count' },
      { id: 'amount', type: 'money' },
    ]),
  },
  measures: { paidRate: measure('paidRate', 'paid', 'task.payers'), amountRate: measure('amountRate', 'paidSum', 'task.amount') },
};

export const count = (path: string, id: string, value: number): UnitCount => ({ path, count: id, value });

/** A town of two villages, 24,272 of 25,284 paid. */
export function sampleProgress(): Progress {
  const targets = [
    count('/u1/u2/', 'task.payers', 284),
    count('/u1/u3/', 'task.payers', 25000),
    count('/u1/u2/', 'task.amount', 284 * 30000),
    count('/u1/u3/', 'task.amount', 25000 * 30000),
  ];
  const tallies = [
    count('/u1/u2/', 'paid', 272),
    count('/u1/u3/', 'paid', 24000),
    count('/u1/u2/', 'paidSum', 272 * 30000),
    count('/u1/u3/', 'paidSum', 24000 * 30000),
  ];
  return {
    campaign: 'c1',
    title: '甲镇征缴',
    status: 'running',
    cutOff: { happenedBy: parseDate('2020-05-25'), recordedBefore: parseMoment('2020-05-25T18:00:00') },
    insurance: [],
    untold: [],
    measures: MEANINGS,
    phases: [],
    goals: [
      {
        key: 'm1',
        milestone: 'byMay30',
        title: '5月30日前达96%',
        unit: unitId('u1'),
        due: parseDate('2020-05-30'),
        daysLeft: 5,
        status: 'ahead',
        result: null,
        short: 1,
        measure: 'paidRate',
        threshold: '96%',
        clause: ['S4-07'],
      },
    ],
    points: [
      { duty: 'townPoints', title: '得分', unit: unitId('u1'), settled: null, best: 8, worst: 0, decisionNeeded: false, clause: [] },
    ],
    units: unitFigures(FIGURES, UNITS, sumUpwards(UNITS, [...tallies, ...targets]), (id, unit) => `/rows?measure=${id}&unit=${unit}`),
  };
}

/** The same town collecting for two kinds: 8 of 10 and 3 of 10 in one village, 2 of 10 and 9 of 10 in the other. */
export function twoKinds(): Progress {
  const definition: Definition = {
    ...FIGURES,
    insurance: ['pension', 'medical'],
    counts: {
      ...FIGURES.counts,
      listed: { id: 'listed', title: '清册人数', clause: [], readings: [], over: 'dues', if: null, value: null },
    },
    measures: { paidRate: { ...measure('paidRate', 'paid', 'listed'), title: '缴费率', per: 'insurance' } },
  };
  const of = (path: string, kind: string, paid: number) => [
    count(path, apartKey('paid', kind), paid),
    count(path, apartKey('listed', kind), 10),
  ];
  const counts = [
    ...of('/u1/u2/', 'pension', 8),
    ...of('/u1/u2/', 'medical', 3),
    ...of('/u1/u3/', 'pension', 2),
    ...of('/u1/u3/', 'medical', 9),
  ];
  return {
    ...sampleProgress(),
    goals: [],
    insurance: kindTitles(definition),
    measures: meaningsOf(definition),
    units: unitFigures(
      definition,
      UNITS,
      sumUpwards(UNITS, counts),
      (id, unit, kind) => `/rows?measure=${id}&unit=${unit}&insurance=${kind}`,
    ),
  };
}
