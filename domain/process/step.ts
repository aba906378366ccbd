import { CalendarError } from '../calendar/errors.js';
import type { Stepped } from '../model/effect.js';
import type { CoreEvent, UnitFact } from '../model/event.js';
import type { ActId, Moment, ProcessId, UnitId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { Obligation, State } from '../model/state.js';
import { advance, nextWake, settle } from './advance.js';
import { perform } from './acts/index.js';
import { finish } from './acts/finish.js';
import { bearOnce, bearPeriods } from './births.js';
import { countsRows, doneIfHolds, neededForDoneIf } from './conditions.js';
import { Draft } from './draft.js';
import { holdFact } from './holding.js';
import { takeDeduction } from './rounds.js';
import { judge, setMilestones } from './milestones.js';
import { beginPhases } from './phases.js';
import { projectAnew, reproject, wakeWaiting } from './projection.js';
import { refusal, Refused } from './refusals.js';
import { askForRows, rowsOwed, takeRows } from './turns.js';
import { moveToSuccessors } from './succession.js';

/** Raised when a change of the core changes what a step does; carried state adopts it by a recorded `revised` event. */
export const CORE_REVISION = 1;
/** So many acts are remembered for repeats; the journal knows them all. */
const ACTS_KEPT = 2000;

/** Before the launch there is nothing; the first event is `launched`. */
export function initialState(process: ProcessId): State {
  const at = '0001-01-01T00:00:00' as Moment;
  return {
    schema: 1,
    coreRevision: CORE_REVISION,
    process,
    status: 'running',
    seq: 0,
    now: at,
    launchedAt: at,
    open: {},
    closed: {},
    milestones: {},
    periods: {},
    phases: {},
    held: {},
    publications: {},
    amendments: [],
    paused: null,
    acts: [],
    factsUpTo: 0,
  };
}

/**
 * The pure core: what a campaign becomes by one event, what is to be done about it, and when it must be woken. No I/O, no clock, no randomness;
 * the given state is never changed. First everything due up to the event's moment happens, each thing at its own moment; then the event. A refused
 * act changes nothing at all: the state is the given one, and the event is not to be journalled.
 */
export function step(setting: Setting, state: State, event: CoreEvent): Stepped<State> {
  const draft = new Draft(setting, state, state.now);
  let wakeAt: Moment | null;
  try {
    if (event.type === 'launched') draft.set({ launchedAt: event.at });
    advance(draft, event.at);
    take(draft, event);
    // What the event itself has made due, and what a clock that goes on has behind it.
    wakeAt = advance(draft, draft.now);
    if (draft.countsWanted && event.type !== 'launched' && event.type !== 'facts') askForCounts(draft);
    askForRows(draft, state, event);
    if (endIfOver(draft)) wakeAt = null;
  } catch (error) {
    if (error instanceof Refused && event.type === 'acted')
      return { state, effects: [], wakeAt: nextWake(new Draft(setting, state, state.now)), refusal: error.refusal };
    if (error instanceof CalendarError && event.type === 'acted')
      return {
        state,
        effects: [],
        wakeAt: nextWake(new Draft(setting, state, state.now)),
        refusal: refusal('date-impossible', { why: error.zh }),
      };
    throw error;
  }
  draft.set({ seq: state.seq + 1 });
  return { state: draft.state, effects: draft.effects, wakeAt, refusal: null };
}

function take(draft: Draft, event: CoreEvent): void {
  switch (event.type) {
    case 'launched':
      return launch(draft);
    case 'woke':
      return;
    case 'acted':
      perform(draft, event.act, event.actor);
      return remember(draft, event.actId);
    case 'facts':
      return takeFacts(draft, event.upTo, event.facts);
    case 'measured':
      return judge(draft, event.milestone, event.snapshot, event.tallies);
    case 'counted':
      return takeCounts(draft, event.tallies);
    case 'rowsTurned':
      return takeRows(draft, event);
    case 'settingChanged':
      return takeSetting(draft, event.what);
    case 'revised':
      return draft.set({ coreRevision: event.coreRevision });
    default: {
      const never: never = event;
      return never;
    }
  }
}

function launch(draft: Draft): void {
  beginPhases(draft);
  bearOnce(draft, null);
  bearPeriods(draft);
  setMilestones(draft, null);
  wakeWaiting(draft);
  askForCounts(draft);
}

function remember(draft: Draft, act: ActId): void {
  draft.set({ acts: [...draft.state.acts.slice(-(ACTS_KEPT - 1)), [act, null]] });
}

function takeFacts(draft: Draft, upTo: number, facts: readonly UnitFact[]): void {
  if (upTo <= draft.state.factsUpTo) return;
  draft.set({ factsUpTo: upTo });
  // Facts and settings that come after the end are taken in, but nothing more is owed because of them.
  if (draft.isOver) return;
  for (const fact of [...facts].sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0))) {
    if (fact.kind === 'rows.touched') continue;
    if (fact.kind === 'deduction') {
      takeDeduction(draft, fact);
      settle(draft);
      continue;
    }
    holdFact(draft, fact);
    draft.happened({ event: fact.kind, unit: fact.unit, insurance: fact.insurance, on: fact.on });
    settle(draft);
  }
  askForCounts(draft);
}

