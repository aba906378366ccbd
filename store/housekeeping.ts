import { sql } from 'kysely';
import { epochToMoment } from '../domain/calendar/dates.js';
import type { ProcessId, UserId } from '../domain/model/ids.js';
import { appendAudit } from './audit.js';
import type { Db, Trx } from './connection.js';

/** How much is kept of uploaded files, in bytes. */
export interface FilesKept {
  readonly files: number;
  readonly bytes: number;
  /** Of these, evidence for nothing (yet). */
  readonly unused: number;
  readonly unusedBytes: number;
}

const unused = sql<boolean>`not exists (select from file_uses u where u.county_id = f.county_id and u.file_id = f.file_id)`;

/** All counties' files; of one user alone with `of`, who then waits for other uploads of the same user until the transaction ends. */
export async function filesKept(db: Db): Promise<FilesKept> {
  const { rows } = await sql<FilesKept>`
    select count(*)::integer as files, coalesce(sum(f.size), 0)::bigint as bytes, count(*) filter (where ${unused})::integer as unused,
      coalesce(sum(f.size) filter (where ${unused}), 0)::bigint as "unusedBytes" from files f`.execute(db);
  return rows[0] ?? { files: 0, bytes: 0, unused: 0, unusedBytes: 0 };
}

/** What one user has uploaded and not used, in bytes. Uploads of one user wait for each other until their transactions end. */
export async function unusedBytesOf(trx: Trx, county: string, user: UserId): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-files'), hashtext(${`${county}/${user}`}))`.execute(trx);
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(f.size), 0)::bigint as bytes from files f where f.county_id = ${county} and f.by_user = ${user} and ${unused}`.execute(
    trx,
  );
  return rows[0]?.bytes ?? 0;
}

/** Bytes of the files that are evidence in a campaign, each counted once, and these among them. */
export async function campaignBytes(db: Db, county: string, process: ProcessId, more: readonly string[]): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(f.size), 0)::bigint as bytes from files f where f.county_id = ${county} and (f.file_id = any(${[...more]}::text[]) or f.file_id in
      (select u.file_id from file_uses u where u.county_id = ${county} and u.process_id = ${process}))`.execute(db);
  return rows[0]?.bytes ?? 0;
}

const MOST_AT_ONCE = 200;

/** Takes away files that were uploaded more than `days` ago and are evidence for nothing, and says so in the audit. Returns how many. */
export async function forgetFiles(db: Db, days: number): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const gone = await db.transaction().execute(async (trx) => {
      const { rows } = await sql<{
        county: string;
        bytes: number;
      }>`select county, bytes from forget_files(${days}, ${MOST_AT_ONCE})`.execute(trx);
      for (const county of new Set(rows.map((row) => row.county))) {
        const own = rows.filter((row) => row.county === county);
        const detail = { files: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0), days };
        await appendAudit(trx, county, {
          at: epochToMoment(Date.now()),
          actor: 'system' as UserId,
          action: 'files.forgotten',
          subject: 'files',
          detail,
        });
      }
      return rows.length;
    });
    forgotten += gone;
    if (gone < MOST_AT_ONCE) return forgotten;
  }
}

/** Forgets sign-ins that ended more than `days` ago; tokens too. Returns how many. */
export async function forgetSessions(db: Db, days: number): Promise<number> {
  const done = await db
    .deleteFrom('sessions')
    .where('expires_at', '<', sql<Date>`now() - make_interval(days => ${days})`)
    .executeTakeFirst();
  return Number(done.numDeletedRows);
}
