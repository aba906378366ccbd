import { sql, type RawBuilder } from 'kysely';
import { PERSON_ACCOUNTS, type AccountId, type BookId } from '../../domain/ledger/accounts.js';
import type { TransactionKind } from '../../domain/ledger/events.js';
import { shownBalance, type Posting } from '../../domain/ledger/post.js';
import type { LocalDate, Moment, UserId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import type { LedgerOf } from './entries.js';

/** What happened by a day and was recorded by a moment; null: whenever. */
export interface LedgerAsOf {
  readonly on: LocalDate | null;
  readonly recordedBy: Moment | null;
}

const joined = sql`ledger_postings p join ledger_transactions t on t.county_id = p.county_id and t.process_id = p.process_id and t.tx_id = p.tx_id`;
const within = ({ county, process }: LedgerOf, { on, recordedBy }: LedgerAsOf): RawBuilder<unknown> => sql`
  p.county_id = ${county} and p.process_id = ${process}${on === null ? sql`` : sql` and t.happened_on <= ${on}`}${recordedBy === null ? sql`` : sql` and t.recorded_at <= ${recordedBy}`}`;

export interface Balance {
  readonly book: BookId;
  readonly insurance: string;
  readonly account: AccountId;
  /** Fen, turnover of both sides. */
  readonly debit: number;
  readonly credit: number;
  /** Fen, above 0 on the account's own side. */
  readonly balance: number;
}

type Turnover = Omit<Balance, 'balance'>;
const shown = (row: Turnover): Balance => ({ ...row, balance: shownBalance(row.account, row.debit - row.credit) });
const turnover = sql`coalesce(sum(p.amount) filter (where p.amount > 0), 0)::bigint as debit, coalesce(-sum(p.amount) filter (where p.amount < 0), 0)::bigint as credit`;

/** Every account that was used, for each book and insurance; each pair sums to 0. */
export async function trialBalance(db: Db, of: LedgerOf, asOf: LedgerAsOf): Promise<readonly Balance[]> {
  const { rows } = await sql<Turnover>`
    select p.book, p.insurance, p.account, ${turnover} from ${joined} where ${within(of, asOf)} group by 1, 2, 3 order by 1, 2, 3`.execute(
    db,
  );
  return rows.map(shown);
}

/** One account, or that of one holder, for each book and insurance. */
export async function balanceOf(
  db: Db,
  of: LedgerOf,
  account: { readonly id: AccountId; readonly holder: string | null },
  asOf: LedgerAsOf,
): Promise<readonly Balance[]> {
  const holder = account.holder === null ? sql`` : sql` and p.holder = ${account.holder}`;
  const { rows } = await sql<Turnover>`
    select p.book, p.insurance, p.account, ${turnover} from ${joined} where ${within(of, asOf)} and p.account = ${account.id}${holder} group by 1, 2, 3 order by 1, 2`.execute(
    db,
  );
  return rows.map(shown);
}

export interface StatementLine {
  readonly transaction: string;
  readonly kind: TransactionKind;
  readonly on: LocalDate;
  readonly recordedAt: Moment;
  readonly book: BookId;
  readonly insurance: string;
  readonly year: number;
  readonly account: AccountId;
  /** Fen, above 0: more on the account's own side. */
  readonly amount: number;
  /** What then stands on the account for the insurance and year. */
  readonly balance: number;
}

/** What moved for one person: own accounts and own money in suspense, in the order of the days. */
export async function statementOf(db: Db, of: LedgerOf, person: string, asOf: LedgerAsOf): Promise<readonly StatementLine[]> {
  const { county, process } = of;
  const own = sql`((p.account = any(${[...PERSON_ACCOUNTS]}::text[]) and p.holder = ${person}) or (p.account = 'suspense' and p.holder in (
    select s.suspense_id from payments k join suspense s on s.county_id = k.county_id and s.process_id = k.process_id and s.payment_id = k.payment_id
    where k.county_id = ${county} and k.process_id = ${process} and k.person_id = ${person} and k.due_id is null)))`;
  const { rows } = await sql<Omit<StatementLine, 'balance'>>`
    select t.tx_id as transaction, t.kind, t.happened_on as on, t.recorded_at as "recordedAt", p.book, p.insurance, t.year, p.account, sum(p.amount)::bigint as amount
    from ${joined} where ${within(of, asOf)} and p.holder is not null and ${own}
    group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(p.amount) <> 0 order by t.happened_on, t.kind = 'matched', t.recorded_at, t.tx_id, p.account`.execute(
    db,
  );
  const standing = new Map<string, number>();
  return rows.map((row) => {
    const amount = shownBalance(row.account, row.amount);
    const key = `${row.book}/${row.insurance}/${row.year}/${row.account}`;
    const balance = (standing.get(key) ?? 0) + amount;
    standing.set(key, balance);
    return { ...row, amount, balance };
  });
}

export interface DumpedTransaction {
  readonly campaign: string;
  readonly id: string;
  readonly kind: TransactionKind;
  readonly on: LocalDate;
  readonly year: number;
  readonly by: UserId;
  readonly reverses: string | null;
  readonly postings: readonly Posting[];
}

/** Transactions with their postings in the order of their ids, after one of them. Surrogates only; no moment of recording. */
export async function dumpTransactions(db: Db, of: LedgerOf, after: string, limit: number): Promise<readonly DumpedTransaction[]> {
  const { county, process } = of;
  const { rows } = await sql<DumpedTransaction>`
    select t.process_id as campaign, t.tx_id as id, t.kind, t.happened_on as on, t.year, t.recorded_by as by, t.reverses, p.postings
    from (select * from ledger_transactions where county_id = ${county} and process_id = ${process} and tx_id > ${after} order by tx_id limit ${limit}) t
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('account', p.account, 'holder', p.holder, 'book', p.book, 'insurance', p.insurance, 'amount', p.amount) order by p.n), '[]') as postings
      from ledger_postings p where p.county_id = t.county_id and p.process_id = t.process_id and p.tx_id = t.tx_id) p
    order by t.tx_id`.execute(db);
  return rows;
}
