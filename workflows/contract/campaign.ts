import type { Act, Actor } from '../../domain/model/event.js';
import type { CoreEvent, UnitFact, UnitTallies } from '../../domain/model/event.js';
import type { Effect, MeasureEffect, Refusal, RowsEffect } from '../../domain/model/effect.js';
import type { ActId, Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { State } from '../../domain/model/state.js';
import type { Carried } from '../../domain/process/carried.js';

/** Names on the wire: never change one, histories hold them. */
export const CAMPAIGN_WORKFLOW = 'campaign';
export const UPDATE_ACTS = 'acts';
export const UPDATE_ADVANCE = 'advance';
export const UPDATE_REPLACE_SETTING = 'replaceSetting';
export const SIGNAL_FACTS = 'facts';
export const QUERY_SUMMARY = 'summary';

/** One long-running workflow for each campaign; a peer, never a child. */
export function campaignWorkflowId(county: string, process: ProcessId): string {
  return `campaign-${county}-${process}`;
}

/** The clock of a process: real = workflow clock + offset (0 outside tests), virtual = moved only by `advance`. */
export type ProcessClock = { readonly kind: 'real'; readonly offsetSeconds: number } | { readonly kind: 'virtual' };

export interface CampaignInput {
  readonly county: string;
  readonly process: ProcessId;
  readonly setting: Digest;
  readonly clock: ProcessClock;
  /** Where the process begins: a launch (first event), the carried state of a continue-as-new, or a fold of the journal. */
  readonly begin:
    | { readonly kind: 'launch'; readonly at: Moment; readonly by: UserId }
    | {
        readonly kind: 'carried';
        readonly state: Carried | State;
        readonly wakeAt: Moment | null;
        readonly now: Moment;
        readonly wakeHeld: boolean;
        /** Figures at whose answer the core threw: asked for again. Absent = none. */
        readonly asks?: readonly Ask[];
      }
    | { readonly kind: 'journal' };
}

/** An effect that waits for an answer. */
export type Ask = Extract<Effect, { readonly type: 'measure' | 'count' | 'rows' }>;

/** What the rows' turn is answered by, but for its moment. */
export type RowsTurned = Omit<Extract<CoreEvent, { readonly type: 'rowsTurned' }>, 'type' | 'at'>;

/** Limits of one `acts` update. `bytes`: UTF-8 bytes of the JSON text of the whole list. */
export const ACTS_LIMIT = { acts: 50, bytes: 64 * 1024 } as const;

/** Types of failures that cross the engine; a caller decides by them, never by the text. */
export const FAILURE = {
  /** A message of the wrong shape or size: sending it again does not help. */
  badMessage: 'bad-message',
  /** The run is about to be renewed: send the same again at once. */
  renewing: 'renewing',
  /** The journal holds something else at a number this run gave: the run starts again from the journal, send the same again. */
  superseded: 'superseded',
  /** From the recorder: another event stands at this number. Not retried. */
  journalConflict: 'journal-conflict',
  /** The core threw: an incident is open, nothing has changed. */
  coreFailed: 'core-failed',
  /** `advance` for a process of the real world. */
  realWorld: 'real-world',
  /** Nothing to begin from: the journal is empty. */
  nothingToFold: 'nothing-to-fold',
} as const;
export type FailureType = (typeof FAILURE)[keyof typeof FAILURE];

/** Moves the clock of a virtual world's process; completes when all that was due up to `to` is recorded and every figure asked for has arrived. */
export interface AdvanceRequest {
  readonly to: Moment;
}
/** `at`: the virtual world's now; null in the real world, where the workflow's clock counts. */
export interface FactsSignal {
  readonly at: Moment | null;
}
/** Replaces units, calendar or tables. `at` as in `ActRequest`. */
export interface ReplaceSettingRequest {
  readonly digest: Digest;
  readonly what: 'units' | 'calendar' | 'tables';
  readonly by: UserId;
  readonly reason: string;
  readonly at: Moment;
}

/** Acts taken together in one update: at most 50 and 64 KB; each has its own answer. */
export interface ActRequest {
  readonly actId: ActId;
  readonly actor: Actor;
  readonly act: Act;
  /** Virtual world: its now. Real: ignored, the workflow's clock counts. */
  readonly at: Moment;
}
export type ActAnswer = { readonly ok: true; readonly seq: number } | { readonly ok: false; readonly refusal: Refusal };

export interface Summary {
  readonly seq: number;
  readonly recorded: number;
  readonly now: Moment;
  readonly wakeAt: Moment | null;
  readonly status: State['status'];
  /** Nothing queued, no figures asked for, nothing due at `now`. */
  readonly quiet: boolean;
}

/**
 * What the workflow asks of the outside. All are repeatable: the same call twice has one effect.
 */
export interface CampaignActivities {
  loadSetting(request: { county: string; digest: Digest }): Promise<Setting>;
  /** Fold of the journal, with the setting it ends in, the next wake and the figures still asked for; null for an empty journal. */
  loadState(request: {
    county: string;
    process: ProcessId;
  }): Promise<{ state: Carried; setting: Digest; wakeAt: Moment | null; asks: readonly Ask[] } | null>;
  /** Number of a recorded act; null when the journal does not know it. */
  findAct(request: { county: string; process: ProcessId; actId: ActId }): Promise<{ seq: number } | null>;
  /** Opens an incident, or counts up an open one with the same code and cause. `detail` carries surrogates only. */
  raiseIncident(request: {
    county: string;
    process: ProcessId;
    code: string;
    cause: string;
    detail: Readonly<Record<string, string | number>>;
  }): Promise<void>;
  /**
   * Writes events `fromSeq..` in one transaction: journal, read model (by folding with the same core), board, outbox, snapshots, audit, wake time.
   * Only the expected seq is accepted; an identical repeat is silent, a different one is an incident.
   */
  record(request: { county: string; process: ProcessId; fromSeq: number; events: readonly CoreEvent[] }): Promise<{ recorded: number }>;
  /** Figures for a milestone; keeps the snapshot and returns its id. */
  measure(request: { county: string; process: ProcessId; effect: MeasureEffect }): Promise<{ snapshot: string; tallies: UnitTallies }>;
  /** Present figures. */
  count(request: { county: string; process: ProcessId; needed: readonly string[] }): Promise<{ tallies: UnitTallies }>;
  /** Gives the rows their turn, page by page, and says how they stand then. */
  turnRows(request: { county: string; process: ProcessId; effect: Omit<RowsEffect, 'context'> }): Promise<RowsTurned>;
  /** Facts above `after`, summed per unit and day; at most one page; `more` tells to ask again. */
  loadFacts(request: {
    county: string;
    process: ProcessId;
    after: number;
  }): Promise<{ upTo: number; facts: readonly UnitFact[]; more: boolean }>;
}
