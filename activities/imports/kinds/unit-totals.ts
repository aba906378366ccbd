import type { LocalDate } from '../../../domain/model/ids.js';
import { lockMoney } from '../../../store/payments/merge.js';
import { enterTotals, totalDifferences, type TotalRow } from '../../../store/payments/totals.js';
import { refreshTallies } from '../../measures/keep-tallies.js';
import { requireCampaign, type ImportWork, type KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { findUnit, insuranceOf, MOST_LISTED, numberOf, problem, textOf } from './lookup.js';

/** Village totals by day, before the detail exists: they count as paid until the detail of the day replaces them. */
export async function importUnitTotals(work: ImportWork): Promise<KindOutcome> {
  const campaign = requireCampaign(work.campaign);
  const { request } = work;
  const { trx } = work.session;
  const errors: RowProblem[] = [];
  const rows: TotalRow[] = [];
  const seen = new Set<string>();
  let read = 0;
  for await (const record of work.records) {
    read += 1;
    const made = totalRow(work, record);
    if ('problems' in made) errors.push(...made.problems);
    else {
      const key = `${made.unit}|${made.insurance}|${made.on}`;
      if (seen.has(key)) errors.push(problem(work, record, 'unit', 'twice-in-file'));
      else rows.push(made);
      seen.add(key);
    }
  }
  const sums = work.finish();
  await lockMoney(trx, request.county, campaign.process);
  const { entered } = await enterTotals(
    trx,
    { county: request.county, process: campaign.process, at: request.now, by: request.actor.user },
    rows,
  );
  await refreshTallies(trx, { county: request.county, process: campaign.process, setting: campaign.setting, today: work.today }, [
    ...new Set(entered.map(({ unit }) => unit)),
  ]);
  const differences = await totalDifferences(trx, request.county, campaign.process, entered);
  const bad = new Set(errors.map(({ line }) => line)).size;
  return {
    read,
    kept: entered.length,
    known: rows.length - entered.length,
    bad,
    sums,
    errors: errors.slice(0, MOST_LISTED),
    detail: { kind: 'unitTotals', entered: entered.length, differences },
  };
}

function totalRow(work: ImportWork, record: TableRecord): TotalRow | { readonly problems: readonly RowProblem[] } {
  const problems: RowProblem[] = [...record.problems];
  const text = textOf(record, 'unit') ?? '';
  const found = findUnit(work.units, text);
  if (record.problems.length === 0 && 'problem' in found) problems.push(problem(work, record, 'unit', found.problem, { unit: text }));
  const insurance = insuranceOf(requireCampaign(work.campaign).setting.definition, textOf(record, 'insurance'));
  if (insurance === null)
    problems.push(problem(work, record, 'insurance', 'unknown-insurance', { insurance: textOf(record, 'insurance') ?? '' }));
  const [on, persons, amount] = [textOf(record, 'on'), numberOf(record, 'persons'), numberOf(record, 'amount')];
  if (on === null && record.problems.length === 0) problems.push(problem(work, record, 'on', 'empty-cell'));
  if (problems.length > 0 || 'problem' in found || insurance === null || on === null || persons === null || amount === null)
    return { problems };
  return { line: record.line, unit: found.unit.id, insurance, on: on as LocalDate, persons, amount };
}
