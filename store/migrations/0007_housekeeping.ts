import { sql, type Kysely } from 'kysely';

/** Numbers given when what was due before the launch was marked as done: 0002 looked for them among the acts' own evidence only. */
const claimed = `
insert into serials (county_id, process_id, field, number, act_id, obligation_id)
select j.county_id, j.process_id, 'papers.' || (given ->> 'paper') || '.' || (field ->> 'id'), btrim(given -> 'fields' ->> (field ->> 'id')), j.act_id,
  j.event -> 'act' ->> 'obligation'
from journal j
join processes p on p.county_id = j.county_id and p.process_id = j.process_id
join settings s on s.county_id = p.county_id and s.digest = p.setting_digest
cross join lateral jsonb_array_elements(j.event -> 'act' -> 'mark' -> 'evidence') as given
cross join lateral jsonb_array_elements(s.body::jsonb -> 'definition' -> 'papers' -> (given ->> 'paper') -> 'fields') as field
where j.act_id is not null and jsonb_typeof(j.event -> 'act' -> 'mark' -> 'evidence') = 'array' and field ->> 'type' = 'serial'
  and btrim(given -> 'fields' ->> (field ->> 'id')) <> ''
order by j.seq
on conflict do nothing;
`;

/**
 * Files stay add-only for the application: only this function, which runs as the owner, takes away what was uploaded long ago and is evidence for
 * nothing. A file in use cannot go: file_uses refers to it.
 */
const files = `
create index files_by_user on files (county_id, by_user);
create function forget_files(days integer, most integer) returns table (county ident, file ident, bytes bigint)
language sql security definer set search_path = public, pg_temp as $$
  delete from files f using (
    select o.county_id, o.file_id from files o
    where o.stored_at < now() - make_interval(days => greatest(days, 1))
      and not exists (select from file_uses u where u.county_id = o.county_id and u.file_id = o.file_id)
    order by o.stored_at limit most for update skip locked) g
  where f.county_id = g.county_id and f.file_id = g.file_id
  returning f.county_id, f.file_id, f.size
$$;
revoke execute on function forget_files from public;
`;

/** Rows about a person are looked at again when something of the person has changed that they are judged by, not when a key was rotated. */
const people = `
create or replace function touch_people() returns trigger language plpgsql as $$
begin
  insert into due_touches (county_id, process_id, due_id)
  select d.county_id, d.process_id, d.due_id
  from changed n
  join before b on b.county_id = n.county_id and b.person_id = n.person_id
    and (b.name, b.born, b.unit_id, b.attributes) is distinct from (n.name, n.born, n.unit_id, n.attributes)
  join (select distinct county_id, process_id from row_turns) t on t.county_id = n.county_id
  join dues d on d.county_id = t.county_id and d.process_id = t.process_id and d.person_id = n.person_id;
  return null;
end $$;
drop trigger people_changed on people;
create trigger people_changed after update on people referencing old table as before new table as changed
  for each statement execute function touch_people();
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [claimed, files, people]) await sql.raw(part).execute(db);
}
