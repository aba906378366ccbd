import type { UnitFact } from '../../../domain/model/event.js';
import type { Definition } from '../../../domain/model/definition.js';
import type { LocalDate, UnitId } from '../../../domain/model/ids.js';
import { ACTIVITY_ROWS } from '../../../domain/rules/columns.js';
import { checkRules } from '../../../domain/rules/check-rules.js';
import { appendFacts, tellTouched } from '../../../store/inbox.js';
import type { CopyValue } from '../../../store/imports/copy-text.js';
import { keepStagedProblems, stagedProblems } from '../../../store/imports/staged-problems.js';
import { bookPayments, lockMoney, matchPayments, sumsForFacts, unitsPaid, type MergeSetting } from '../../../store/payments/merge.js';
import { markPaying, payingGroups, type RowQuery } from '../../../store/payments/row-sets.js';
import { stagePayments, STAGED_PAYMENT } from '../../../store/payments/staging.js';
import { replaceTotals } from '../../../store/payments/totals.js';
import type { Trx } from '../../../store/connection.js';
import { refreshTallies } from '../../measures/keep-tallies.js';
import { columnsUsed, phaseOn } from '../../measures/plan.js';
import { blankRow } from '../../measures/tally.js';
import { squeeze } from '../cell.js';
import { requireCampaign, type CampaignContext, type ImportWork, type KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { findUnit, insuranceOf, MOST_LISTED, numberOf, problem, textOf } from './lookup.js';

/**
 * Payments. Only what cannot be read is a bad row; what can be read and breaks a rule is money that has moved, so it is booked to suspense with its
 * reason. The same payment again, in this file or another, has no second effect. Everything is booked in one transaction with the figures of
 * the units it touches and the facts that the campaign is told.
 */
export async function importPayments(work: ImportWork): Promise<KindOutcome> {
  const campaign = requireCampaign(work.campaign);
  const { county, profile, now, actor } = work.request;
  const { trx } = work.session;
  const rows = async function* (): AsyncGenerator<readonly CopyValue[]> {
    for await (const record of work.records) yield staged(work, campaign.setting.definition, record);
  };
  const read = await stagePayments(work.session, rows());
  const sums = work.finish();
  const { definition } = campaign.setting;
  const merge: MergeSetting = {
    county,
    process: campaign.process,
    importId: work.importId,
    source: profile.source,
    now,
    by: actor.user,
    firstDay: null,
    lastDay: definition.to,
    cumulative: profile.mode === 'cumulative',
  };
  await lockMoney(trx, county, campaign.process);
  const { known } = await matchPayments(trx, merge);
  await applyRules(trx, campaign, { county, process: campaign.process, asOf: null, today: work.today, units: null });
  const booked = await bookPayments(trx, merge);
  const differences = await replaceTotals(trx, county, campaign.process, now, merge.cumulative);
  await refreshTallies(trx, { county, process: campaign.process, setting: campaign.setting, today: work.today }, [
    ...new Set([...(await unitsPaid(trx)), ...differences.map(({ unit }) => unit)]),
  ]);
  const { bad, first } = await stagedProblems<RowProblem>(trx, MOST_LISTED);
  await keepStagedProblems(trx, county, work.importId);
  await appendFacts(trx, county, campaign.process, await factsOf(trx, county), now);
  await tellTouched(trx, county, now);
  return { read, kept: read - bad - known, known, bad, sums, errors: first, detail: { kind: 'payments', ...booked, differences } };
}

const BAD_ROW = STAGED_PAYMENT.slice(2).map(() => null);
const REVERSAL = /(冲正|冲销|退款|退费|撤销|红冲|reversal|refund)/i;
const COLLECTED = /(代收|收取|村收|现金代收|collected)/i;

function staged(work: ImportWork, definition: Definition, record: TableRecord): readonly CopyValue[] {
  const problems: RowProblem[] = [...record.problems];
  const insurance = insuranceOf(definition, textOf(record, 'insurance'));
  if (insurance === null)
    problems.push(problem(work, record, 'insurance', 'unknown-insurance', { insurance: textOf(record, 'insurance') ?? '' }));
  const on = textOf(record, 'on');
  if (on === null && record.problems.length === 0) problems.push(problem(work, record, 'on', 'empty-cell'));
  const kindText = textOf(record, 'kind');
  const said = numberOf(record, 'amount');
  const reversed = said !== null && (said < 0 || (kindText !== null && REVERSAL.test(kindText)));
  if (said === 0 && work.request.profile.mode === 'daily') problems.push(problem(work, record, 'amount', 'not-positive'));
  if (said !== null && said < 0 && work.request.profile.mode === 'cumulative')
    problems.push(problem(work, record, 'amount', 'not-positive'));
  if (problems.length > 0 || said === null || on === null) return [record.line, JSON.stringify(problems), ...BAD_ROW];
  const id = textOf(record, 'idNumber');
  const wrongId = id?.startsWith('!') === true ? id.slice(1) : null;
  const village = textOf(record, 'unit');
  const found = village === null ? null : findUnit(work.units, village);
  return [
    record.line,
    null,
    id === null || wrongId !== null ? null : work.request.key.index(id),
    wrongId,
    textOf(record, 'name'),
    found && 'unit' in found ? found.unit.id : null,
    village,
    insurance,
    numberOf(record, 'year') ?? work.campaign?.year ?? 0,
    reversed ? -Math.abs(said) : said,
    reversed ? 'reversal' : kindText !== null && COLLECTED.test(squeeze(kindText)) ? 'collected' : 'arrived',
    on,
    textOf(record, 'externalId'),
    textOf(record, 'reverses'),
    textOf(record, 'receipt'),
    textOf(record, 'channel'),
    textOf(record, 'means'),
  ];
}

/** Rules that guard `pay` and `collect`, asked once for each combination of the columns they use; a broken one is the reason of the suspense. */
async function applyRules(trx: Trx, campaign: CampaignContext, query: RowQuery): Promise<void> {
  const { setting } = campaign;
  for (const [activity, kind] of [
    ['pay', 'arrived'],
    ['collect', 'collected'],
  ] as const) {
    const rules = Object.values(setting.definition.rules).filter((rule) => rule.guards === activity && rule.deny !== null);
    const over = ACTIVITY_ROWS[activity];
    if (rules.length === 0 || over === undefined) continue;
    const used = new Set([
      ...columnsUsed(
        setting.definition,
        over,
        rules.map(({ deny }) => deny),
      ).columns,
      'kind',
    ]);
    if (used.delete('phase')) used.add('happenedOn');
    const columns = [...used].sort();
    const broken = new Map<string, string[]>();
    for (const group of await payingGroups(trx, columns, query)) {
      if (group.row['kind'] !== kind) continue;
      const day = group.row['happenedOn'] as LocalDate | undefined;
      const row = blankRow(over, { ...group.row, phase: phaseOn(setting, day ?? query.today) });
      const [hit] = checkRules(activity, { setting, unit: group.unit as UnitId | null, today: day ?? query.today, row }).denied;
      if (hit) broken.set(hit.rule, [...(broken.get(hit.rule) ?? []), group.key]);
    }
    for (const [rule, keys] of broken) await markPaying(trx, columns, query, `rule:${rule}`, keys);
  }
}

/**
 * What the campaign is told, per unit and day. Money taken back lessens what is held, as handing it in does; an arrival taken back is seen in the
 * figures only.
 */
async function factsOf(trx: Trx, county: string): Promise<readonly UnitFact[]> {
  const sums = await sumsForFacts(trx, county);
  return sums.flatMap(({ unit, insurance, on, kind, amount }): readonly UnitFact[] => {
    if (amount > 0) return [{ kind: `payment.${kind}`, unit, insurance, on, amount }];
    return amount < 0 && kind === 'collected' ? [{ kind: 'payment.remitted', unit, insurance, on, amount: -amount }] : [];
  });
}
