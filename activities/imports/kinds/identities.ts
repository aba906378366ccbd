import type { Definition, Group } from '../../../domain/model/definition.js';
import type { RoleId } from '../../../domain/model/ids.js';
import { birthdayOf, type ResidentId } from '../../../domain/people/resident-id.js';
import { ROW_COLUMNS } from '../../../domain/rules/columns.js';
import { compileExpression } from '../../../domain/rules/expressions.js';
import type { CopyValue } from '../../../store/imports/copy-text.js';
import { refuseLines } from '../../../store/imports/staged-problems.js';
import { tellTouched } from '../../../store/inbox.js';
import { lockMoney } from '../../../store/payments/merge.js';
import {
  mergeCertified,
  mergeEntered,
  stageIdentities,
  STAGED_IDENTITY,
  type IdentitiesMerged,
  type IdentityRecording,
} from '../../../store/people/identities.js';
import { brokenEntries } from '../../people/entries.js';
import { followIdentities } from '../../people/membership.js';
import { columnsUsed } from '../../measures/plan.js';
import { blankRow } from '../../measures/tally.js';
import { requireCampaign, type ImportWork, type KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { idByName, problem, textOf } from './lookup.js';
import { stagedOutcome } from './outcome.js';

/**
 * The list of an office that certifies special identities: only of groups that its role certifies (`groups.*.by`), and of persons who meet the group's condition. What
 * it says otherwise than before is the next version; the township's entry stays with its day.
 */
export async function importIdentities(work: ImportWork): Promise<KindOutcome> {
  const { definition } = requireCampaign(work.campaign).setting;
  const certifiers = certifiersOf(work, definition);
  return mergeIdentities(
    work,
    (record) => certified(work, definition, certifiers, record),
    (of) => mergeCertified(work.session.trx, of, work.heading('group') ?? 'group'),
  );
}

/**
 * What a township enters: a person's membership of a group, on the day of recording. Rules that guard `enterIdentity` refuse a row with their title; what is entered
 * already stays entered on its first day.
 */
export async function importIdentityEntries(work: ImportWork): Promise<KindOutcome> {
  const { definition } = requireCampaign(work.campaign).setting;
  return mergeIdentities(
    work,
    (record) => entry(work, definition, record),
    async (of) => {
      await refuseLines(
        work.session.trx,
        (await brokenEntries(work.session.trx, work, of)).map(({ line, title }) => ({ line, code: 'row-rule', params: { rule: title } })),
      );
      return mergeEntered(work.session.trx, of, work.today);
    },
  );
}

/** Who may certify a group, and where: the roles of its `by` that the sender holds. */
type Certifiers = ReadonlyMap<string, { readonly role: RoleId; readonly paths: readonly string[] }>;

function certifiersOf(work: ImportWork, { groups, roles }: Definition): Certifiers {
  const found = new Map<string, { role: RoleId; paths: string[] }>();
  for (const { id, by } of Object.values(groups))
    for (const { role, path } of work.sender.holds) {
      if (role !== by && !(roles[by]?.oneOf.includes(role) ?? false)) continue;
      const known = found.get(id) ?? { role, paths: [] };
      if (known.role === role) known.paths.push(path);
      found.set(id, known);
    }
  return found;
}

async function mergeIdentities(
  work: ImportWork,
  staged: (record: TableRecord) => readonly CopyValue[],
  merge: (of: IdentityRecording) => Promise<IdentitiesMerged>,
): Promise<KindOutcome> {
  const { process, setting } = requireCampaign(work.campaign);
  const { county, now, actor, kind } = work.request;
  const { trx } = work.session;
  const of: IdentityRecording = { county, process, at: now, by: actor.user, importId: work.importId };
  const rows = async function* (): AsyncGenerator<readonly CopyValue[]> {
    for await (const record of work.records) yield staged(record);
  };
  await lockMoney(trx, county, process);
  const read = await stageIdentities(work.session, of, rows(), work.heading('idNumber') ?? 'idNumber');
  const sums = work.finish();
  const { added, changed, persons } = await merge(of);
  const dues = await followIdentities(trx, { county, process, setting, today: work.today, at: now }, persons);
  const detail = { kind: kind === 'identities' ? ('identities' as const) : ('identityEntries' as const), added, changed, dues };
  const outcome = await stagedOutcome(work, { read, kept: added + changed, sums, detail });
  await tellTouched(trx, county, now);
  return outcome;
}

const BAD_ROW = STAGED_IDENTITY.slice(2).map(() => null);
const NOT_SAID = STAGED_IDENTITY.slice(5).map(() => null);
const badRow = (record: TableRecord, problems: readonly RowProblem[]): readonly CopyValue[] => [
  record.line,
  JSON.stringify(problems),
  ...BAD_ROW,
];

/** The group that a row names, with what is wrong so far. */
function groupOf(
  work: ImportWork,
  definition: Definition,
  record: TableRecord,
): { readonly group: Group | null; readonly problems: RowProblem[] } {
  const problems = [...record.problems];
  const text = textOf(record, 'group');
  const id = text === null ? null : idByName(definition.groups, text);
  if (text !== null && id === null) problems.push(problem(work, record, 'group', 'unknown-group', { group: text }));
  return { group: id === null ? null : (definition.groups[id] ?? null), problems };
}

const FACTS = ['grade', 'childGrade', 'furtherChild', 'wifeBorn', 'noLivelihood', 'noAbility', 'noSupporter', 'liftedOn'] as const;
const YES_OR_NO: readonly string[] = ['furtherChild', 'noLivelihood', 'noAbility', 'noSupporter'];

/** Facts that the group's condition asks for; a day that need not have been may be empty. */
const factsAsked = (definition: Definition, group: Group): readonly string[] => {
  const { columns } = columnsUsed(definition, 'identities', [group.if]);
  return FACTS.filter((fact) => columns.has(fact) && ROW_COLUMNS.identities[fact]?.nullable !== true);
};

function certified(work: ImportWork, definition: Definition, certifiers: Certifiers, record: TableRecord): readonly CopyValue[] {
  const { group, problems } = groupOf(work, definition, record);
  const may = group === null ? undefined : certifiers.get(group.id);
  if (group !== null && may === undefined) problems.push(problem(work, record, 'group', 'not-certifier', { group: group.title }));
  if (group !== null && record.values['withdrawn'] !== 1)
    for (const fact of factsAsked(definition, group))
      if (record.values[fact] === undefined) problems.push(problem(work, record, fact, 'empty-cell'));
  const on = textOf(record, 'certifiedOn') ?? work.today;
  if (on > work.today) problems.push(problem(work, record, 'certifiedOn', 'future-day', { on }));
  const id = textOf(record, 'idNumber') as ResidentId | null;
  if (problems.length > 0 || id === null || group === null || may === undefined) return badRow(record, problems);
  const facts = Object.fromEntries(
    FACTS.flatMap((fact) => {
      const value = record.values[fact];
      return value === undefined ? [] : [[fact, YES_OR_NO.includes(fact) ? value === 1 : value]];
    }),
  );
  return [
    record.line,
    null,
    work.request.key.index(id),
    may.paths,
    group.id,
    may.role,
    on,
    record.values['withdrawn'] === 1 ? 'true' : 'false',
    meets(work, group, { ...facts, born: birthdayOf(id), name: textOf(record, 'name') ?? '', certifiedBy: may.role }) ? 'false' : 'true',
    JSON.stringify(facts),
    textOf(record, 'reason'),
  ];
}

/** Whether the group's own condition holds for what the list says. */
function meets(work: ImportWork, group: Group, given: Parameters<typeof blankRow>[1]): boolean {
  if (group.if === null) return true;
  const { setting } = requireCampaign(work.campaign);
  const row = blankRow('identities', { ...given, group: group.id, certified: true });
  return (
    compileExpression(group.if, { kind: 'row', over: 'identities' }, setting.definition).evaluate({
      setting,
      unit: null,
      today: work.today,
      row,
    }) === true
  );
}

function entry(work: ImportWork, definition: Definition, record: TableRecord): readonly CopyValue[] {
  const { group, problems } = groupOf(work, definition, record);
  const id = textOf(record, 'idNumber');
  if (problems.length > 0 || id === null || group === null) return badRow(record, problems);
  return [record.line, null, work.request.key.index(id), work.sender.paths, group.id, ...NOT_SAID];
}
