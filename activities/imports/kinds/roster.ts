import { birthdayOf, type ResidentId } from '../../../domain/people/resident-id.js';
import type { Definition } from '../../../domain/model/definition.js';
import type { UserId } from '../../../domain/model/ids.js';
import type { CopyValue } from '../../../store/imports/copy-text.js';
import { stagedProblems, keepStagedProblems } from '../../../store/imports/staged-problems.js';
import { lockMoney } from '../../../store/payments/merge.js';
import { tellTouched } from '../../../store/inbox.js';
import { mergeRoster, stageRoster, STAGED_ROSTER } from '../../../store/people/roster.js';
import { namedUsers } from '../../../store/users/users.js';
import { paidByDefinition, payFor } from '../../people/membership.js';
import { refreshTallies } from '../../measures/keep-tallies.js';
import { squeeze } from '../cell.js';
import { requireCampaign, type ImportWork, type KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { findUnit, idByName, insuranceOf, MOST_LISTED, numberOf, problem, textOf } from './lookup.js';
import { RowGuard } from './row-guard.js';

/**
 * Participants and what each owes. A person is known by the ID number (checked, kept encrypted with a blind index); the amount owed is the amount
 * column, else the tier. Rules that guard `roster` refuse a row with their title. What has been paid is never touched.
 */
export async function importRoster(work: ImportWork): Promise<KindOutcome> {
  const campaign = requireCampaign(work.campaign);
  const { county } = work.request;
  const users = await usersByText(work);
  const guard = new RowGuard(work, 'roster');
  const rows = async function* (): AsyncGenerator<readonly CopyValue[]> {
    for await (const record of work.records) yield staged(work, campaign.setting.definition, users, guard, record);
  };
  const read = await stageRoster(work.session, rows(), work.heading('idNumber') ?? 'idNumber');
  const sums = work.finish();
  const { trx } = work.session;
  await lockMoney(trx, county, campaign.process);
  const merged = await mergeRoster(work.session, county, campaign.process, work.request.now);
  const target = { county, process: campaign.process, setting: campaign.setting, today: work.today };
  await payFor(trx, { ...target, at: work.request.now }, { since: work.request.now });
  await refreshTallies(trx, target, merged.units);
  const { bad, first } = await stagedProblems<RowProblem>(trx, MOST_LISTED);
  await keepStagedProblems(trx, county, work.importId);
  await tellTouched(trx, county, work.request.now);
  return {
    read,
    kept: read - bad - merged.known,
    known: merged.known,
    bad,
    sums,
    errors: first,
    detail: { kind: 'roster', persons: merged.persons, changed: merged.changed, dues: merged.dues },
  };
}

const BAD_ROW = STAGED_ROSTER.slice(2).map(() => null);

function staged(
  work: ImportWork,
  definition: Definition,
  users: ReadonlyMap<string, UserId>,
  guard: RowGuard,
  record: TableRecord,
): readonly CopyValue[] {
  const problems: RowProblem[] = [...record.problems];
  const unitText = textOf(record, 'unit') ?? '';
  const found = unitText === '' ? null : findUnit(work.units, unitText);
  if (found && 'problem' in found) problems.push(problem(work, record, 'unit', found.problem, { unit: unitText }));
  const insurance = insuranceOf(definition, textOf(record, 'insurance'));
  if (insurance === null)
    problems.push(problem(work, record, 'insurance', 'unknown-insurance', { insurance: textOf(record, 'insurance') ?? '' }));
  const tier = numberOf(record, 'tier');
  const amount = numberOf(record, 'amount') ?? tier;
  if (amount === null && record.problems.length === 0) problems.push(problem(work, record, 'amount', 'empty-cell'));
  if (amount !== null && amount < 0) problems.push(problem(work, record, 'amount', 'not-positive'));
  const groupTexts = textOf(record, 'groups')?.split(',') ?? null;
  const groups = groupTexts?.map((text) => idByName(definition.groups, text)) ?? null;
  const unknownGroup = groups?.findIndex((id) => id === null) ?? -1;
  if (unknownGroup >= 0) problems.push(problem(work, record, 'groups', 'unknown-group', { group: groupTexts?.[unknownGroup] ?? '' }));
  if (groups !== null && groups.length > 0 && certifiedFirst(definition)) problems.push(problem(work, record, 'groups', 'certified-only'));
  const cadre = textOf(record, 'assignedTo');
  const assignedTo = cadre === null ? null : (users.get(squeeze(cadre)) ?? null);
  if (cadre !== null && assignedTo === null) problems.push(problem(work, record, 'assignedTo', 'unknown-collector', { name: cadre }));
  const id = textOf(record, 'idNumber') as ResidentId | null;
  const [name, year] = [textOf(record, 'name') ?? '', numberOf(record, 'year') ?? work.campaign?.year ?? 0];
  const paidLastYear = numberOf(record, 'paidLastYear');
  if (problems.length === 0 && id !== null && found && 'unit' in found) {
    const title = guard.brokenBy(found.unit.id, {
      name,
      born: birthdayOf(id),
      groups: (groups ?? []).flatMap((group) => group ?? []),
      insurance: insurance ?? '',
      year,
      village: found.unit.name,
    });
    if (title !== null) problems.push(problem(work, record, null, 'row-rule', { rule: title }));
  }
  if (problems.length > 0 || id === null || !found || 'problem' in found) return [record.line, JSON.stringify(problems), ...BAD_ROW];
  const phone = textOf(record, 'phone');
  const { key } = work.request;
  return [
    record.line,
    null,
    key.index(id),
    key.encrypt(id),
    name,
    birthdayOf(id),
    found.unit.id,
    insurance,
    year,
    tier,
    amount,
    paidByDefinition(definition) ? null : numberOf(record, 'governmentPaid'),
    groups === null ? null : groups.flatMap((group) => group ?? []),
    phone === null ? null : key.encrypt(phone),
    assignedTo,
    paidLastYear === null ? null : JSON.stringify({ paidLastYear: paidLastYear === 1 }),
  ];
}

/** Groups are certified by offices and entered by townships: a rule says who may enter. */
const certifiedFirst = ({ rules }: Definition): boolean => Object.values(rules).some(({ guards }) => guards === 'enterIdentity');

/** Cadres by login, and by name where only one has it. */
async function usersByText(work: ImportWork): Promise<ReadonlyMap<string, UserId>> {
  const rows = await namedUsers(work.session.trx, work.request.county);
  const names = new Map<string, UserId | null>();
  for (const row of rows) names.set(squeeze(row.name), names.has(squeeze(row.name)) ? null : row.id);
  const found = new Map<string, UserId>();
  for (const [name, id] of names) if (id !== null) found.set(name, id);
  for (const row of rows) found.set(row.login, row.id);
  return found;
}
