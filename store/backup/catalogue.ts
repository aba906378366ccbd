import type pg from 'pg';

/** A table to be kept: its columns in order, without those that the database works out itself. */
export interface Kept {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Every table of ours. The list of migrations is not kept: it is made by migrating. */
export async function keptTables(client: pg.ClientBase): Promise<readonly Kept[]> {
  const { rows } = await client.query<Kept>(`
    select c.relname::text as "table", array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_namespace s on s.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where s.nspname = 'public' and c.relkind = 'r' and c.relname not like 'kysely%' group by 1 order by 1`);
  return rows;
}

/** A reference from one table to another, with the words that make it. */
export interface Reference {
  readonly table: string;
  readonly name: string;
  readonly words: string;
}

/** References between tables: some go in circles, so tables cannot be filled in an order that satisfies all of them. */
export async function references(client: pg.ClientBase): Promise<readonly Reference[]> {
  const { rows } = await client.query<Reference>(`
    select t.relname::text as "table", k.conname::text as name, pg_get_constraintdef(k.oid) as words
    from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_namespace s on s.oid = t.relnamespace
    where s.nspname = 'public' and k.contype = 'f' order by 1, 2`);
  return rows;
}

export interface SequenceKept {
  readonly name: string;
  readonly last: string;
  readonly called: boolean;
}

/** Sequences as they stand: those of identity columns too. */
export async function keptSequences(client: pg.ClientBase): Promise<readonly SequenceKept[]> {
  const { rows } = await client.query<{ name: string }>(`
    select c.relname::text as name from pg_class c join pg_namespace s on s.oid = c.relnamespace
    where s.nspname = 'public' and c.relkind = 'S' order by 1`);
  const kept: SequenceKept[] = [];
  for (const { name } of rows) {
    const found = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${quoted(name)}`,
    );
    const [row] = found.rows;
    if (row) kept.push({ name, ...row });
  }
  return kept;
}

/** A name as SQL; ours are plain, anything else is refused. */
export function quoted(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`not a name of ours: ${name}`);
  return `"${name}"`;
}
