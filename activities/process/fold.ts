import type { Effect } from '../../domain/model/effect.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { Digest, Moment, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { State } from '../../domain/model/state.js';
import { initialState, step } from '../../domain/process/index.js';
import type { Ask } from '../../workflows/contract/campaign.js';

/** What the journal amounts to up to some event. */
export interface Folded {
  readonly state: State;
  readonly setting: Digest;
  readonly wakeAt: Moment | null;
  /** Figures asked for and not yet answered, oldest first; all `count`s in one. */
  readonly asks: readonly Ask[];
}

export const unfolded = (process: ProcessId, first: Digest): Folded => ({
  state: initialState(process),
  setting: first,
  wakeAt: null,
  asks: [],
});

/** The journal holds an event that the core does not take: never skipped, since all after it would be guessed. */
export class UnfoldableJournal extends Error {
  override readonly name = 'UnfoldableJournal';
  readonly code = 'journal-unfoldable';
}

/** Folds one event. `setting` is the setting of `folded.setting`, or for `settingChanged` the new one. Error: `UnfoldableJournal`. */
export function foldOne(folded: Folded, setting: Setting, event: CoreEvent): Folded {
  const stepped = step(setting, folded.state, event);
  if (stepped.refusal !== null)
    throw new UnfoldableJournal(`event ${folded.state.seq + 1} (${event.type}) is refused: ${stepped.refusal.code}`);
  const open = event.type === 'counted' ? folded.asks.filter((ask) => ask.type !== 'count') : folded.asks;
  const left = event.type === 'measured' ? open.filter((ask) => ask.type !== 'measure' || ask.key !== event.milestone) : open;
  return {
    state: stepped.state,
    setting: event.type === 'settingChanged' ? event.setting : folded.setting,
    wakeAt: stepped.wakeAt,
    asks: stepped.effects.reduce(withAsk, left),
  };
}

function withAsk(asks: readonly Ask[], effect: Effect): readonly Ask[] {
  if (effect.type === 'measure') return [...asks.filter((ask) => ask.type !== 'measure' || ask.key !== effect.key), effect];
  if (effect.type !== 'count') return asks;
  const before = asks.flatMap((ask) => (ask.type === 'count' ? ask.needed : []));
  return [...asks.filter((ask) => ask.type !== 'count'), { type: 'count', needed: [...new Set([...before, ...effect.needed])] }];
}
