import type { RowSet } from '../../domain/model/definition.js';
import type { UnitTallies } from '../../domain/model/event.js';
import type { LocalDate, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Obligation } from '../../domain/model/state.js';
import { ROW_COLUMNS } from '../../domain/rules/columns.js';
import { countRow } from '../../domain/rules/measures.js';
import type { Row, RowValue } from '../../domain/rules/values.js';
import type { Trx } from '../../store/connection.js';
import { answeredDuties, type AnsweredDuty } from '../../store/measures/answers.js';
import { isStored, rowGroups, unitTotals, type RowQuery, type UnitTotal } from '../../store/payments/row-sets.js';
import { apartKey } from '../../domain/rules/apart.js';
import { rowsStanding, type RowsAlike } from '../../store/rows/counts.js';
import { answerCounts, caseColumns, columnsUsed, phaseOn, planCounts, rowCounts, type CountPass } from './plan.js';

type Sums = Record<string, Record<string, number>>;

export interface TallyAsked {
  readonly counts: readonly string[];
  /** Of these also one figure for each insurance kind, under `apartKey`. */
  readonly apart?: ReadonlySet<string>;
  /** Answered obligations as they were then; absent: as they stand. */
  readonly answered?: readonly AnsweredDuty[];
}

/**
 * Counts per unit. Rows are grouped in the store by the columns that the expressions use, and an expression is evaluated once for each
 * combination. Village totals that no detail has replaced count as persons who have paid: each moves from what a count says of an unpaid row
 * to what it says of a paid one.
 */
export async function tallyCounts(trx: Trx, setting: Setting, asked: TallyAsked, query: RowQuery): Promise<UnitTallies> {
  const into = new Tally(asked.apart ?? new Set());
  const passes = planCounts(setting.definition, asked.counts);
  for (const pass of passes) await runPass(trx, setting, pass, query, into);
  const overDues = passes.filter(({ over }) => over === 'dues').flatMap(({ counts }) => counts);
  if (overDues.length > 0) for (const total of await unitTotals(trx, query)) addTotal(setting, overDues, total, query.today, into);
  const answers = answerCounts(setting.definition, asked.counts);
  if (answers.length > 0) await addAnswers(trx, setting, answers, query, into, asked.answered);
  const ofRows = rowCounts(setting.definition, asked.counts);
  if (ofRows.length > 0) await addRows(trx, setting, ofRows, query, into);
  return into.sums;
}

class Tally {
  readonly sums: Sums = {};

  constructor(readonly apart: ReadonlySet<string>) {}

  /** `insurance` of the rows; null when they belong to no kind. */
  add(unit: UnitId, count: string, value: number, insurance: string | null): void {
    this.#add(unit, count, value);
    if (insurance !== null && this.apart.has(count)) this.#add(unit, apartKey(count, insurance), value);
  }

  #add(unit: UnitId, count: string, value: number): void {
    const own = (this.sums[unit] ??= {});
    const sum = (own[count] ?? 0) + value;
    if (!Number.isSafeInteger(sum)) throw new RangeError(`count ${count} of ${unit} is beyond exact arithmetic`);
    own[count] = sum;
  }
}

async function runPass(trx: Trx, setting: Setting, pass: CountPass, query: RowQuery, into: Tally): Promise<void> {
  if (!isStored(pass.over)) return;
  const [phase, dated] = [pass.columns.includes('phase'), pass.over === 'payments'];
  const wanted = new Set(pass.columns.filter((id) => id !== 'phase'));
  if (phase && dated) wanted.add('happenedOn');
  if (pass.counts.some((count) => into.apart.has(count))) wanted.add('insurance');
  const known = new Map<string, readonly number[]>();
  const phases = new Map<string, string>();
  const phaseOf = (day: LocalDate): string => {
    const found = phases.get(day) ?? phaseOn(setting, day);
    phases.set(day, found);
    return found;
  };
  for await (const group of rowGroups(trx, pass.over, [...wanted], query)) {
    const row: Row = phase ? { ...group.row, phase: phaseOf(dated ? (group.row['happenedOn'] as LocalDate) : query.today) } : group.row;
    const key = JSON.stringify(pass.perUnit ? [group.unit, row] : row);
    let values = known.get(key);
    if (!values) {
      values = pass.counts.map((count) => countRow(count, { setting, unit: group.unit, today: query.today, row }));
      if (known.size < 100_000) known.set(key, values);
    }
    const { insurance } = group.row;
    const kind = typeof insurance === 'string' ? insurance : null;
    for (const [index, count] of pass.counts.entries()) into.add(group.unit, count, (values[index] ?? 0) * group.n, kind);
  }
}

