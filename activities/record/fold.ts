import type { Effect } from '../../domain/model/effect.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { Digest, Moment, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { State } from '../../domain/model/state.js';
import { initialState, step } from '../../domain/process/index.js';
import { StoreError } from '../../store/errors.js';
import type { Ask } from '../../workflows/contract/campaign.js';

/** A process as its journal up to `state.seq` makes it. */
export interface Folded {
  readonly state: State;
  readonly setting: Setting;
  readonly digest: Digest;
  readonly wakeAt: Moment | null;
  /** Figures asked for and not yet answered, in the order of asking. */
  readonly asks: readonly Ask[];
}

/** Before the first event. */
export function unfolded(process: ProcessId, setting: Setting, digest: Digest): Folded {
  return { state: initialState(process), setting, digest, wakeAt: null, asks: [] };
}

/**
 * One journalled event further, by the same core that accepted it. `replaced` is the setting that a `settingChanged` names.
 * Error: `journal-refused` when the core refuses it or numbers it otherwise: this program is not the one that accepted it.
 */
export function foldEvent(folded: Folded, event: CoreEvent, replaced: Setting | null): { folded: Folded; effects: readonly Effect[] } {
  const setting = replaced ?? folded.setting;
  const { state, effects, wakeAt, refusal } = step(setting, folded.state, event);
  const seq = folded.state.seq + 1;
  if (refusal !== null || state.seq !== seq) {
    const why = refusal?.code ?? `seq ${state.seq}`;
    throw new StoreError(
      'journal-refused',
      `日志第 ${seq} 号事件（${event.type}）与本程序的规则不符：${why}`,
      `Event ${seq} (${event.type}) of the journal is refused by this program: ${why}`,
      { seq, type: event.type, why },
    );
  }
  const digest = event.type === 'settingChanged' ? event.setting : folded.digest;
  return { folded: { state, setting, digest, wakeAt, asks: [...unanswered(folded.asks, event), ...effects.filter(isAsk)] }, effects };
}

const isAsk = (effect: Effect): effect is Ask => effect.type === 'measure' || effect.type === 'count' || effect.type === 'rows';

/** An answer settles the oldest question that it answers. */
function unanswered(asks: readonly Ask[], event: CoreEvent): readonly Ask[] {
  const answered = asks.findIndex((ask) =>
    ask.type === 'measure'
      ? event.type === 'measured' && event.milestone === ask.key
      : ask.type === 'rows'
        ? event.type === 'rowsTurned' && event.turn === ask.turn
        : event.type === 'counted',
  );
  return answered < 0 ? asks : asks.filter((_, index) => index !== answered);
}
