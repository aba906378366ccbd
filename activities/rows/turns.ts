import type { Digest, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Turn } from '../../domain/process/rows.js';
import type { Db } from '../../store/connection.js';
import { turnsSince, type StoredTurn } from '../../store/rows/turns.js';

const MOST_KEPT = 2_000;

/** How a setting is found by its digest. */
export type SettingOf = (db: Db, county: string, digest: Digest) => Promise<Setting>;

/**
 * The turns of processes, each read once. Amendments that are the same list stay the same object from turn to turn: what is derived from them is
 * then derived once for all rows.
 */
export class TurnBook {
  readonly #known = new Map<string, Turn>();

  constructor(private readonly settingOf: SettingOf) {}

  /** The turn under which a row stands that was last written at `from`, and all after it. */
  async since(db: Db, county: string, process: ProcessId, from: number): Promise<readonly Turn[]> {
    const stored = await turnsSince(db, county, process, from);
    if (this.#known.size + stored.length > MOST_KEPT) this.#known.clear();
    const turns: Turn[] = [];
    for (const one of stored) {
      const key = `${county}/${process}/${one.seq}`;
      const known = this.#known.get(key) ?? (await this.#read(db, county, one, turns.at(-1)));
      this.#known.set(key, known);
      turns.push(known);
    }
    return turns;
  }

  async #read(db: Db, county: string, { seq, at, setting: digest, context }: StoredTurn, before: Turn | undefined): Promise<Turn> {
    const same = before?.context.amendments.length === context.amendments.length ? before.context.amendments : context.amendments;
    return { seq, at, digest, context: { ...context, amendments: same }, setting: await this.settingOf(db, county, digest) };
  }
}

/** The turn in force at a row's own and those after it. */
export function sinceTurn(turns: readonly Turn[], from: number): readonly Turn[] {
  const first = turns.findLastIndex(({ seq }) => seq <= from);
  return first <= 0 ? turns : turns.slice(first);
}

/** The turn in force. */
export function lastOf(turns: readonly Turn[]): Turn {
  const last = turns.at(-1);
  if (last === undefined) throw new Error('the process has had no turn yet');
  return last;
}