/** A row of a row set in which nothing is known; what is given replaces it. */
export function blankRow(over: RowSet, given: Readonly<Record<string, RowValue>>): Row {
  const row: Record<string, RowValue> = {};
  for (const [id, { type }] of Object.entries(ROW_COLUMNS[over]))
    row[id] = { text: '', count: 0, money: 0, percent: '0', date: null, month: '', yesno: false, texts: [] }[type];
  return { ...row, ...given };
}

function addTotal(setting: Setting, counts: readonly string[], total: UnitTotal, today: LocalDate, into: Tally): void {
  const { definition } = setting;
  const base = {
    unit: total.unit,
    insurance: total.insurance,
    year: setting.year,
    phase: phaseOn(setting, today),
    amount: total.amount,
    tier: total.amount,
  };
  const scope = { setting, unit: total.unit, today };
  for (const count of counts) {
    const found = definition.counts[count];
    const born = found !== undefined && [...columnsUsed(definition, 'dues', [found.if, found.value]).columns].includes('born');
    // A total says nothing about single persons: a count by birthday waits for the detail.
    if (!found || born) continue;
    const paid = countRow(count, {
      ...scope,
      row: blankRow('dues', { ...base, arrived: true, collected: true, alreadyPaid: true, arrivedOn: today, yearSum: total.amount }),
    });
    const unpaid = total.dues === 0 ? 0 : countRow(count, { ...scope, row: blankRow('dues', base) });
    into.add(total.unit, count, (paid - unpaid) * (found.value === null ? total.persons : 1), total.insurance);
  }
}

/** Counts over a duty about persons or a kind of case: how many rows stand how, each kind judged once. */
async function addRows(trx: Trx, setting: Setting, counts: readonly string[], query: RowQuery, into: Tally): Promise<void> {
  for (const [over, own] of caseColumns(setting.definition, counts))
    for (const alike of await rowsStanding(trx, query, over, own.columns)) addAlike(setting, own.counts, alike, query.today, into);
}

function addAlike(setting: Setting, counts: readonly string[], alike: RowsAlike, today: LocalDate, into: Tally): void {
  const { unit, insurance, status, late, state, values, rows } = alike;
  const owed = status === 'open' || status === 'waiting' || status === 'beforeLaunch';
  const row = {
    open: owed,
    late: owed && late,
    checking: status === 'checking',
    done: status === 'done',
    doneLate: status === 'done' && late,
    waived: status === 'waived',
    notOwed: status === 'notApplicable' || status === 'withdrawn',
    state,
    ...values,
  };
  for (const count of counts) into.add(unit, count, countRow(count, { setting, unit, today, row }) * rows, insurance);
}

/** Counts over a duty: the answers given to its obligations, by the day and moment they were given. */
async function addAnswers(
  trx: Trx,
  setting: Setting,
  counts: readonly string[],
  query: RowQuery,
  into: Tally,
  answered: readonly AnsweredDuty[] | undefined,
): Promise<void> {
  const duties = new Set(counts.map((id) => setting.definition.counts[id]?.over ?? ''));
  for (const { duty, unit, body } of answered ?? (await answeredDuties(trx, query, [...duties]))) {
    if (!duties.has(duty)) continue;
    const given = answerOf(body, query.asOf);
    if (given === null) continue;
    for (const count of counts)
      if (setting.definition.counts[count]?.over === duty)
        into.add(unit, count, countRow(count, { setting, unit, today: query.today, row: given }), body.insurance);
  }
}

/** What all parts of an obligation have answered by a day and moment (null: so far); null when that is nothing, or only 'none'. */
export function answerOf({ parts }: Pick<Obligation, 'parts'>, asOf: RowQuery['asOf']): Readonly<Record<string, RowValue>> | null {
  const then = parts.filter((part) => asOf === null || (part.on <= asOf.happenedBy && part.at < asOf.recordedBefore));
  if (then.length === 0) return null;
  const given: Record<string, RowValue> = {};
  for (const part of then) Object.assign(given, part.answer);
  return then.some(({ nil }) => nil) && Object.keys(given).length === 0 ? null : given;
}
