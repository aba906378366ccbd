import type { Db } from '../connection.js';

export interface AuditRow {
  readonly chain: string;
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
  readonly hash: string;
}

/** Entries of a chain after number `after`, oldest first; one more than `limit`. */
export async function listAudit(db: Db, county: string, chain: string, after: number, limit: number): Promise<AuditRow[]> {
  return db
    .selectFrom('audit')
    .select(['chain', 'seq', 'at', 'actor', 'action', 'subject', 'detail', 'hash'])
    .where('county_id', '=', county)
    .where('chain', '=', chain)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit + 1)
    .execute();
}