/** Present figures are asked for while some open duty is discharged by a fact (`doneIf`). */
function askForCounts(draft: Draft): void {
  const needed = neededForDoneIf(draft);
  if (needed.length > 0) draft.emit({ type: 'count', needed });
}

function takeCounts(draft: Draft, tallies: Extract<CoreEvent, { type: 'counted' }>['tallies']): void {
  // Rows that have not had their turn are not counted yet: their answer asks for figures again.
  const waits = (draft.state.rows?.asked.length ?? 0) > 0;
  for (const duty of Object.values(draft.frame.definition.duties)) {
    if (duty.doneIf === null || (waits && countsRows(draft.frame, duty.doneIf))) continue;
    for (const obligation of draft.shelf(duty.id)) {
      if (obligation.status !== 'open' && obligation.status !== 'waiting') continue;
      if (doneIfHolds(draft, duty.doneIf, obligation.unit, tallies))
        finish(draft, obligation, 'done', draft.today, 'system' as Obligation['parts'][number]['by'], null);
    }
  }
}

/** Units, calendar or tables were replaced: the shell gives the new setting with the event. */
function takeSetting(draft: Draft, what: Extract<CoreEvent, { type: 'settingChanged' }>['what']): void {
  if (draft.isOver) return;
  if (what === 'units') {
    const known = new Set<UnitId>(Object.keys(draft.state.open).flatMap((shelf) => draft.shelf(shelf).map(({ unit }) => unit)));
    for (const [shelf, marks] of Object.entries(draft.state.closed))
      if (!shelf.startsWith('~')) for (const id of Object.keys(marks)) known.add((id.split('/')[1] ?? '').split('@')[0] as UnitId);
    moveToSuccessors(draft);
    const fresh = new Set(draft.frame.setting.units.filter(({ id }) => !known.has(id)).map(({ id }) => id));
    if (fresh.size > 0) {
      bearOnce(draft, fresh);
      bearPeriods(draft, fresh);
      setMilestones(draft, fresh);
    }
  }
  if (what === 'calendar') projectAnew(draft);
  else reproject(draft);
}

/** A definition with an end is over when that day has passed and nothing is owed any more. */
function endIfOver(draft: Draft): boolean {
  const { to } = draft.frame.definition;
  if (draft.state.status !== 'running' || to === null || draft.today <= to) return false;
  const owed = Object.keys(draft.state.open).some((shelf) => draft.shelf(shelf).length > 0);
  const asked = Object.values(draft.state.milestones).some(({ status }) => status === 'asked' || status === 'ahead');
  if (owed || asked || rowsOwed(draft)) return false;
  draft.set({ status: 'ended' });
  draft.emit({ type: 'process', status: 'ended' });
  return true;
}
