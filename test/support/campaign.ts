import { parseDate } from '../../domain/calendar/dates.js';
import type { Definition, Value } from '../../domain/model/definition.js';
import type { Effect, NoticeDraft, Refusal } from '../../domain/model/effect.js';
import type { Act, Actor, CoreEvent, UnitFact, UnitTallies } from '../../domain/model/event.js';
import type { ActId, LocalDate, Moment, ObligationId, ProcessId, RoleId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Setting, TableRow, Unit } from '../../domain/model/setting.js';
import type { Obligation, State } from '../../domain/model/state.js';
import { initialState, step } from '../../domain/process/index.js';
import { definitionOf, settingOf as settingIn, unit } from './definitions.js';

export { definitionOf, unit };

/** A setting of the year in which the definition begins. */
export const settingOf = (
  definition: Definition,
  units: readonly Unit[],
  parameters: Readonly<Record<string, Value>> = {},
  tables: Readonly<Record<string, readonly TableRow[]>> = {},
): Setting => settingIn(definition, Number(definition.from.slice(0, 4)), parameters, tables, units);

export const day = (text: string): LocalDate => parseDate(text);
export const at = (text: string): Moment => (text.length === 10 ? `${text}T09:00:00` : text) as Moment;
export const actor = (user: string, ...roles: readonly (readonly [RoleId, string])[]): Actor => ({
  user: user as UserId,
  roles: roles.map(([role, place]) => ({ role, unit: place as UnitId })),
  onBehalfOf: null,
});

/** A campaign in memory: events in, what came of them out. Figures that are asked for come from `tallies`. */
export class Campaign {
  state: State;
  readonly effects: Effect[] = [];
  readonly journal: CoreEvent[] = [];
  wakeAt: Moment | null = null;
  #acts = 0;

  constructor(
    readonly setting: Setting,
    readonly tallies: (happenedBy: LocalDate | null) => UnitTallies = () => ({}),
  ) {
    this.state = initialState('c1' as ProcessId);
  }

  take(event: CoreEvent): Refusal | null {
    const { state, effects, wakeAt, refusal } = step(this.setting, this.state, event);
    this.state = state;
    this.wakeAt = wakeAt;
    if (refusal) return refusal;
    this.journal.push(event);
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.type === 'measure')
        this.take({
          type: 'measured',
          at: event.at,
          milestone: effect.key,
          snapshot: `s-${effect.key}`,
          tallies: this.tallies(effect.happenedBy),
        });
      if (effect.type === 'count') this.take({ type: 'counted', at: event.at, tallies: this.tallies(null) });
    }
    return null;
  }

  launch(moment: string): this {
    this.take({ type: 'launched', at: at(moment), by: 'p1' as UserId });
    return this;
  }
  /** Lets the clock run, waking at each moment the core asked for. */
  until(moment: string): this {
    for (let next = this.wakeAt; next !== null && next <= at(moment); next = this.wakeAt) this.take({ type: 'woke', at: next });
    this.take({ type: 'woke', at: at(moment) });
    return this;
  }
  act(who: Actor, act: Act, moment: string = this.state.now): Refusal | null {
    return this.take({ type: 'acted', at: at(moment), actId: `a${(this.#acts += 1)}` as ActId, actor: who, act });
  }
  done(
    who: Actor,
    obligation: string,
    more: Partial<Extract<Act, { kind: 'done' }>> = {},
    moment: string = this.state.now,
  ): Refusal | null {
    return this.act(who, { kind: 'done', obligation: obligation as ObligationId, ...more }, moment);
  }
  facts(facts: readonly UnitFact[], moment: string = this.state.now): this {
    this.take({ type: 'facts', at: at(moment), upTo: this.state.factsUpTo + facts.length, facts });
    return this;
  }

  open(id: string): Obligation | undefined {
    return this.state.open[id.slice(0, id.indexOf('/'))]?.[id as ObligationId];
  }
  /** The last row written for an obligation, open or closed. */
  row(id: string): Obligation | undefined {
    return this.effects
      .flatMap((effect) => (effect.type === 'obligation' && effect.obligation.id === id ? [effect.obligation] : []))
      .at(-1);
  }
  notices(obligation?: string): readonly NoticeDraft[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'notice' && (obligation === undefined || effect.notice.obligation === obligation) ? [effect.notice] : [],
    );
  }
}

/** What the launch of the printed campaign of 2020 asks for, as the tests answer it. */
export const LINGCHENG_2020: Readonly<Record<string, Value>> = {
  remindBefore: '3d',
  headAfter: '3d',
  bulletinAfter: '5d',
  orderAfter: '7d',
  receiveWithin: '2d',
  replyWithin: '3d',
  accountAfter: '5d',
  solveWithin: '10d',
  patrolEvery: '1m',
  shareEvery: '1m',
  servicePointsBy: '2020-06-30',
  assessBy: '2020-12-31',
  subsidy100: 0,
};
