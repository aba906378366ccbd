import { sql, type Kysely } from 'kysely';

/** How many cases stand in which state: counted again from the cases that are there. */
const states = `
alter table row_counts add column state text not null default '';
alter table row_counts drop constraint row_counts_pkey;
alter table row_counts add primary key (county_id, process_id, duty, unit_id, insurance, status, late, state);
delete from row_counts c using (select distinct county_id, process_id, duty from obligations where origin = 'case') o
  where c.county_id = o.county_id and c.process_id = o.process_id and c.duty = o.duty;
insert into row_counts (county_id, process_id, duty, unit_id, insurance, status, late, state, rows)
  select county_id, process_id, duty, unit_id, coalesce(insurance::text, ''), status, late, body -> 'case' ->> 'state', count(*)
  from obligations where origin = 'case' and row_id = obligation_id group by 1, 2, 3, 4, 5, 6, 7, 8;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(states).execute(db);
}
