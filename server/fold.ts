import { initialState, step } from '../domain/process/index.js';
import type { ProcessId } from '../domain/model/ids.js';
import type { Setting } from '../domain/model/setting.js';
import type { State } from '../domain/model/state.js';
import type { Db } from '../store/connection.js';
import { readEvents } from '../store/journal.js';
import { findProcess } from '../store/processes.js';
import { getSetting } from '../store/settings.js';
import { notFound } from './http/problems.js';

/** A process as its journal says it is. */
export interface Folded {
  readonly setting: Setting;
  readonly state: State;
}

const KEPT = 16;
const PAGE = 500;

/**
 * Processes folded from their journals, kept and taken further with each new event, so that asking again costs only what is new. The core is
 * deterministic: this is the state the workflow has.
 */
export class Folds {
  readonly #kept = new Map<string, Folded>();

  constructor(
    private readonly db: Db,
    private readonly county: string,
  ) {}

  /** Error: `not-found`. */
  async of(process: ProcessId): Promise<Folded> {
    let { setting, state } = this.#kept.get(process) ?? (await this.#begin(process));
    for (;;) {
      const page = await readEvents(this.db, this.county, process, state.seq, PAGE);
      for (const { event } of page) {
        if (event.type === 'settingChanged') setting = await getSetting(this.db, this.county, event.setting);
        state = step(setting, state, event).state;
      }
      if (page.length < PAGE) break;
    }
    return this.#keep(process, { setting, state });
  }

  async #begin(process: ProcessId): Promise<Folded> {
    const row = await findProcess(this.db, this.county, process);
    if (row === null) throw notFound();
    return { setting: await getSetting(this.db, this.county, row.first_setting), state: initialState(process) };
  }

  #keep(process: ProcessId, folded: Folded): Folded {
    const known = this.#kept.get(process);
    // Two at once: the one who read further stays.
    const best = known !== undefined && known.state.seq > folded.state.seq ? known : folded;
    this.#kept.delete(process);
    this.#kept.set(process, best);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT && oldest.done !== true) this.#kept.delete(oldest.value);
    return best;
  }
}
