import { allHandlersFinished, ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { later } from '../../domain/calendar/dates.js';
import type { Refusal } from '../../domain/model/effect.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { ActId, Digest, Moment } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { State } from '../../domain/model/state.js';
import { pack, step } from '../../domain/process/index.js';
import { FAILURE, type Ask, type CampaignInput, type FactsSignal, type Summary } from '../contract/campaign.js';
import { Clock } from './clock.js';
import { store } from './ports.js';
import { Waiting } from './waiting.js';

/** An ask with the number of the event it came from: figures are taken only after that event is recorded. */
interface OpenAsk {
  readonly ask: Ask;
  readonly seq: number;
}

export type Applied = { readonly ok: true; readonly seq: number } | { readonly ok: false; readonly refusal: Refusal };

/** What the core threw, kept apart from failures of the engine. */
export class CoreFailure extends Error {
  override readonly name = 'CoreFailure';
}

/** What a run starts with, once its setting is loaded. */
export interface Beginning {
  readonly setting: Setting;
  readonly digest: Digest;
  readonly state: State;
  readonly wakeAt: Moment | null;
  readonly now: Moment;
  readonly asks: readonly Ask[];
}

/**
 * One run of a campaign between two continue-as-news: the core's state, the events not yet recorded and the figures not yet answered. Only
 * `apply` changes the state, synchronously, so that no message ever sees half a step. Whatever others wait for is changed by a method, which
 * lets them look again.
 */
export class CampaignRun {
  readonly clock: Clock;
  readonly #waiting = new Waiting();
  #state: State;
  #wakeAt: Moment | null;
  /** Events after `recorded`, oldest first. */
  readonly #queue: CoreEvent[] = [];
  readonly #asks: OpenAsk[] = [];
  /** Asks at whose answer the core threw: put again later, by a fresh history. */
  readonly heldAsks: Ask[] = [];
  #recorded: number;
  /** A signal came that is not yet followed up; its moment. */
  #facts: FactsSignal | null = null;
  /** Facts are being loaded. */
  #loading = false;
  /** The journal holds something else than this run: nothing of it counts any more. */
  #superseded = false;
  /** Start a fresh history as soon as it is quiet: a caught failure of the core must not be replayed by a corrected core. */
  renew = false;
  /** The core threw at the last wake: the next run waits before it tries again. */
  wakeHeld = false;
  /** The loops shall end. */
  #over = false;
  /** Where this run's acts stand in the journal. */
  readonly #seqOfAct = new Map<ActId, number>();
  #setting: Setting;
  #digest: Digest;

  constructor(
    readonly input: CampaignInput,
    begin: Beginning,
  ) {
    this.#setting = begin.setting;
    this.#digest = begin.digest;
    this.#state = begin.state;
    this.#wakeAt = begin.wakeAt;
    this.#recorded = begin.state.seq;
    this.clock = new Clock(input.clock, later(begin.now, begin.state.now));
    for (const ask of begin.asks) this.#asks.push({ ask, seq: begin.state.seq });
  }

  get place(): { readonly county: string; readonly process: CampaignInput['process'] } {
    return { county: this.input.county, process: this.input.process };
  }

  get state(): State {
    return this.#state;
  }
  get wakeAt(): Moment | null {
    return this.#wakeAt;
  }
  get settingDigest(): Digest {
    return this.#digest;
  }
  /** Events not yet in the journal, oldest first; the first of them is number `recorded + 1`. */
  get queue(): readonly CoreEvent[] {
    return this.#queue;
  }
  get recorded(): number {
    return this.#recorded;
  }
  get asks(): readonly OpenAsk[] {
    return this.#asks;
  }
  /** Whether the loops shall end. */
  get over(): boolean {
    return this.#over;
  }

  /**
   * Steps the core. An accepted event is numbered, queued for the recorder and its asks are noted; a refusal changes nothing.
   * Throws `CoreFailure` when the core threw or numbered wrongly; then nothing has changed either.
   */
  apply(event: CoreEvent, replaced?: { readonly setting: Setting; readonly digest: Digest }): Applied {
    const before = this.#state.seq;
    const stepped = this.#stepped(replaced?.setting ?? this.#setting, event);
    if (stepped.refusal !== null) return { ok: false, refusal: stepped.refusal };
    if (stepped.state.seq !== before + 1) throw new CoreFailure(`event ${event.type} was numbered ${stepped.state.seq} after ${before}`);
    this.#state = stepped.state;
    this.#wakeAt = stepped.wakeAt;
    if (replaced) {
      this.#setting = replaced.setting;
      this.#digest = replaced.digest;
    }
    this.#queue.push(event);
    const seq = stepped.state.seq;
    for (const effect of stepped.effects)
      if (effect.type === 'measure' || effect.type === 'count' || effect.type === 'rows') this.#asks.push({ ask: effect, seq });
    if (event.type === 'acted') this.#seqOfAct.set(event.actId, seq);
    this.#waiting.look();
    return { ok: true, seq };
  }

  #stepped(setting: Setting, event: CoreEvent): ReturnType<typeof step> {
    try {
      return step(setting, this.#state, event);
    } catch (error) {
      throw new CoreFailure(`${event.type}: ${error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'}`.slice(0, 500), {
        cause: error,
      });
    }
  }

  /** The event's moment: never before what the core has already seen. */
  at(message: Moment | null): Moment {
    return later(this.clock.at(message), this.#state.now);
  }

  /** Whether an act was already accepted; its number when this run still knows it, null when only the journal does. */
  known(actId: ActId): { readonly seq: number | null } | null {
    const seq = this.#seqOfAct.get(actId);
    if (seq !== undefined) return { seq };
    return this.#state.acts.some(([known]) => known === actId) ? { seq: null } : null;
  }

  /** Tells the administrator, and asks for a fresh history: see `renew`. */
  async coreFailed(error: CoreFailure, about: string): Promise<void> {
    this.renew = true;
    await store.raiseIncident({ ...this.place, code: FAILURE.coreFailed, cause: error.message, detail: { about, seq: this.#state.seq } });
  }

  /** Puts the held asks again; not in the history that saw them fail, which is renewed first. */
  putHeldAsks(): void {
    if (this.renew) return;
    for (const ask of this.heldAsks.splice(0)) this.#asks.push({ ask, seq: this.#state.seq });
    this.#waiting.look();
  }

  /** The first `count` events of the queue are in the journal. */
  wrote(count: number): void {
    this.#queue.splice(0, count);
    this.#recorded += count;
    this.#waiting.look();
  }

  /** The first `count` asks have their answers. */
  answered(count: number): void {
    this.#asks.splice(0, count);
    this.#waiting.look();
  }

  /** There are facts to be loaded; told twice before anybody looked, they are loaded once. */
  tell(facts: FactsSignal): void {
    this.#facts = facts;
    this.#waiting.look();
  }

  /** The signal to be followed up now, null when none came; until `factsTaken` they count as being loaded. */
  takeFacts(): FactsSignal | null {
    const told = this.#facts;
    this.#loading = told !== null;
    this.#facts = null;
    return told;
  }
  factsTaken(): void {
    this.#loading = false;
    this.#waiting.look();
  }
  get factsTold(): boolean {
    return this.#facts !== null;
  }

  /** Ends the loops, or lets them go on where something came in the very moment of ending. */
  setOver(over: boolean): void {
    this.#over = over;
    this.#waiting.look();
  }

  /** The journal holds something else: whoever waits for this run's events will wait in vain. */
  supersede(): void {
    this.#superseded = true;
    this.#waiting.look();
  }

  /** Completes when `holds`, which must hang on nothing but what this run changes. */
  until(holds: () => boolean): Promise<void> {
    return this.#waiting.until(holds);
  }

  /** Completes when everything up to `seq` is in the journal; throws `superseded` when it never will be. */
  written(seq: number): Promise<void> {
    return this.until(() => this.#recorded >= seq || this.#orSuperseded());
  }

  /** Completes when all is recorded, every figure has arrived and the facts that were told of are taken in; throws `superseded`. */
  settled(): Promise<void> {
    return this.until(() => this.#orSuperseded() || this.isSettled());
  }

  #orSuperseded(): false {
    if (this.#superseded) throw superseded();
    return false;
  }

  isSettled(): boolean {
    return this.#queue.length === 0 && this.#asks.length === 0 && this.#facts === null && !this.#loading;
  }

  /** Ended or stopped: nothing more can happen to it. */
  isClosed(): boolean {
    return this.#state.status === 'ended' || this.#state.status === 'stopped';
  }

  /** The engine asks for a fresh history: from now on no new acts are taken in, so that the open ones can finish. */
  isRenewing(): boolean {
    return this.renew || workflowInfo().continueAsNewSuggested;
  }

  mayFinish(): boolean {
    return this.isSettled() && allHandlersFinished() && (this.isClosed() || this.isRenewing());
  }

  summary(): Summary {
    const now = later(this.clock.now(), this.#state.now);
    return {
      seq: this.#state.seq,
      recorded: this.#recorded,
      now,
      wakeAt: this.#wakeAt,
      status: this.#state.status,
      quiet: this.isSettled() && (this.#wakeAt === null || this.#wakeAt > now),
    };
  }

  /** The input of the next run: plain JSON, nothing of it lives elsewhere. */
  carried(): CampaignInput {
    return {
      ...this.input,
      setting: this.#digest,
      begin: {
        kind: 'carried',
        state: pack(this.#state),
        wakeAt: this.#wakeAt,
        now: later(this.clock.now(), this.#state.now),
        wakeHeld: this.wakeHeld,
        ...(this.heldAsks.length === 0 ? {} : { asks: this.heldAsks }),
      },
    };
  }
}

const superseded = (): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    '日志与本次运行不符，已从日志重新开始，请原样重发 / superseded by the journal, send the same again',
    FAILURE.superseded,
  );
