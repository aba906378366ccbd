import type { CoreEvent } from '../../domain/model/event.js';
import type { Digest, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { hashAt } from '../../store/audit.js';
import type { Db, Store, Trx } from '../../store/connection.js';
import { StoreError } from '../../store/errors.js';
import { journalConflict, readEvents, type Journalled } from '../../store/journal.js';
import { canonicalJson } from '../../store/json.js';
import { findProcess, lockProcess, saveProcess, type ProcessAfter, type ProcessRow } from '../../store/processes.js';
import { readModelDigests, type FoldedTable } from '../../store/read-model/digests.js';
import { Changes, clearReadModel } from '../../store/read-model/write.js';
import { rewriteReadModel, writeRecording } from '../../store/recording.js';
import { hasTurnAhead } from '../../store/rows/turns.js';
import { getSetting } from '../../store/settings.js';
import { rebuildRows } from '../rows/rebuild.js';
import { issuingOf, keepIssues, type Issuing } from '../reports/issue.js';
import { Latest } from './cache.js';
import { foldEvent, unfolded, type Folded } from './fold.js';

/** Folded states kept in memory; a campaign's is below 512 KB. */
const STATES_KEPT = 64;
const SETTINGS_KEPT = 16;
const PAGE = 500;

/** A fold with the hash of its last audit entry: whether the store still holds this past is asked before it is used. */
interface Remembered {
  readonly folded: Folded;
  readonly hash: string | null;
}

/**
 * The one writer of journals and read models. What the read model holds is what folding the journal gives, because it is written by folding
 * it: event by event with the core that accepted them. One recorder a worker; two workers wait for each other on the process's row.
 */
export class Recorder {
  readonly #states = new Latest<Remembered>(STATES_KEPT);
  readonly #settings = new Latest<Setting>(SETTINGS_KEPT);

  constructor(private readonly store: Store) {}

  /**
   * Writes events `fromSeq..` in one transaction and returns the number of the last one in the journal. Events that are there already must be
   * the same and are passed over. Errors, nothing written: `process-missing`; `journal-conflict` another event stands at a number;
   * `journal-gap` the journal ends before `fromSeq`; `journal-refused`, see `foldEvent`.
   */
  async record(county: string, process: ProcessId, fromSeq: number, events: readonly CoreEvent[]): Promise<number> {
    const written =
      (await this.#recordAtOnce(county, process, fromSeq, events)) ??
      (await this.store.db.transaction().execute((trx) => this.#recordHeld(trx, county, process, fromSeq, events)));
    if (written !== null) this.#states.set(keyOf(county, process), written);
    return fromSeq + events.length - 1;
  }

  /** Nearly always: this worker knows the state, and one statement writes all where the store still stands there. Null: it has to be looked at. */
  async #recordAtOnce(county: string, process: ProcessId, fromSeq: number, events: readonly CoreEvent[]): Promise<Remembered | null> {
    const { db } = this.store;
    const known = this.#states.get(keyOf(county, process));
    if (known === undefined || known.folded.state.seq !== fromSeq - 1 || known.hash === null) return null;
    const changes = new Changes();
    const issuing: Issuing[] = [];
    // What is remembered may be a past that the store no longer holds: whether the core refuses is judged by the store's.
    const after = await this.#apply(db, county, known.folded, events, changes, issuing).catch(() => null);
    if (after === null || !changes.isPlain || issuing.length > 0) return null;
    const hash = await writeRecording(db, county, process, { seq: fromSeq - 1, head: known.hash, events, after: rowAfter(after), changes });
    return hash === null ? null : { folded: after, hash };
  }

  /** With the process's row held: what the store holds is looked at first. Null: it holds all of it already. */
  async #recordHeld(
    trx: Trx,
    county: string,
    process: ProcessId,
    fromSeq: number,
    events: readonly CoreEvent[],
  ): Promise<Remembered | null> {
    const row = await lockProcess(trx, county, process);
    const fresh = await this.#fresh(trx, row, fromSeq, events);
    if (fresh.length === 0) return null;
    const head = await hashAt(trx, county, process, row.seq);
    const before = await this.#folded(trx, row, head);
    const changes = new Changes();
    const issuing: Issuing[] = [];
    const after = await this.#apply(trx, county, before, fresh, changes, issuing);
    const hash = await writeRecording(trx, county, process, { seq: row.seq, head, events: fresh, after: rowAfter(after), changes });
    if (hash === null) throw new Error(`${process} is held and yet not at ${row.seq}`);
    await changes.writeRest(trx, county, process);
    await keepIssues(trx, county, process, issuing);
    return { folded: after, hash };
  }

  /** The fold of a process's journal; null when it is empty or there is no such process. */
  async load(county: string, process: ProcessId): Promise<Folded | null> {
    const { db } = this.store;
    const row = await findProcess(db, county, process);
    if (row === null || row.seq === 0) return null;
    const hash = await hashAt(db, county, process, row.seq);
    const folded = await this.#folded(db, row, hash);
    this.#states.set(keyOf(county, process), { folded, hash });
    return folded;
  }

  /** Deletes the read model's rows of a process and folds its journal again, in one transaction. Returns the number of events. */
  async rebuild(county: string, process: ProcessId): Promise<number> {
    const folded = await this.store.db.transaction().execute((trx) => this.#foldAnew(trx, county, process));
    this.#states.delete(keyOf(county, process));
    return folded.state.seq;
  }

  /**
   * Folds the journals of a process and of its rows anew, compares what that gives with what stands, table by table, and takes it back. While rows have a turn
   * before them only the offices' part is compared. Errors are those of a journal that does not fold: `journal-gap`, `journal-refused`.
   */
  async verify(county: string, process: ProcessId): Promise<{ readonly events: number; readonly differs: readonly FoldedTable[] }> {
    const found: { events: number; differs: readonly FoldedTable[] } = { events: 0, differs: [] };
    const takenBack = new Error('taken back');
    try {
      await this.store.db.transaction().execute(async (trx) => {
        const rowsToo = !(await hasTurnAhead(trx, county, process));
        const digests = () => readModelDigests(trx, county, process, rowsToo);
        const before = await digests();
        found.events = (await this.#foldAnew(trx, county, process)).state.seq;
        const after = await digests();
        found.differs = Object.entries(before).flatMap(([table, digest]) =>
          digest === after[table as FoldedTable] ? [] : [table as FoldedTable],
        );
        throw takenBack;
      });
    } catch (error) {
      if (error !== takenBack) throw error;
    }
    return found;
  }

  async #foldAnew(trx: Trx, county: string, process: ProcessId): Promise<Folded> {
    const row = await lockProcess(trx, county, process);
    await clearReadModel(trx, county, process);
    let state = unfolded(process, await this.setting(trx, county, row.first_setting), row.first_setting);
    for await (const page of pages(trx, row, 0)) {
      const changes = new Changes();
      state = await this.#apply(
        trx,
        county,
        state,
        page.map(({ event }) => event),
        changes,
      );
      await rewriteReadModel(trx, county, process, changes);
    }
    await rebuildRows(trx, (db, of, digest) => this.setting(db, of, digest), county, process);
    if (row.seq > 0) await saveProcess(trx, county, process, rowAfter(state));
    return state;
  }

  /** A setting by its digest, from memory where it was used lately. */
  async setting(db: Db, county: string, digest: Digest): Promise<Setting> {
    const key = `${county}/${digest}`;
    const known = this.#settings.get(key);
    if (known !== undefined) return known;
    const setting = await getSetting(db, county, digest);
    this.#settings.set(key, setting);
    return setting;
  }

  /** Those of `events` that the journal does not hold yet. */
  async #fresh(trx: Trx, row: ProcessRow, fromSeq: number, events: readonly CoreEvent[]): Promise<readonly CoreEvent[]> {
    if (fromSeq > row.seq + 1) throw gap(row, fromSeq);
    const held = Math.min(row.seq - fromSeq + 1, events.length);
    if (held === 0) return events;
    const stored = await readEvents(trx, row.county_id, row.process_id, fromSeq - 1, held);
    events.slice(0, held).forEach((event, index) => {
      if (canonicalJson(stored[index]?.event) !== canonicalJson(event)) throw journalConflict(row.process_id, fromSeq + index, event);
    });
    return events.slice(held);
  }

  /** The fold up to the row's number, where `head` is the audit's hash: from memory, and from the journal what memory lacks. */
  async #folded(db: Db, row: ProcessRow, head: string | null): Promise<Folded> {
    const known = await this.#remembered(db, row, head);
    let folded = known ?? unfolded(row.process_id, await this.setting(db, row.county_id, row.first_setting), row.first_setting);
    for await (const page of pages(db, row, folded.state.seq)) {
      folded = await this.#apply(
        db,
        row.county_id,
        folded,
        page.map(({ event }) => event),
        null,
      );
    }
    return folded;
  }

  /** A state that this worker remembers and the store still stands behind: after a restore, what came later never happened. */
  async #remembered(db: Db, row: ProcessRow, head: string | null): Promise<Folded | null> {
    const known = this.#states.get(keyOf(row.county_id, row.process_id));
    if (known === undefined || known.folded.state.seq > row.seq) return null;
    const { seq } = known.folded.state;
    const stands = seq === row.seq ? head : await hashAt(db, row.county_id, row.process_id, seq);
    return stands === known.hash ? known.folded : null;
  }

  /** `issuing` takes the reports that the events issue; a fold of what was recorded before issues nothing again. */
  async #apply(
    db: Db,
    county: string,
    from: Folded,
    events: readonly CoreEvent[],
    changes: Changes | null,
    issuing: Issuing[] = [],
  ): Promise<Folded> {
    let folded = from;
    for (const event of events) {
      const replaced = event.type === 'settingChanged' ? await this.setting(db, county, event.setting) : null;
      const next = foldEvent(folded, event, replaced);
      issuing.push(...issuingOf(next.folded.setting.definition, folded.state, event, next.effects));
      changes?.add(next.folded, folded.state, next.effects);
      folded = next.folded;
      if (event.type === 'settingChanged' && event.what === 'units') changes?.moveUnits();
    }
    return folded;
  }
}

const rowAfter = ({ state, wakeAt, digest }: Folded): ProcessAfter => ({ state, wakeAt, setting: digest });

const keyOf = (county: string, process: ProcessId): string => `${county}/${process}`;

async function* pages(db: Db, row: ProcessRow, after: number): AsyncGenerator<readonly Journalled[]> {
  let seq = after;
  while (seq < row.seq) {
    const page = await readEvents(db, row.county_id, row.process_id, seq, Math.min(PAGE, row.seq - seq));
    const last = page.at(-1);
    if (last === undefined || last.seq !== seq + page.length) throw gap(row, seq + 1);
    yield page;
    seq = last.seq;
  }
}

function gap(row: ProcessRow, seq: number): StoreError {
  return new StoreError(
    'journal-gap',
    `${row.process_id} 的日志到第 ${row.seq} 号为止，不能从第 ${seq} 号接着记`,
    `The journal of ${row.process_id} ends at ${row.seq}: nothing can follow at ${seq}`,
    { process: row.process_id, seq, recorded: row.seq },
  );
}
