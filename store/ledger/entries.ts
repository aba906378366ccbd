import { sql, type RawBuilder } from 'kysely';
import { NO_UNIT, type BookId } from '../../domain/ledger/accounts.js';
import { CREDITS, LIES_IN } from '../../domain/ledger/post.js';
import type { ProcessId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';

/**
 * What files and payments book, as SQL: one row for each entry, a debit with its credit, so that a file of any size is one statement. Columns: tx_id,
 * entry (from 1), kind, year, happened_on, recorded_at, recorded_by, reverses, debit, debit_holder, credit, credit_holder, insurance, amount.
 */
export type Entries = RawBuilder<unknown>;

export interface LedgerOf {
  readonly county: string;
  readonly process: ProcessId;
}

export const CONTRIBUTIONS: BookId = 'personalAccount';

/** Where money of a basis lies: account and holder. */
const lies = (basis: RawBuilder<unknown>, unit: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`case ${basis} when 'collected' then ${sql.lit(LIES_IN.collected)} else ${sql.lit(LIES_IN.arrived)} end, case ${basis} when 'collected' then coalesce(${unit}::text, ${sql.lit(NO_UNIT)}) end`;
const credits = (basis: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`case ${basis} when 'collected' then ${sql.lit(CREDITS.collected)} else ${sql.lit(CREDITS.arrived)} end`;
const unitOf = (unit: RawBuilder<unknown>): RawBuilder<unknown> => sql`coalesce(${unit}::text, ${sql.lit(NO_UNIT)})`;

const when = sql`k.year, k.happened_on::text as happened_on, k.recorded_at::text as recorded_at, k.recorded_by::text as recorded_by`;
const reverses = sql`'payment/' || k.reverses as reverses`;

/**
 * Entries of payments that come in files: to a person's due, or to suspense. `which` narrows `k`, the payments. Each payment is a transaction of its
 * own, `payment/` and its id. What a bank deducted (`d|`) stands in the ledger by its batch and line.
 */
export function filePayments({ county, process }: LedgerOf, which: RawBuilder<unknown>): Entries {
  const mine = sql`k.county_id = ${county} and k.process_id = ${process} and ${which} and not starts_with(k.meaning, 's|') and not starts_with(k.meaning, 'd|')`;
  return sql`
    select 'payment/' || k.payment_id as tx_id, 1 as entry, k.kind, ${when}, null::text as reverses, ${lies(sql`k.kind`, sql`k.unit_id`)},
      ${credits(sql`k.kind`)}, k.person_id::text, k.insurance::text, k.amount
    from payments k where ${mine} and k.due_id is not null and k.kind in ('collected', 'arrived')
    union all
    select 'payment/' || k.payment_id, 1, 'reversed', ${when}, ${reverses}, ${lies(sql`o.kind`, sql`k.unit_id`)}, ${credits(sql`o.kind`)}, k.person_id::text, k.insurance::text, k.amount
    from payments k left join payments o on o.county_id = k.county_id and o.process_id = k.process_id and o.payment_id = k.reverses
    where ${mine} and k.due_id is not null and k.kind = 'reversal'
    union all
    select 'payment/' || k.payment_id, 1, case k.kind when 'reversal' then 'reversed' else 'suspended' end, ${when}, ${reverses},
      ${lies(sql`(s.detail ->> 'basis')`, sql`k.unit_id`)}, 'suspense', s.suspense_id::text, k.insurance::text, k.amount
    from payments k join suspense s on s.county_id = k.county_id and s.process_id = k.process_id and s.payment_id = k.payment_id
    where ${mine} and k.due_id is null and k.kind <> 'remitted'`;
}

/** Entries of what is booked by hand beside them: money handed in, suspense refunded or allotted. For verifying: the acts post their events themselves. */
export function handPayments({ county, process }: LedgerOf): Entries {
  const mine = sql`k.county_id = ${county} and k.process_id = ${process}`;
  const settles = sql`join suspense s on s.county_id = k.county_id and s.process_id = k.process_id and starts_with(k.meaning, 's|') and s.suspense_id = split_part(k.meaning, '|', 2)`;
  const allotted = sql`join payments a on a.county_id = k.county_id and a.process_id = k.process_id and a.meaning = 's|' || s.suspense_id || '|allot'`;
  // Before the ledger, money of one insurance could be allotted to a due of another: then it left the one and came to the other.
  const same = sql`a.insurance = k.insurance`;
  return sql`
    select 'payment/' || k.payment_id as tx_id, 1 as entry, k.kind, ${when}, null::text as reverses, 'transit', ${unitOf(sql`k.unit_id`)}, ${sql.lit(LIES_IN.collected)}, ${unitOf(sql`k.unit_id`)}, k.insurance::text, k.amount
    from payments k where ${mine} and k.kind = 'remitted'
    union all
    select 'payment/' || k.payment_id, 1, 'refunded', ${when}, null, 'suspense', s.suspense_id::text, ${lies(sql`(s.detail ->> 'basis')`, sql`k.unit_id`)}, k.insurance::text, -k.amount
    from payments k ${settles} left join payments b on b.county_id = k.county_id and b.process_id = k.process_id and b.meaning = 's|' || s.suspense_id || '|to'
    where ${mine} and (k.meaning = 's|' || s.suspense_id || '|refund' or (k.meaning = 's|' || s.suspense_id || '|allot' and b.insurance <> k.insurance))
    union all
    select 'payment/' || k.payment_id, 1, 'allotted', ${when}, null, 'suspense', s.suspense_id::text, ${credits(sql`k.kind`)}, k.person_id::text, k.insurance::text, k.amount
    from payments k ${settles} ${allotted} where ${mine} and k.meaning = 's|' || s.suspense_id || '|to' and ${same}
    union all
    select 'payment/' || k.payment_id, 2, 'allotted', ${when}, null, ${lies(sql`k.kind`, sql`k.unit_id`)}, ${lies(sql`k.kind`, sql`a.unit_id`)}, k.insurance::text, k.amount
    from payments k ${settles} ${allotted}
    where ${mine} and k.meaning = 's|' || s.suspense_id || '|to' and ${same} and k.kind = 'collected' and k.unit_id is distinct from a.unit_id
    union all
    select 'payment/' || k.payment_id, 1, k.kind, ${when}, null, ${lies(sql`k.kind`, sql`k.unit_id`)}, ${credits(sql`k.kind`)}, k.person_id::text, k.insurance::text, k.amount
    from payments k ${settles} ${allotted} where ${mine} and k.meaning = 's|' || s.suspense_id || '|to' and not ${same}`;
}

const NAMED = sql`(tx_id, entry, kind, year, happened_on, recorded_at, recorded_by, reverses, debit, debit_holder, credit, credit_holder, insurance, amount)`;

/** As a table with its columns named, for a FROM clause. */
export const entriesTable = (entries: Entries, name: string): RawBuilder<unknown> => sql`(${entries}) as ${sql.raw(name)} ${NAMED}`;

/**
 * Writes transactions and postings of entries, in one statement: the database looks at each transaction as a whole. In the order of the key, so that a file of any size goes
 * to one end of it. Returns postings written.
 */
export async function writeEntries(trx: Trx, { county, process }: LedgerOf, entries: Entries): Promise<number> {
  const done = await sql`
    with e ${NAMED} as materialized (select * from (${entries}) as unordered ${NAMED} order by tx_id, entry),
    t as (
      insert into ledger_transactions (county_id, process_id, tx_id, kind, year, happened_on, recorded_at, recorded_by, reverses)
      select ${county}, ${process}, tx_id, kind, year, happened_on, recorded_at, recorded_by, reverses from e where entry = 1)
    insert into ledger_postings (county_id, process_id, tx_id, n, account, holder, book, insurance, amount)
    select ${county}, ${process}, tx_id, 2 * entry - 1 + side, case side when 0 then debit else credit end, case side when 0 then debit_holder else credit_holder end,
      ${CONTRIBUTIONS}, insurance, case side when 0 then amount else -amount end
    from e cross join (values (0), (1)) as sides (side)`.execute(trx);
  return Number(done.numAffectedRows ?? 0);
}
