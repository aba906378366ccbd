import { sql, type Kysely } from 'kysely';

/**
 * The ledger's look at a statement, in one pass over its postings, and over that part of the transactions alone in which its own lie: before, it read all that the county
 * had ever booked, and each round of a deduction took longer than the one before.
 */
const balance = `
create or replace function refuse_unbalanced() returns trigger language plpgsql as $$
declare bad record; part text := ''; n bigint; first_process text; last_process text; first_tx text; last_tx text;
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
      select county_id, process_id, tx_id, book, insurance, sum(amount) as amount, min(n) as first, max(n) as last, count(*) as rows from added group by 1, 2, 3, 4, 5),
    unbalanced as (select tx_id, book, insurance, amount from s where amount <> 0 order by 1, 2, 3 limit 1),
    whole as (select county_id, process_id, tx_id, min(first) as first, max(last) as last, sum(rows) as rows from s group by 1, 2, 3),
    partial as (
      select w.tx_id from whole w left join (select county_id, process_id, tx_id from ledger_transactions%s) t using (county_id, process_id, tx_id)
      where t.tx_id is null or w.first <> 1 or w.last <> w.rows limit 1)
    select u.tx_id, u.book, u.insurance, u.amount, p.tx_id as partial from (values (1)) as one (n) left join unbalanced u on true left join partial p on true', part)
    into bad;
  if bad.tx_id is not null then
    raise exception 'ledger: % does not balance in book % of %: %', bad.tx_id, bad.book, bad.insurance, bad.amount using errcode = 'DB002';
  end if;
  if bad.partial is not null then
    raise exception 'ledger: % is not written whole', bad.partial using errcode = 'DB002';
  end if;
  return null;
end $$;
`;
/**
 * What lines, answers and releases refer to (0011): many rows are held against that part alone of the table in which theirs lie.
 */
const references = `
-- tg_argv: pairs of a table that is referred to and its columns, which bear the same names here; the county first, then what most narrows the table. A few rows are
-- looked up one by one; many are joined as a whole with that part of the table, whose statistics may be those of before it was filled.
create or replace function refuse_strangers() returns trigger language plpgsql set enable_nestloop to on set enable_seqscan to on as $$
declare stranger text; narrow text; part text := ''; n bigint; lowest text; highest text;
begin
  for i in 0 .. tg_nargs / 2 - 1 loop
    narrow := split_part(tg_argv[2 * i + 1], ', ', 2);
    execute format('select count(*), min(%1$I), max(%1$I) from added', narrow) into n, lowest, highest;
    continue when n = 0;
    if n >= 1000 then
      perform set_config('enable_nestloop', 'off', true);
      part := format(' where %1$I between %2$L and %3$L', narrow, lowest, highest);
    end if;
    execute format('select min(concat_ws(''/'', %1$s)) from added a left join (select * from %2$I%3$s) p using (%1$s) where p.county_id is null', tg_argv[2 * i + 1], tg_argv[2 * i], part)
      into stranger;
    if stranger is not null then
      raise exception '%: no row of % is %', tg_table_name, tg_argv[2 * i], stranger using errcode = 'foreign_key_violation', table = tg_table_name, constraint = tg_name;
    end if;
  end loop;
  return null;
end $$;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const check of [balance, references]) await sql.raw(check).execute(db);
}
