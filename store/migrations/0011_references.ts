import { sql, type Kysely } from 'kysely';

/*
 * What lines, outcomes and releases refer to, looked at once for all rows of a statement: a foreign key looks row by row, locks each row it finds and took longer
 * than the rows themselves. It holds as a key would: what they refer to is only ever added to, so what was there when a row came stays.
 */
const check = `
-- tg_argv: pairs of a table that is referred to and its columns, which bear the same names here. The plan is free, whatever the transaction has set.
create function refuse_strangers() returns trigger language plpgsql set enable_nestloop to on set enable_seqscan to on as $$
declare stranger text;
begin
  for i in 0 .. tg_nargs / 2 - 1 loop
    execute format('select min(concat_ws(''/'', %s)) from added a left join %I p using (%s) where p.county_id is null', tg_argv[2 * i + 1], tg_argv[2 * i], tg_argv[2 * i + 1])
      into stranger;
    if stranger is not null then
      raise exception '%: no row of % is %', tg_table_name, tg_argv[2 * i], stranger using errcode = 'foreign_key_violation', table = tg_table_name, constraint = tg_name;
    end if;
  end loop;
  return null;
end $$;
`;

interface Refers {
  readonly table: string;
  /** Keys that the check takes the place of. */
  readonly keys: readonly string[];
  readonly to: readonly (readonly [table: string, columns: string])[];
}

// The key of a line to the release before it stays a key: it is what makes a second deduction impossible, and most lines have none.
const referring: readonly Refers[] = [
  {
    table: 'deduction_lines',
    keys: ['deduction_lines_county_id_batch_id_fkey', 'deduction_lines_county_id_contribution_id_fkey'],
    to: [
      ['deduction_batches', 'county_id, batch_id'],
      ['contribution_dues', 'county_id, contribution_id'],
    ],
  },
  {
    table: 'deduction_outcomes',
    keys: ['deduction_outcomes_county_id_batch_id_line_fkey', 'deduction_outcomes_county_id_return_id_batch_id_fkey'],
    to: [
      ['deduction_lines', 'county_id, batch_id, line'],
      ['deduction_returns', 'county_id, return_id, batch_id'],
    ],
  },
  {
    table: 'deduction_releases',
    keys: [
      'deduction_releases_county_id_batch_id_line_contribution_id_fkey',
      'deduction_releases_county_id_batch_id_line_return_id_class_fkey',
    ],
    to: [
      ['deduction_lines', 'county_id, batch_id, line, contribution_id, attempt'],
      ['deduction_outcomes', 'county_id, batch_id, line, return_id, class'],
    ],
  },
];

const inPlaceOfKeys = referring.map(
  ({ table, keys, to }) => `
${keys.map((key) => `alter table ${table} drop constraint ${key};`).join('\n')}
create trigger ${table}_refer after insert on ${table} referencing new table as added
  for each statement execute function refuse_strangers(${to.flat().map((word) => `'${word}'`).join(', ')});`,
); // prettier-ignore

/** They were there for the keys alone; the primary keys find the same rows. */
const unneeded = 'drop index deduction_lines_of, deduction_returns_of, deduction_outcomes_class;';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [check, ...inPlaceOfKeys, unneeded]) await sql.raw(part).execute(db);
}
