import { sql, type Kysely } from 'kysely';

/*
 * What acts give as evidence: numbers that are good once in a campaign, and which obligation a stored file belongs to. Both are claimed before the
 * act is handed to the engine and given back when it is refused.
 */
const evidence = `
create table serials (
  county_id ident not null, process_id ident not null, field ident not null, number ident not null, act_id ident not null,
  obligation_id ident not null, stored_at timestamptz not null default now(),
  primary key (county_id, process_id, field, number), foreign key (county_id, process_id) references processes);
create index serials_act on serials (county_id, process_id, act_id);
create table file_uses (
  county_id ident not null, file_id ident not null, process_id ident not null, obligation_id ident not null, act_id ident not null,
  stored_at timestamptz not null default now(),
  primary key (county_id, file_id, process_id, obligation_id, act_id), foreign key (county_id, file_id) references files);
`;

/** Numbers that acts have already used, in papers and in answers; the first act keeps a number that stands twice. */
const usedBefore = `
with acts as (
  select j.county_id, j.process_id, j.seq, j.act_id, j.event::jsonb -> 'act' as act, s.body::jsonb -> 'definition' as definition
  from journal j
  join processes p on p.county_id = j.county_id and p.process_id = j.process_id
  join settings s on s.county_id = p.county_id and s.digest = p.setting_digest
  where j.act_id is not null),
asked as (
  select a.*, 'papers.' || (given ->> 'paper') as place, given -> 'fields' as answers,
    a.definition -> 'papers' -> (given ->> 'paper') -> 'fields' as fields
  from acts a cross join lateral jsonb_array_elements(
    case jsonb_typeof(a.act -> 'evidence') when 'array' then a.act -> 'evidence' else '[]'::jsonb end) as given
  union all
  select a.*, 'duties.' || split_part(a.act ->> 'obligation', '/', 1), a.act -> 'answer',
    a.definition -> 'duties' -> split_part(a.act ->> 'obligation', '/', 1) -> 'fields'
  from acts a where jsonb_typeof(a.act -> 'answer') = 'object')
insert into serials (county_id, process_id, field, number, act_id, obligation_id)
select county_id, process_id, place || '.' || (field ->> 'id'), btrim(answers ->> (field ->> 'id')), act_id, act ->> 'obligation'
from asked cross join lateral jsonb_array_elements(coalesce(fields, '[]'::jsonb)) as field
where field ->> 'type' = 'serial' and answers ? (field ->> 'id')
order by seq
on conflict do nothing;
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(evidence).execute(db);
  await sql.raw(usedBefore).execute(db);
}
