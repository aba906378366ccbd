import { sql, type RawBuilder } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import type { CopyValue } from '../imports/copy-text.js';
import type { BulkSession } from '../imports/session.js';
import { refuseStaged, withinStaged } from '../imports/staged-problems.js';
import { joinedByHash } from '../imports/statistics.js';

/** Which report counts for each due, of those chosen: the newest day's, on the same day the bank's, of one source the last recorded (docs/adr/0108). */
export const depositsInForce = (chosen: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select distinct on (due_id) due_id, amount as deposited, on_date from deposits where ${chosen}
  order by due_id, on_date desc, source = 'bank' desc, seq desc`;

/** Who says it: the bank's own list, or a township. */
export type DepositSource = 'bank' | 'township';

export interface DepositRecording {
  readonly county: string;
  readonly process: ProcessId;
  readonly source: DepositSource;
  readonly at: Moment;
  readonly by: UserId;
  readonly importId: string | null;
}

/** Columns of a report on its way in; the person by the ID number, else by the account. `paths`: the units below which the sender may. */
export const STAGED_DEPOSIT = ['line', 'problem', 'id_index', 'account_index', 'paths', 'insurance', 'year', 'amount', 'on_date'] as const;

/**
 * Streams reports into a temporary table of this transaction and finds what they are about. Marked are persons who owe nothing in the campaign or lie outside the
 * sender's units, accounts in force for several of them, and a second line for the same due and day.
 */
export async function stageDeposits(
  session: BulkSession,
  of: DepositRecording,
  rows: AsyncIterable<readonly CopyValue[]>,
  headings: { readonly person: string; readonly account: string },
): Promise<number> {
  const { trx } = session;
  await sql`
    create temp table staged (
      line integer not null, problem jsonb, id_index bytea, account_index bytea, paths text[], insurance text collate "C", year integer, amount bigint, on_date text,
      person_id text collate "C", due_id text collate "C", unit_id text collate "C") on commit drop`.execute(trx);
  const read = await session.copy('staged', STAGED_DEPOSIT, rows);
  await sql`analyze staged`.execute(trx);
  await sql`
    update staged s set person_id = p.person_id from people p where s.problem is null and p.county_id = ${of.county} and p.id_number_index = s.id_index`.execute(
    trx,
  );
  await refuseStaged(
    trx,
    headings.account,
    sql`select s.line, 'ambiguous-account' as code from staged s join bank_accounts a on a.county_id = ${of.county} and a.account_index = s.account_index and a.insurance = s.insurance and a.until_at is null
      where s.problem is null and s.id_index is null group by s.line having count(*) > 1`,
  );
  await sql`
    update staged s set person_id = a.person_id from bank_accounts a
    where s.problem is null and s.id_index is null and a.county_id = ${of.county} and a.account_index = s.account_index and a.insurance = s.insurance and a.until_at is null`.execute(
    trx,
  );
  await sql`
    update staged s set due_id = d.due_id, unit_id = d.unit_id from dues d join units u on u.county_id = d.county_id and u.unit_id = d.unit_id
    where s.problem is null and d.county_id = ${of.county} and d.process_id = ${of.process} and d.person_id = s.person_id and d.insurance = s.insurance and d.year = s.year
      and d.item = 'contribution' and ${withinStaged}`.execute(trx);
  await refuseStaged(
    trx,
    headings.person,
    sql`select line, case when due_id is null then 'not-on-roster' else 'twice-in-file' end as code from (
      select line, due_id, row_number() over (partition by due_id, on_date order by line) as n from staged where problem is null) o
      where due_id is null or n > 1`,
  );
  return read;
}

/** What an import of deposits did. */
export interface DepositsMerged {
  /** Reports that were not known. */
  readonly reports: number;
  /** Dues of which something else stands deposited now. */
  readonly changed: number;
  /** Units of which figures may differ. */
  readonly units: readonly UnitId[];
}

/** Adds the staged reports; the same word of the same source about the same day is known. What stands deposited for a due follows. */
export async function mergeDeposits(trx: Trx, of: DepositRecording): Promise<DepositsMerged> {
  const added = await sql`
    insert into deposits (county_id, process_id, deposit_id, due_id, amount, on_date, source, import_id, source_line, recorded_at, recorded_by)
    select ${of.county}, ${of.process}, 'e' || nextval('surrogates'), s.due_id, s.amount, s.on_date, ${of.source}, ${of.importId}, s.line, ${of.at}, ${of.by}
    from staged s where s.problem is null order by s.line on conflict do nothing`.execute(trx);
  const followed = await joinedByHash(trx, () => followDeposits(trx, of, sql`select due_id from staged where problem is null`));
  return { reports: Number(added.numAffectedRows ?? 0), ...followed };
}

/** Adds one report; false when it is known. What stands deposited for the due follows. */
export async function addDeposit(
  trx: Trx,
  of: DepositRecording,
  report: { readonly due: string; readonly amount: number; readonly on: LocalDate },
): Promise<boolean> {
  const added = await sql`
    insert into deposits (county_id, process_id, deposit_id, due_id, amount, on_date, source, recorded_at, recorded_by)
    values (${of.county}, ${of.process}, 'e' || nextval('surrogates'), ${report.due}, ${report.amount}, ${report.on}, ${of.source}, ${of.at}, ${of.by}) on conflict do nothing`.execute(
    trx,
  );
  await followDeposits(trx, of, sql`select ${report.due}::text`);
  return added.numAffectedRows === 1n;
}

/** Puts on dues what the report that counts says of them. */
async function followDeposits(
  trx: Trx,
  { county, process }: Pick<DepositRecording, 'county' | 'process'>,
  dues: RawBuilder<unknown>,
): Promise<Pick<DepositsMerged, 'changed' | 'units'>> {
  const { rows } = await sql<{ changed: number; units: UnitId[] | null }>`
    with said as (${depositsInForce(sql`county_id = ${county} and process_id = ${process} and due_id in (${dues})`)}),
    differing as (
      update dues d set deposited = said.deposited from said
      where d.county_id = ${county} and d.process_id = ${process} and d.due_id = said.due_id and d.deposited <> said.deposited returning d.unit_id)
    select count(*) as changed, array_agg(distinct unit_id::text) as units from differing`.execute(trx);
  return { changed: rows[0]?.changed ?? 0, units: rows[0]?.units ?? [] };
}
