import { sql } from 'kysely';
import type { Moment, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import type { CopyValue } from '../imports/copy-text.js';
import type { BulkSession } from '../imports/session.js';
import { refuseStaged, withinStaged } from '../imports/staged-problems.js';

/** Columns of an account on its way in. `problem`: JSON list of row problems; then the rest does not count. `paths`: the units below which the sender may. */
export const STAGED_ACCOUNT = [
  'line', 'problem', 'id_index', 'paths', 'insurance', 'holder_name', 'bank', 'branch_unit', 'account_cipher', 'account_index',
] as const; // prettier-ignore

/**
 * Streams accounts into a temporary table of this transaction; marked are persons whom the county does not know or who lie outside the sender's units, and a second
 * line for the same person.
 */
export async function stageAccounts(
  session: BulkSession,
  county: string,
  rows: AsyncIterable<readonly CopyValue[]>,
  headingOfId: string,
): Promise<number> {
  const { trx } = session;
  await sql`
    create temp table staged (
      line integer not null, problem jsonb, id_index bytea, paths text[], insurance text collate "C", holder_name text, bank text, branch_unit text collate "C", account_cipher bytea,
      account_index bytea, person_id text collate "C") on commit drop`.execute(trx);
  const read = await session.copy('staged', STAGED_ACCOUNT, rows);
  await sql`analyze staged`.execute(trx);
  await sql`
    update staged s set person_id = p.person_id, holder_name = coalesce(s.holder_name, p.name) from people p join units u on u.county_id = p.county_id and u.unit_id = p.unit_id
    where s.problem is null and p.county_id = ${county} and p.id_number_index = s.id_index and ${withinStaged}`.execute(trx);
  await refuseStaged(
    trx,
    headingOfId,
    sql`select line, case when person_id is null then 'unknown-person' else 'twice-in-file' end as code from (
      select line, person_id, row_number() over (partition by id_index, insurance order by line) as n from staged where problem is null) o
      where person_id is null or n > 1`,
  );
  return read;
}

/** From when on, by whom and with which import. */
export interface AccountsPut {
  readonly county: string;
  readonly at: Moment;
  readonly by: UserId;
  readonly importId: string | null;
}

/**
 * Puts the staged accounts in force. Another number, holder, bank or branch than before ends the one that was in force; it stays with its id, so what was taken from
 * it can still be told. Returns how many are new or differ and how many of them took another's place.
 */
export async function putStagedAccounts(trx: Trx, put: AccountsPut): Promise<{ readonly put: number; readonly replaced: number }> {
  // Of two files at once the second sees what the first has put.
  await sql`select pg_advisory_xact_lock(hashtext('duban-accounts'), hashtext(${put.county}))`.execute(trx);
  await sql`
    create temp table putting on commit drop as
    select s.*, a.account_id::text as before, a.branch_unit::text as branch_before from staged s
    left join bank_accounts a on a.county_id = ${put.county} and a.person_id = s.person_id and a.insurance = s.insurance and a.until_at is null
    where s.problem is null and (a.account_id is null or a.account_index <> s.account_index or a.holder_name <> s.holder_name or a.bank <> s.bank
      or (s.branch_unit is not null and a.branch_unit is distinct from s.branch_unit))`.execute(trx);
  const replaced = await sql`
    update bank_accounts a set until_at = ${put.at} from putting q where q.before is not null and a.county_id = ${put.county} and a.account_id = q.before`.execute(
    trx,
  );
  const added = await sql`
    insert into bank_accounts (county_id, account_id, person_id, insurance, holder_name, bank, branch_unit, account_cipher, account_index, since_at, import_id, recorded_by)
    select ${put.county}, 'a' || nextval('surrogates'), person_id, insurance, holder_name, bank, coalesce(branch_unit, branch_before), account_cipher, account_index, ${put.at}, ${put.importId}, ${put.by}
    from putting order by line`.execute(trx);
  return { put: Number(added.numAffectedRows ?? 0), replaced: Number(replaced.numAffectedRows ?? 0) };
}
