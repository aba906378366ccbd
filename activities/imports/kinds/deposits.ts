import type { CopyValue } from '../../../store/imports/copy-text.js';
import { tellTouched } from '../../../store/inbox.js';
import { mergeDeposits, stageDeposits, STAGED_DEPOSIT, type DepositRecording } from '../../../store/payments/deposits.js';
import { lockMoney } from '../../../store/payments/merge.js';
import { refreshTallies } from '../../measures/keep-tallies.js';
import { requireCampaign, type CampaignContext, type ImportWork, type KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { insuranceOf, numberOf, problem, textOf } from './lookup.js';
import { stagedOutcome } from './outcome.js';

/**
 * Reports of what stands deposited for deduction: the bank's pre-deposit list, or a township's. An amount is what stands there in all on that day, never what was added.
 * It is no money of ours: it books nothing, and counts where the definition says so.
 */
export async function importDeposits(work: ImportWork): Promise<KindOutcome> {
  const campaign = requireCampaign(work.campaign);
  const { process, setting } = campaign;
  const { county, now, actor } = work.request;
  const { trx } = work.session;
  const of: DepositRecording = { county, process, source: work.sender.deposits, at: now, by: actor.user, importId: work.importId };
  const rows = async function* (): AsyncGenerator<readonly CopyValue[]> {
    for await (const record of work.records) yield staged(work, campaign, record);
  };
  const headings = {
    person: work.heading('idNumber') ?? work.heading('account') ?? 'idNumber',
    account: work.heading('account') ?? 'account',
  };
  const read = await stageDeposits(work.session, of, rows(), headings);
  const sums = work.finish();
  await lockMoney(trx, county, process);
  const { reports, changed, units } = await mergeDeposits(trx, of);
  await refreshTallies(trx, { county, process, setting, today: work.today }, units);
  const outcome = await stagedOutcome(work, {
    read,
    kept: reports,
    sums,
    detail: { kind: 'deposits', source: of.source, reports, changed },
  });
  await tellTouched(trx, county, now);
  return outcome;
}

const BAD_ROW = STAGED_DEPOSIT.slice(2).map(() => null);

function staged(work: ImportWork, campaign: CampaignContext, record: TableRecord): readonly CopyValue[] {
  const problems: RowProblem[] = [...record.problems];
  const insurance = insuranceOf(campaign.setting.definition, textOf(record, 'insurance'));
  if (insurance === null)
    problems.push(problem(work, record, 'insurance', 'unknown-insurance', { insurance: textOf(record, 'insurance') ?? '' }));
  const [id, account, on, amount] = [
    textOf(record, 'idNumber'),
    textOf(record, 'account'),
    textOf(record, 'on'),
    numberOf(record, 'amount'),
  ];
  if (id === null && account === null && record.problems.length === 0) problems.push(problem(work, record, 'idNumber', 'empty-cell'));
  if (amount !== null && amount < 0) problems.push(problem(work, record, 'amount', 'not-positive'));
  if (on !== null && on > work.today) problems.push(problem(work, record, 'on', 'future-day', { on }));
  if (problems.length > 0) return [record.line, JSON.stringify(problems), ...BAD_ROW];
  const { key } = work.request;
  return [
    record.line,
    null,
    id === null ? null : key.index(id),
    account === null ? null : key.index(account),
    work.sender.paths,
    insurance,
    numberOf(record, 'year') ?? campaign.year,
    amount,
    on,
  ];
}
