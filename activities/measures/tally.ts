import type { RowSet } from '../../domain/model/definition.js';
import type { UnitTallies } from '../../domain/model/event.js';
import type { LocalDate, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { ROW_COLUMNS } from '../../domain/rules/columns.js';
import { countRow } from '../../domain/rules/measures.js';
import type { Row, RowValue } from '../../domain/rules/values.js';
import type { Trx } from '../../store/connection.js';
import { answeredDuties } from '../../store/measures/answers.js';
import { isStored, rowGroups, unitTotals, type RowQuery, type UnitTotal } from '../../store/payments/row-sets.js';
import { answerCounts, columnsUsed, phaseOn, planCounts, type CountPass } from './plan.js';

type Sums = Record<string, Record<string, number>>;

/**
 * Counts per unit. Rows are grouped in the store by the columns that the expressions use, and an expression is evaluated once for each
 * combination. Village totals that no detail has replaced count as persons who have paid: each moves from what a count says of an unpaid row
 * to what it says of a paid one.
 */
export async function tallyCounts(trx: Trx, setting: Setting, needed: readonly string[], query: RowQuery): Promise<UnitTallies> {
  const sums: Sums = {};
  const passes = planCounts(setting.definition, needed);
  for (const pass of passes) await runPass(trx, setting, pass, query, sums);
  const overDues = passes.filter(({ over }) => over === 'dues').flatMap(({ counts }) => counts);
  if (overDues.length > 0) for (const total of await unitTotals(trx, query)) addTotal(setting, overDues, total, query.today, sums);
  const answers = answerCounts(setting.definition, needed);
  if (answers.length > 0) await addAnswers(trx, setting, answers, query, sums);
  return sums;
}

async function runPass(trx: Trx, setting: Setting, pass: CountPass, query: RowQuery, sums: Sums): Promise<void> {
  if (!isStored(pass.over)) return;
  const [phase, dated] = [pass.columns.includes('phase'), pass.over === 'payments'];
  const columns = pass.columns
    .filter((id) => id !== 'phase')
    .concat(phase && dated && !pass.columns.includes('happenedOn') ? ['happenedOn'] : []);
  const known = new Map<string, readonly number[]>();
  const phases = new Map<string, string>();
  const phaseOf = (day: LocalDate): string => {
    const found = phases.get(day) ?? phaseOn(setting, day);
    phases.set(day, found);
    return found;
  };
  for await (const group of rowGroups(trx, pass.over, columns, query)) {
    const row: Row = phase ? { ...group.row, phase: phaseOf(dated ? (group.row['happenedOn'] as LocalDate) : query.today) } : group.row;
    const key = JSON.stringify(pass.perUnit ? [group.unit, row] : row);
    let values = known.get(key);
    if (!values) {
      values = pass.counts.map((count) => countRow(count, { setting, unit: group.unit, today: query.today, row }));
      if (known.size < 100_000) known.set(key, values);
    }
    for (const [index, count] of pass.counts.entries()) add(sums, group.unit, count, (values[index] ?? 0) * group.n);
  }
}

function add(sums: Sums, unit: UnitId, count: string, value: number): void {
  const own = (sums[unit] ??= {});
  const sum = (own[count] ?? 0) + value;
  if (!Number.isSafeInteger(sum)) throw new RangeError(`count ${count} of ${unit} is beyond exact arithmetic`);
  own[count] = sum;
}

/** A row of a row set in which nothing is known; what is given replaces it. */
export function blankRow(over: RowSet, given: Readonly<Record<string, RowValue>>): Row {
  const row: Record<string, RowValue> = {};
  for (const [id, { type }] of Object.entries(ROW_COLUMNS[over]))
    row[id] = { text: '', count: 0, money: 0, percent: '0', date: null, month: '', yesno: false, texts: [] }[type];
  return { ...row, ...given };
}

function addTotal(setting: Setting, counts: readonly string[], total: UnitTotal, today: LocalDate, sums: Sums): void {
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
    add(sums, total.unit, count, (paid - unpaid) * (found.value === null ? total.persons : 1));
  }
}

/** Counts over a duty: the answers given to its obligations, by the day and moment they were given. */
async function addAnswers(trx: Trx, setting: Setting, counts: readonly string[], query: RowQuery, sums: Sums): Promise<void> {
  const duties = [...new Set(counts.map((id) => setting.definition.counts[id]?.over ?? ''))];
  for (const { duty, unit, body } of await answeredDuties(trx, query, duties)) {
    const parts = body.parts.filter(
      (part) => query.asOf === null || (part.on <= query.asOf.happenedBy && part.at < query.asOf.recordedBefore),
    );
    if (parts.length === 0) continue;
    const given: Record<string, RowValue> = {};
    for (const part of parts) Object.assign(given, part.answer);
    if (parts.some(({ nil }) => nil) && Object.keys(given).length === 0) continue;
    for (const count of counts)
      if (setting.definition.counts[count]?.over === duty)
        add(sums, unit, count, countRow(count, { setting, unit, today: query.today, row: given }));
  }
}
