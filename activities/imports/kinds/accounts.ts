import type { Definition } from '../../../domain/model/definition.js';
import type { CopyValue } from '../../../store/imports/copy-text.js';
import { putStagedAccounts, stageAccounts, STAGED_ACCOUNT } from '../../../store/people/accounts.js';
import { requireCampaign, type ImportWork, type KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { findUnit, insuranceOf, problem, textOf } from './lookup.js';
import { stagedOutcome } from './outcome.js';

/**
 * Accounts from which contributions are taken. The number is kept sealed, found again by a blind index. The holder is the person unless the file says otherwise; the
 * same account again changes nothing, another one takes its place from now on.
 */
export async function importAccounts(work: ImportWork): Promise<KindOutcome> {
  const { definition } = requireCampaign(work.campaign).setting;
  const { county, now, actor } = work.request;
  const rows = async function* (): AsyncGenerator<readonly CopyValue[]> {
    for await (const record of work.records) yield staged(work, definition, record);
  };
  const read = await stageAccounts(work.session, county, rows(), work.heading('idNumber') ?? 'idNumber');
  const sums = work.finish();
  const done = await putStagedAccounts(work.session.trx, { county, at: now, by: actor.user, importId: work.importId });
  return stagedOutcome(work, { read, kept: done.put, sums, detail: { kind: 'accounts', ...done } });
}

const BAD_ROW = STAGED_ACCOUNT.slice(2).map(() => null);

function staged(work: ImportWork, definition: Definition, record: TableRecord): readonly CopyValue[] {
  const problems: RowProblem[] = [...record.problems];
  const insurance = insuranceOf(definition, textOf(record, 'insurance'));
  if (insurance === null)
    problems.push(problem(work, record, 'insurance', 'unknown-insurance', { insurance: textOf(record, 'insurance') ?? '' }));
  const branchText = textOf(record, 'branch');
  const branch = branchText === null ? null : findUnit(work.units, branchText);
  if (branch !== null && 'problem' in branch) problems.push(problem(work, record, 'branch', branch.problem, { unit: branchText ?? '' }));
  const [id, account] = [textOf(record, 'idNumber'), textOf(record, 'account')];
  if (problems.length > 0 || id === null || account === null) return [record.line, JSON.stringify(problems), ...BAD_ROW];
  const { key } = work.request;
  return [
    record.line,
    null,
    key.index(id),
    work.sender.paths,
    insurance,
    textOf(record, 'holder') ?? textOf(record, 'name'),
    textOf(record, 'bank'),
    branch !== null && 'unit' in branch ? branch.unit.id : null,
    key.encrypt(account),
    key.index(account),
  ];
}
