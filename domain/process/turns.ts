import type { Definition } from '../model/definition.js';
import type { RowsEffect } from '../model/effect.js';
import type { CoreEvent } from '../model/event.js';
import type { RowsStanding, State } from '../model/state.js';
import type { Draft } from './draft.js';

/*
 * The process's side of what it keeps as rows: it knows how many there are and when the next one has something due, and asks for their turn. What
 * happens to a row is `rows.ts`; the rows themselves never enter this state.
 */

const NO_ROWS: RowsStanding = { nextAt: null, asked: [], journalled: 0, sums: {} };

/** Whether a definition owes anything about single persons: duties, or cases. */
export const hasRows = (definition: Definition): boolean =>
  definition.cases !== undefined || Object.values(definition.duties).some(({ rows }) => rows !== undefined);

/**
 * At the end of a step: asks for the rows' turn where it opened some, where their moment has come, where facts may have touched them, and where what
 * they are stepped under has changed (amendment, pause, stop, setting).
 */
export function askForRows(draft: Draft, before: State, event: CoreEvent): void {
  if (!hasRows(draft.frame.definition)) return;
  const wanted = draft.rowsWanted;
  const { state } = draft;
  const changed =
    state.amendments !== before.amendments ||
    state.status !== before.status ||
    state.paused !== before.paused ||
    event.type === 'settingChanged' ||
    event.type === 'launched' ||
    event.type === 'revised';
  const kind: RowsEffect['kind'] | null = changed
    ? 'context'
    : wanted !== null && (wanted.step || wanted.births.length > 0)
      ? 'step'
      : event.type === 'facts'
        ? 'facts'
        : null;
  if (kind === null || (before.status !== 'running' && before.status !== 'paused')) return;
  const turn = state.seq + 1;
  const rows = state.rows ?? NO_ROWS;
  draft.set({ rows: { ...rows, asked: [...rows.asked, turn] } });
  const { coreRevision, status, launchedAt, amendments, paused } = state;
  draft.emit({
    type: 'rows',
    turn,
    kind,
    at: draft.now,
    births: wanted?.births ?? [],
    context: { coreRevision, status, launchedAt, amendments, paused },
    journalled: rows.journalled,
  });
}

/**
 * The rows have had their turn. Several may be asked for at a time, and an earlier answer may have seen more than a later one: the earliest moment
 * counts. A moment at which nothing is due any more costs one turn in vain.
 */
export function takeRows(draft: Draft, event: Extract<CoreEvent, { type: 'rowsTurned' }>): void {
  const rows = draft.state.rows ?? NO_ROWS;
  const known = rows.nextAt;
  // An office may be discharged by how many rows are still owed.
  draft.wantCounts();
  const nextAt = known === null || (event.nextAt !== null && event.nextAt < known) ? event.nextAt : known;
  draft.set({
    rows: {
      nextAt,
      asked: rows.asked.filter((turn) => turn !== event.turn),
      journalled: Math.max(rows.journalled, event.journal.to),
      sums: event.sums,
    },
  });
}

/** Whether rows still hold the process open. */
export const rowsOwed = ({ state }: Draft): boolean =>
  state.rows !== undefined && (state.rows.asked.length > 0 || Object.values(state.rows.sums).some(({ open }) => open > 0));
