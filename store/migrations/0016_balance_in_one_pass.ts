import { sql, type Kysely } from 'kysely';

/**
 * The ledger's look at a statement sums each transaction once, over all of its postings: nearly all are of one book and one insurance. Those that are of several are
 * summed once more, by book and insurance. Before (0015), every transaction was summed twice.
 */
const balance = `
create or replace function refuse_unbalanced() returns trigger language plpgsql as $$
declare bad record; one record; part text := ''; n bigint; first_process text; last_process text; first_tx text; last_tx text;
begin
  select count(*), min(process_id), max(process_id), min(tx_id), max(tx_id) from added into n, first_process, last_process, first_tx, last_tx;
  if n = 0 then
    return null;
  end if;
  execute 'select a.tx_id, a.account from added a left join ledger_accounts c on c.account = a.account
    where c.account is null or (c.holder is null) <> (a.holder is null) limit 1' into bad;
  if bad.tx_id is not null then
    raise exception 'ledger: % has no such account as %', bad.tx_id, bad.account using errcode = 'DB002';
  end if;
  if n >= 1000 then
    part := format(' where process_id between %L and %L and tx_id between %L and %L', first_process, last_process, first_tx, last_tx);
  end if;
  execute format('with s as materialized (
      select county_id, process_id, tx_id, sum(amount) = 0 and min(book) = max(book) and min(insurance) = max(insurance) as balanced,
        min(n) as first, max(n) as last, count(*) as rows from added group by 1, 2, 3)
    select (select bool_and(balanced) from s) as balanced, (
      select s.tx_id from s left join (select county_id, process_id, tx_id from ledger_transactions%s) t using (county_id, process_id, tx_id)
      where t.tx_id is null or s.first <> 1 or s.last <> s.rows limit 1) as partial', part)
    into bad;
  if not bad.balanced then
    execute 'select tx_id, book, insurance, sum(amount) as amount from added group by county_id, process_id, tx_id, book, insurance having sum(amount) <> 0
      order by 1, 2, 3 limit 1' into one;
    if one.tx_id is not null then
      raise exception 'ledger: % does not balance in book % of %: %', one.tx_id, one.book, one.insurance, one.amount using errcode = 'DB002';
    end if;
  end if;
  if bad.partial is not null then
    raise exception 'ledger: % is not written whole', bad.partial using errcode = 'DB002';
  end if;
  return null;
end $$;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(balance).execute(db);
}
