import { dateOf } from '../../domain/calendar/dates.js';
import type { RowBirth, RowsEffect } from '../../domain/model/effect.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { LocalDate, ObligationId, ProcessId } from '../../domain/model/ids.js';
import { bringRow, type Row, type Turn } from '../../domain/process/rows.js';
import { rowId } from '../../domain/process/obligation-ids.js';
import type { Store, Trx } from '../../store/connection.js';
import { casesOfDues, takeOpenings } from '../../store/cases/openings.js';
import { nextId } from '../../store/ids.js';
import { rowSums } from '../../store/rows/counts.js';
import { seeDues, takeTouched } from '../../store/rows/dues.js';
import { appendEntries, entriesDigest, lastEntry, type RowEntry } from '../../store/rows/journal.js';
import { dueRows, holdRows, nextOfRows, openRows, rowsAbout } from '../../store/rows/standing.js';
import { birthsInForce, finishTurn, lockRows } from '../../store/rows/turns.js';
import { writeRows, type RowChange } from '../../store/rows/write.js';
import { openedRows, settledRow } from './changes.js';
import { Judge } from './judge.js';
import { holdCases } from './take-up.js';
import { lastOf, sinceTurn, type TurnBook } from './turns.js';

/** Rows written in one transaction. */
const PAGE = 1_000;
const FIRST_DAY = '0001-01-01' as LocalDate;

export interface RowsRequest {
  readonly county: string;
  readonly process: ProcessId;
  readonly effect: Omit<RowsEffect, 'context'>;
}
export type RowsAnswer = Omit<Extract<CoreEvent, { type: 'rowsTurned' }>, 'type' | 'at'>;

/**
 * Gives the rows of a process their turn, a page a transaction: opens what is born, steps what is due, brings all under a changed context, settles
 * what facts have touched. A page is done or not; killed in between and asked again, it goes on with what is left, and two workers at once wait for
 * each other. Nothing of it grows with the number of rows.
 */
export async function turnRows(store: Store, book: TurnBook, request: RowsRequest): Promise<RowsAnswer> {
  const { effect } = request;
  const work = new Work(store, book, request);
  const did = { opened: 0, stepped: 0, settled: 0 };
  // Those that were there; what is opened now stands under this turn already.
  if (effect.kind === 'context') did.stepped += await work.bringAll();
  for (const birth of effect.births) did.opened += await work.open(birth);
  if (effect.kind !== 'facts') did.stepped += await work.bringDue();
  const settled = await work.settleTouched();
  const cases = await work.takeUp();
  return {
    ...(await work.answer()),
    did: {
      opened: did.opened + settled.opened + cases.opened,
      stepped: did.stepped,
      settled: settled.settled + cases.settled,
    },
  };
}

class Work {
  readonly #county: string;
  readonly #process: ProcessId;
  readonly #effect: RowsRequest['effect'];
  #judge: { readonly turn: number; readonly judge: Judge } | null = null;

  constructor(
    private readonly store: Store,
    private readonly book: TurnBook,
    { county, process, effect }: RowsRequest,
  ) {
    this.#county = county;
    this.#process = process;
    this.#effect = effect;
  }

