import { sql } from 'kysely';
import type { ObligationId, ProcessId } from '../domain/model/ids.js';
import type { Db } from './connection.js';
import type { Journalled } from './journal.js';

/** The launch, and every act on an obligation or on what follows it up, oldest first. */
export async function eventsAbout(db: Db, county: string, process: ProcessId, obligation: ObligationId): Promise<Journalled[]> {
  return db
    .selectFrom('journal')
    .select(['seq', 'event'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(
      sql<boolean>`(event ->> 'type' = 'launched' or event ->> 'type' = 'settingChanged'
        or event -> 'act' ->> 'obligation' = ${obligation} or event -> 'act' ->> 'kind' in ('amendPhase', 'amendParameter', 'pause', 'resume', 'stop'))`,
    )
    .orderBy('seq')
    .execute();
}
