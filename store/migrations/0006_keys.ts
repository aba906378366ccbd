import { sql, type Kysely } from 'kysely';

/*
 * Proofs of the keys with which something here, or in the engine's histories, was sealed: a service with another secrets file is told so before it
 * writes what nobody could read. A proof tells nothing of its key.
 */
const keys = `
create table sealing_keys (
  purpose ident not null check (purpose in ('payload', 'column', 'index')), key_id ident not null, proof ident not null,
  stored_at timestamptz not null default now(), primary key (purpose, key_id));
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(keys).execute(db);
}
