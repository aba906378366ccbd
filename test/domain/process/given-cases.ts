import type { Value } from '../../../domain/model/definition.js';
import type { Effect, NoticeDraft, RowContext } from '../../../domain/model/effect.js';
import type { Act, Actor } from '../../../domain/model/event.js';
import type { ActId, LocalDate, ProcessId, UnitId, UserId } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import type { Obligation } from '../../../domain/model/state.js';
import { initialState } from '../../../domain/process/index.js';
import { bringRow, foldRow, openCaseRow, stepRow, type Row, type RowEvent, type Turn } from '../../../domain/process/rows.js';
import { at } from '../../support/campaign.js';
import { found } from '../../support/definitions.js';
import { shuchengSetting } from '../../support/shucheng.js';

type Cause = Readonly<Record<string, Value>>;
type CaseKind = 'deductionRetry' | 'deductionAnomaly' | 'accountCorrection' | 'deathCheck' | 'deductionRefund';
let known: Setting | null = null;

/** One case of one due in memory: told, acted on, settled, and folded again from its own journal. */
export class CaseRun {
  row: Row;
  readonly effects: Effect[] = [];
  readonly entries: { readonly under: number; readonly event: RowEvent }[] = [];
  readonly turns: Turn[];
  #acts = 0;

  private constructor(
    readonly setting: Setting,
    type: string,
    moment: string,
    event: string,
    cause: Cause,
  ) {
    const { amendments, coreRevision } = initialState('c1' as ProcessId);
    const context = { coreRevision, status: 'running' as const, launchedAt: at('2018-01-01'), amendments, paused: null };
    this.turns = [{ seq: 1, at: at(moment), context, setting, digest: 's1' }];
    const birth = {
      case: type,
      number: 1,
      due: 'd1',
      person: 'n1',
      unit: 'v1' as UnitId,
      insurance: 'pension',
      since: at(moment).slice(0, 10) as LocalDate,
      event,
      cause,
      by: 'system' as UserId,
    };
    const born = { type: 'caseOpened' as const, at: at(moment), birth };
    const opened = found(openCaseRow(found(this.turns[0], 'turn'), born), 'case');
    this.row = opened.row;
    this.effects.push(...opened.effects);
    this.entries.push({ under: 1, event: born });
  }

  /** A case of the shipped part, after a deduction that failed. */
  static open(type: CaseKind, cause: Cause, moment = '2018-04-12', event = 'pensionDeduction.short'): CaseRun {
    return new CaseRun((known ??= shuchengSetting()), type, moment, event, { round: 1, amount: 20_000, ...cause });
  }

  get main(): Obligation {
    return this.row.main;
  }
  get state(): string {
    return found(this.main.case, 'case').state;
  }
  get now(): string {
    return found(this.turns.at(-1), 'turn').at;
  }

  /** Time passes; the process takes a turn. */
  until(moment: string): this {
    const last = found(this.turns.at(-1), 'turn');
    this.turns.push({ ...last, seq: last.seq + 1, at: at(moment) });
    const brought = bringRow(this.row, this.turns);
    this.row = brought.row;
    this.effects.push(...brought.effects);
    return this;
  }
  /** The process takes a turn under which something else holds. */
  #under(change: Partial<RowContext>): this {
    const last = found(this.turns.at(-1), 'turn');
    this.turns.push({ ...last, seq: last.seq + 1, context: { ...last.context, ...change } });
    const brought = bringRow(this.row, this.turns);
    this.row = brought.row;
    this.effects.push(...brought.effects);
    return this;
  }
  amendPhase(phase: string, to: string): this {
    const { amendments } = found(this.turns.at(-1), 'turn').context;
    const amendment = {
      kind: 'phase' as const,
      phase,
      from: null,
      to: to as LocalDate,
      at: at(this.now),
      by: 'p1' as UserId,
      reason: '延长',
    };
    return this.#under({ amendments: [...amendments, amendment] });
  }
  pause(moment: string): this {
    this.until(moment);
    return this.#under({ status: 'paused', paused: { since: at(moment), reason: '核查' } });
  }
  goOn(): this {
    return this.#under({ status: 'running', paused: null });
  }
  tell(event: string, cause: Cause = {}, opens: string | null = null): this {
    this.#step({ type: 'told', at: at(this.now), opening: `o${this.entries.length}`, told: { opens, event, cause } });
    return this;
  }
  /** The money arrived on a day, or was taken back. */
  arrived(on: string | null): this {
    this.#step({
      type: 'settled',
      at: at(this.now),
      stands: on === null ? 'owed' : 'done',
      on: (on ?? this.now.slice(0, 10)) as LocalDate,
      unit: this.main.unit,
    });
    return this;
  }
  /** The refusal's code, or null. */
  act(who: Actor, act: string, more: Partial<Extract<Act, { kind: 'step' }>> = {}): string | null {
    return this.do(who, { kind: 'step', obligation: this.row.id, act, ...more });
  }
  do(who: Actor, act: Act): string | null {
    return this.#step({ type: 'acted', at: at(this.now), actId: `a${(this.#acts += 1)}` as ActId, actor: who, act });
  }

  #step(event: Exclude<RowEvent, { type: 'opened' | 'caseOpened' }>): string | null {
    const stepped = stepRow(this.row, this.turns, event);
    if (stepped.refusal !== null) return stepped.refusal.code;
    if (!stepped.changed) return null;
    if (stepped.row.number > this.row.number) this.entries.push({ under: found(this.turns.at(-1), 'turn').seq, event });
    this.row = stepped.row;
    this.effects.push(...stepped.effects);
    return null;
  }

  /** The same row from its journal alone. */
  folded(): Row {
    return found(foldRow(this.entries, this.turns, found(this.turns.at(-1), 'turn').seq), 'fold').row;
  }
  /** Obligations that the case has been, one for each state it entered: `urging done late 2`. */
  get obligations(): readonly string[] {
    const last = new Map<string, Obligation>();
    for (const effect of this.effects) if (effect.type === 'obligation') last.set(effect.obligation.id, effect.obligation);
    return [...last.values()]
      .sort((a, b) => (a.id === this.row.id ? 1 : b.id === this.row.id ? -1 : a.id < b.id ? -1 : 1))
      .map(({ origin, status, closed }) => {
        const late = closed?.daysLate ?? 0;
        return `${origin.kind === 'case' ? origin.state : origin.kind} ${status}${late > 0 ? ` late ${late}` : ''}`;
      });
  }
  get notices(): readonly NoticeDraft[] {
    return this.effects.flatMap((effect) => (effect.type === 'notice' ? [effect.notice] : []));
  }
  get frees(): readonly string[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'free' ? [`${effect.deduction} ${effect.due} after ${effect.afterRound}${effect.extra ? ' extra' : ''}`] : [],
    );
  }
  get calls(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.type === 'opening' ? [`${effect.opening.event} -> ${effect.opening.type}`] : []));
  }
}

export const PROOF = [{ paper: 'depositProof', fields: { amount: 20_000 }, file: null }];