  /** One row for everybody about whom the duty is owed now; who has one already keeps it. */
  async open(birth: RowBirth): Promise<number> {
    let opened = 0;
    for (let after = ''; ;) {
      const page = await this.#page(async (trx) => {
        const turns = await this.#turns(trx);
        const judge = this.#judgeFor(turns);
        const dues = await seeDues(trx, this.#of(), judge.columns, { after, limit: PAGE });
        const owed = dues.filter((due) => judge.stands(birth.duty, due) === 'owed');
        const ids = owed.map(({ due }) => due);
        const standing = new Set(await rowsAbout(trx, this.#county, this.#process, [birth], ids));
        const changes = openedRows(lastOf(turns), this.#effect.at, birth, owed, standing);
        await this.#write(trx, turns, changes.changes, changes.entries, null);
        return { last: dues.at(-1)?.due ?? null, full: dues.length === PAGE, opened: changes.changes.length };
      });
      opened += page.opened;
      if (page.last === null || !page.full) return opened;
      after = page.last;
    }
  }

  /** After an amendment, a pause, another setting: every row that is not over. */
  async bringAll(): Promise<number> {
    let brought = 0;
    const duties = await this.store.db.transaction().execute(async (trx) => {
      const births = await birthsInForce(trx, this.#county, this.#process, this.#effect.turn, FIRST_DAY);
      const cases = lastOf(await this.#turns(trx)).setting.definition.cases ?? {};
      return [...new Set(births.map(({ duty }) => duty)), ...Object.keys(cases)];
    });
    for (const duty of duties)
      for (let after: ObligationId | null = null; ;) {
        const from: ObligationId | null = after;
        const ids: readonly ObligationId[] = await this.#page(async (trx) => {
          const page = await openRows(trx, this.#county, this.#process, duty, from, PAGE);
          brought += await this.#bring(trx, page);
          return page;
        });
        after = ids.at(-1) ?? null;
        if (after === null || ids.length < PAGE) break;
      }
    return brought;
  }

  async bringDue(): Promise<number> {
    let brought = 0;
    for (;;) {
      const page = await this.#page(async (trx) => {
        const ids = await dueRows(trx, this.#county, this.#process, this.#effect.at, PAGE);
        return { found: ids.length, brought: await this.#bring(trx, ids) };
      });
      brought += page.brought;
      // While the process is paused nothing moves: what is due stays due.
      if (page.found === 0 || page.brought === 0) return brought;
    }
  }

  /** Looks again at the dues that have changed: opens, discharges, opens again, moves. */
  async settleTouched(): Promise<{ opened: number; settled: number }> {
    const did = { opened: 0, settled: 0 };
    for (;;) {
      const found = await this.#page(async (trx) => {
        const touched = await takeTouched(trx, this.#county, this.#process, PAGE);
        if (touched.length === 0) return 0;
        const turns = await this.#turns(trx);
        const judge = this.#judgeFor(turns);
        const dues = await seeDues(trx, this.#of(), judge.columns, { ids: touched });
        const births = await birthsInForce(trx, this.#county, this.#process, this.#effect.turn, FIRST_DAY);
        const held = await holdRows(trx, this.#county, this.#process, [
          ...(await rowsAbout(trx, this.#county, this.#process, births, touched)),
          ...(await this.#openCases(trx, turns, touched)),
        ]);
        const changes: RowChange[] = [];
        const entries: RowEntry[] = [];
        const known = new Set<ObligationId>(held.map(({ id }) => id));
        const since = held.length === 0 ? turns : await this.#since(trx, held);
        const seen = new Map(dues.map((due) => [due.due, due]));
        for (const row of held) {
          const due = seen.get(row.main.subject?.due ?? '');
          const stands = due && (row.main.case ? (judge.arrived(due) ? 'done' : 'owed') : judge.stands(dutyOf(row), due));
          const stepped = due && stands ? settledRow(sinceTurn(since, row.turn), this.#effect.at, row, due, stands) : null;
          if (stepped === null) continue;
          changes.push(stepped.change);
          if (stepped.entry) entries.push(stepped.entry);
        }
        did.settled += changes.length;
        for (const birth of births.filter(({ window }) => window === null || window.end >= this.#today)) {
          const fresh = dues.filter(
            (due) => !known.has(rowId(birth.duty, due.due, birth.period)) && judge.stands(birth.duty, due) === 'owed',
          );
          const opened = openedRows(lastOf(turns), this.#effect.at, birth, fresh, known);
          changes.push(...opened.changes);
          entries.push(...opened.entries);
          did.opened += opened.changes.length;
        }
        const tag = this.#effect.kind === 'facts' ? await nextId(trx, this.#county, 'f') : null;
        await this.#write(trx, turns, changes, entries, tag);
        return touched.length;
      });
      if (found === 0) return did;
    }
  }

  /** Takes up what calls for cases, in the order in which it was stored; cases that call for others are taken up as well. */
  async takeUp(): Promise<{ opened: number; settled: number }> {
    const did = { opened: 0, settled: 0 };
    for (;;) {
      const found = await this.#page(async (trx) => {
        const openings = await takeOpenings(trx, this.#county, this.#process, PAGE);
        if (openings.length === 0) return 0;
        const turns = await this.#turns(trx);
        if (lastOf(turns).context.status === 'stopped') return openings.length;
        const judge = this.#judgeFor(turns);
        const ids = openings.map(({ due }) => due);
        const seen = new Map((await seeDues(trx, this.#of(), judge.columns, { ids })).map((due) => [due.due, due]));
        const of = { county: this.#county, process: this.#process, at: this.#effect.at };
        const cases = await holdCases(trx, of, ids, lastOf(turns), (rows) => this.#since(trx, rows));
        for (const opening of openings) {
          const due = seen.get(opening.due);
          if (due) cases.take(opening, due, judge.arrived(due));
        }
        did.opened += cases.opened;
        did.settled += cases.told;
        await this.#write(trx, turns, cases.changes, cases.entries, await nextId(trx, this.#county, 'f'));
        return openings.length;
      });
      if (found === 0) return did;
    }
  }

  /** How they stand now, when the next has something due, and one digest over what was journalled since the last answer. */
  async answer(): Promise<Omit<RowsAnswer, 'did'>> {
    const { turn, journalled } = this.#effect;
    return this.store.db.transaction().execute(async (trx) => {
      await lockRows(trx, this.#county, this.#process);
      await finishTurn(trx, this.#county, this.#process, turn);
      const to = await lastEntry(trx, this.#county, this.#process);
      const range = { from: Math.min(journalled, to), to };
      return {
        turn,
        nextAt: await nextOfRows(trx, this.#county, this.#process),
        sums: await rowSums(trx, this.#county, this.#process),
        journal: { ...range, ...(await entriesDigest(trx, this.#county, this.#process, range)) },
      };
    });
  }

  get #today(): LocalDate {
    return dateOf(this.#effect.at);
  }
  #of(): { readonly county: string; readonly process: ProcessId; readonly today: LocalDate } {
    return { county: this.#county, process: this.#process, today: this.#today };
  }

  #page<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    return this.store.db.transaction().execute(async (trx) => {
      await lockRows(trx, this.#county, this.#process);
      return work(trx);
    });
  }

  /** The turn that is asked for, or a later one that is written already: rows are never behind what is known. */
  #turns(trx: Trx): Promise<readonly Turn[]> {
    return this.book.since(trx, this.#county, this.#process, this.#effect.turn);
  }

  /** The turns that any of these rows has not had, with the one before. */
  #since(trx: Trx, rows: readonly Row[]): Promise<readonly Turn[]> {
    return this.book.since(trx, this.#county, this.#process, Math.min(...rows.map(({ turn }) => turn)));
  }

  #judgeFor(turns: readonly Turn[]): Judge {
    const turn = lastOf(turns);
    if (this.#judge?.turn !== turn.seq) this.#judge = { turn: turn.seq, judge: new Judge(turn, this.#today) };
    return this.#judge.judge;
  }

  async #openCases(trx: Trx, turns: readonly Turn[], dues: readonly string[]): Promise<readonly ObligationId[]> {
    const types = Object.keys(lastOf(turns).setting.definition.cases ?? {});
    const known = await casesOfDues(trx, this.#county, this.#process, types, dues);
    return known.flatMap(({ id, open }) => (open ? [id] : []));
  }

  async #bring(trx: Trx, ids: readonly ObligationId[]): Promise<number> {
    const rows = await holdRows(trx, this.#county, this.#process, ids);
    if (rows.length === 0) return 0;
    const all = await this.#since(trx, rows);
    const changes = rows.flatMap((row): RowChange[] => {
      const stepped = bringRow(row, sinceTurn(all, row.turn));
      return stepped.changed ? [{ before: row, row: stepped.row, effects: stepped.effects }] : [];
    });
    await this.#write(trx, all, changes, [], `t${this.#effect.turn}`);
    return changes.length;
  }

  async #write(
    trx: Trx,
    turns: readonly Turn[],
    changes: readonly RowChange[],
    entries: readonly RowEntry[],
    tag: string | null,
  ): Promise<void> {
    await writeRows(trx, this.#county, this.#process, lastOf(turns).setting, changes, tag ?? `t${this.#effect.turn}`);
    await appendEntries(trx, this.#county, this.#process, entries);
  }
}

const dutyOf = (row: Row): string => (row.main.origin.kind === 'duty' ? row.main.origin.duty : '');
