import { addHolding } from '../../../store/users/holdings.js';
import { addUser, changeUser, usersByLogin } from '../../../store/users/users.js';
import type { UnitId } from '../../../domain/model/ids.js';
import type { ImportWork, KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { findUnit, idByName, MOST_LISTED, problem, textOf } from './lookup.js';

interface Draft {
  readonly login: string;
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly role: string;
  readonly unit: UnitId;
}

/**
 * Office workers with phone, role and unit. The account is found by login (without one, the phone number is it); a new one gets a first
 * password from the caller, hashed before the transaction takes any lock. One person may stand in several rows, one for each role.
 * Roles are those of the definition: no file makes an administrator or an auditor.
 */
export async function importPeople(work: ImportWork): Promise<KindOutcome> {
  const { trx } = work.session;
  const { request } = work;
  const errors: RowProblem[] = [];
  const drafts: Draft[] = [];
  let read = 0;
  for await (const record of work.records) {
    read += 1;
    const made = draftOf(work, record);
    if ('problems' in made) errors.push(...made.problems);
    else drafts.push(made);
  }
  const sums = work.finish();
  const users = await usersByLogin(
    trx,
    request.county,
    drafts.map(({ login }) => login),
  );
  const hashes = new Map<string, string>();
  for (const { login, name } of drafts) {
    if (users.has(login) || hashes.has(login)) continue;
    if (!request.issuePassword) throw new Error('people are imported with a way to issue first passwords');
    hashes.set(login, request.dryRun ? '' : (await request.issuePassword({ login, name })).hash);
  }
  const counts = { accounts: 0, changed: 0, holdings: 0, kept: 0 };
  for (const draft of drafts) {
    let touched = false;
    let user = users.get(draft.login) ?? null;
    if (user === null) {
      user = await addUser(trx, request.county, {
        login: draft.login,
        name: draft.name,
        phone: draft.phone,
        email: draft.email,
        passwordHash: hashes.get(draft.login) ?? '',
      });
      if (user === null) throw new Error(`login ${draft.login} was taken while the file was read`);
      counts.accounts += 1;
      touched = true;
    } else if (
      user.name !== draft.name ||
      (draft.phone !== null && user.phone !== draft.phone) ||
      (draft.email !== null && user.email !== draft.email)
    ) {
      user =
        (await changeUser(trx, request.county, user.id, user.version, {
          name: draft.name,
          phone: draft.phone ?? user.phone,
          email: draft.email ?? user.email,
        })) ?? user;
      counts.changed += 1;
      touched = true;
    }
    users.set(draft.login, user);
    const definition = work.definition?.id ?? null;
    const held = await addHolding(trx, request.county, {
      user: user.id,
      role: draft.role,
      unit: draft.unit,
      definition,
      from: null,
      to: null,
      standInFor: null,
      paper: null,
    });
    if (held !== null) counts.holdings += 1;
    if (touched || held !== null) counts.kept += 1;
  }
  const bad = new Set(errors.map(({ line }) => line)).size;
  return {
    read,
    kept: counts.kept,
    known: read - bad - counts.kept,
    bad,
    sums,
    errors: errors.slice(0, MOST_LISTED),
    detail: { kind: 'people', accounts: counts.accounts, changed: counts.changed, holdings: counts.holdings },
  };
}

function draftOf(work: ImportWork, record: TableRecord): Draft | { readonly problems: readonly RowProblem[] } {
  if (record.problems.length > 0) return { problems: record.problems };
  const [name, roleText, unitText, phone] = [
    textOf(record, 'name'),
    textOf(record, 'role'),
    textOf(record, 'unit'),
    textOf(record, 'phone'),
  ];
  const login = textOf(record, 'login') ?? phone;
  const problems: RowProblem[] = [];
  const roles = work.definition?.roles ?? {};
  const role = roleText === null ? null : idByName(roles, roleText);
  if (role === null) problems.push(problem(work, record, 'role', 'unknown-role', { role: roleText ?? '' }));
  const found = findUnit(work.units, unitText ?? '');
  if ('problem' in found) problems.push(problem(work, record, 'unit', found.problem, { unit: unitText ?? '' }));
  if (login === null) problems.push(problem(work, record, 'login', 'no-login'));
  const per = role === null ? null : (roles[role]?.per ?? null);
  if (per !== null && 'unit' in found && found.unit.level !== per)
    problems.push(problem(work, record, 'unit', 'role-level', { role: roleText ?? '', unit: found.unit.name }));
  if (problems.length > 0 || name === null || role === null || login === null || 'problem' in found) return { problems };
  return { login, name, phone, email: textOf(record, 'email'), role, unit: found.unit.id };
}
