import type { Act, Actor } from '../../domain/model/event.js';
import type { CoreEvent, UnitFact, UnitTallies } from '../../domain/model/event.js';
import type { MeasureEffect, Refusal } from '../../domain/model/effect.js';
import type { ActId, Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { State } from '../../domain/model/state.js';

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
    | { readonly kind: 'carried'; readonly state: State }
    | { readonly kind: 'journal' };
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
  /** Fold of the journal, with the setting it ends in. */
  loadState(request: { county: string; process: ProcessId }): Promise<{ state: State; setting: Digest } | null>;
  /**
   * Writes events `fromSeq..` in one transaction: journal, read model (by folding with the same core), board, outbox, snapshots, audit, wake time.
   * Only the expected seq is accepted; an identical repeat is silent, a different one is an incident.
   */
  record(request: { county: string; process: ProcessId; fromSeq: number; events: readonly CoreEvent[] }): Promise<{ recorded: number }>;
  /** Figures for a milestone; keeps the snapshot and returns its id. */
  measure(request: { county: string; process: ProcessId; effect: MeasureEffect }): Promise<{ snapshot: string; tallies: UnitTallies }>;
  /** Present figures. */
  count(request: { county: string; process: ProcessId; needed: readonly string[] }): Promise<{ tallies: UnitTallies }>;
  /** Facts above `after`, summed per unit and day; at most one page; `more` tells to ask again. */
  loadFacts(request: { county: string; process: ProcessId; after: number }): Promise<{ upTo: number; facts: readonly UnitFact[]; more: boolean }>;
}
