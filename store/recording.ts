import { sql } from 'kysely';
import type { CoreEvent } from '../domain/model/event.js';
import type { ProcessId } from '../domain/model/ids.js';
import { processAudit } from './audit.js';
import type { Db, Trx } from './connection.js';
import { asConflict, insertEvents } from './journal.js';
import { alone } from './parts.js';
import { holdProcess, type ProcessAfter } from './processes.js';
import type { Changes } from './read-model/write.js';

/** Events that follow number `seq` of a journal, and what they make of the process. */
export interface Recording {
  readonly seq: number;
  /** Hash of the audit's entry at `seq`; null when there is none. */
  readonly head: string | null;
  readonly events: readonly CoreEvent[];
  readonly after: ProcessAfter;
  readonly changes: Changes;
}

/**
 * Writes journal, audit, the process's row, obligations, board and outbox in one statement, all or nothing: nine statements one after the other took as
 * long as all the rest of an act. Returns the hash of the last audit entry; null, and nothing is written, when the store does not stand
 * at `seq` and `head`. What `changes` holds besides its parts is the caller's to write. Error: `journal-conflict`.
 */
export async function writeRecording(
  db: Db,
  county: string,
  process: ProcessId,
  { seq, head, events, after, changes }: Recording,
): Promise<string | null> {
  const audit = processAudit(process, seq + 1, events, head);
  const { owed, counted, said } = changes.parts;
  try {
    const { rows } = await sql`/* prepared */
      with held as (${holdProcess(county, process, { seq, head }, after)}),
      journalled as (${insertEvents(seq + 1, events)}),
      audited as (${audit.part}),
      owed as (${owed}),
      counted as (${counted}),
      said as (${said})
      select 1 from held`.execute(db);
    return rows.length === 0 ? null : audit.hash;
  } catch (error) {
    throw asConflict(error, process, seq + 1, events);
  }
}

/** Writes what folding the journal again has found, but for the journal and its audit, which stand. The caller holds the process's row. */
export async function rewriteReadModel(trx: Trx, county: string, process: ProcessId, changes: Changes): Promise<void> {
  const { owed, counted, said } = changes.parts;
  for (const part of [owed, counted, said]) await alone(trx, county, process, part);
  await changes.writeRest(trx, county, process);
}
