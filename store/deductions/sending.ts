import { sql } from 'kysely';
import type { UnitId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';

/** Held by this transaction, before dues are considered: nobody else in the county makes lines meanwhile, for a debt that we take for unknown or not attempted. */
export async function lockContributions(trx: Trx, county: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-contributions'), hashtext(${county}))`.execute(trx);
}

export interface SendingFile {
  readonly file: number;
  readonly insurance: string;
  readonly year: number;
  readonly lines: number;
  readonly amount: number;
}

const ORDER = sql`unit_path collate "C", person_id collate "C", due_id collate "C"`;

/**
 * Numbers those who are in (`considered`, `verdicts`): the temporary table `sending`, one file for each insurance and year and at most so many lines. The order is that
 * of units and persons, so the same round gives the same file; the rows lie in it, so that they are read as they lie. `without`: dues that are left out. Returns the files.
 */
export async function numberLines(trx: Trx, most: number, without: readonly string[]): Promise<readonly SendingFile[]> {
  await sql`drop table if exists sending`.execute(trx);
  await sql`
    create temp table sending on commit drop as
    select (count(*) filter (where (n - 1) % ${most}::integer = 0) over (order by insurance collate "C", year, ${ORDER} rows unbounded preceding))::integer as file,
      1 + (n - 1) % ${most}::integer as line, insurance, year, item, due_id, person_id, unit_id, contribution_id is null as fresh,
      coalesce(contribution_id, 'o' || nextval('surrogates')) as contribution_id, attempt, amount, account_id
    from (
      select row_number() over (partition by insurance collate "C", year order by ${ORDER})::integer as n, insurance, year, item, unit_path, due_id, person_id, unit_id,
        contribution_id, coalesce(last_attempt, 0) + 1 as attempt, rest as amount, account_id
      from considered join verdicts v using (key) where v.verdict = 'in' and due_id <> all(${[...without]}::text[])) s`.execute(trx);
  await sql`create unique index on sending (file, line)`.execute(trx);
  await sql`analyze sending (file, line)`.execute(trx);
  const { rows } = await sql<SendingFile>`
    select file, min(insurance) as insurance, min(year) as year, count(*) as lines, sum(amount)::bigint as amount from sending group by 1 order by 1`.execute(
    trx,
  );
  return rows;
}

/** Stores the debts of `sending` that the county did not know yet. */
export async function addContributions(trx: Trx, county: string): Promise<void> {
  await sql`
    insert into contribution_dues (county_id, contribution_id, person_id, insurance, year, item)
    select ${county}, contribution_id, person_id, insurance, year, item from sending where fresh`.execute(trx);
}

/** A line on its way out. */
export interface SendingLine {
  readonly line: number;
  readonly due: string;
  readonly person: string;
  readonly unit: UnitId;
  readonly amount: number;
  readonly holder: string;
  readonly sealed: Buffer;
  readonly idNumber: Buffer | null;
}

const PAGE = 5_000;

/** Lines of a file in their order, a page at a time; each looks its account up, whose table is as large as the county. `idNumber`: the format asks for it. */
export async function* sendingLines(
  trx: Trx,
  county: string,
  file: number,
  { idNumber }: { readonly idNumber: boolean },
): AsyncGenerator<readonly SendingLine[]> {
  const people = sql`left join lateral (select id_number_cipher from people p where p.county_id = ${county} and p.person_id = s.person_id limit 1) p on true`;
  for (let after = 0; ;) {
    const { rows } = await sql<SendingLine>`
      select s.line, s.due_id as due, s.person_id as person, s.unit_id as unit, s.amount, a.holder_name as holder, a.account_cipher as sealed,
        ${idNumber ? sql`p.id_number_cipher` : sql`null::bytea`} as "idNumber"
      from (select * from sending where file = ${file} and line > ${after} order by line limit ${sql.lit(PAGE)}) s
      cross join lateral (select holder_name, account_cipher from bank_accounts a where a.county_id = ${county} and a.account_id = s.account_id limit 1) a
      ${idNumber ? people : sql``} order by s.line`.execute(trx);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.line ?? after;
  }
}

/** The dues of some lines of a file, in the order of the lines. */
export async function duesOfLines(
  trx: Trx,
  file: number,
  lines: readonly number[],
): Promise<readonly { readonly line: number; readonly due: string }[]> {
  const { rows } = await sql<{ line: number; due: string }>`
    select line, due_id as due from sending where file = ${file} and line = any(${[...lines]}::integer[]) order by line`.execute(trx);
  return rows;
}
