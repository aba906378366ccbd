import { later } from '../calendar/dates.js';
import type { CaseAct, CaseId, CaseStanding, CaseState, CaseType } from '../model/case.js';
import type { Value } from '../model/definition.js';
import type { LocalDate, UnitId, UserId } from '../model/ids.js';
import type { Obligation, PartDone } from '../model/state.js';
import { BLANK } from './blank.js';
import { caseHolds, isCase, isOpenTo, phaseIsOver, titleOfCase, type CaseObligation } from './case-rules.js';
import { DEPOSITED, deductionsOfCase, isFinal, isHeard, REPORTS_DEPOSIT, stateOf } from './case-types.js';
import { dateFor } from './deadlines.js';
import type { Draft } from './draft.js';
import { fits } from './acts/evidence.js';
import { withdrawFollowUps } from './acts/finish.js';
import { lateness } from './acts/lateness.js';
import { shelve } from './ladder.js';
import { caseId, entryId } from './obligation-ids.js';
import { aboutObligation, respond } from './responses.js';

/*
 * A case of a due is a row. Its obligation is that of the state it is in; when it leaves the state that obligation is done and kept under the number of
 * the entry, and the next one begins. A final state ends the row: nothing leads out of it.
 */

const SYSTEM = 'system' as UserId;

/** What opens a case. */
export interface CaseBirth {
  readonly case: CaseId;
  /** The n-th of its kind about this due. */
  readonly number: number;
  readonly due: string;
  readonly person: string;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly since: LocalDate;
  readonly event: string;
  readonly cause: Readonly<Record<string, Value>>;
  readonly by: UserId;
}

/** What the open cases of a due are told. `opens`: the kind of case that it called for, which joins one that is open. */
export interface CaseTold {
  readonly opens: CaseId | null;
  readonly event: string;
  readonly cause: Readonly<Record<string, Value>>;
}

/** Opens a case in its first state. Null where its kind is no longer there. */
export function bearCase(draft: Draft, birth: CaseBirth): Obligation | null {
  const type = draft.frame.definition.cases?.[birth.case];
  const start = type?.states[0];
  if (!type || !start) return null;
  const id = caseId(type.id, birth.due, birth.number);
  const standing: CaseStanding = {
    type: type.id,
    number: birth.number,
    state: start.id,
    entry: 1,
    openedOn: birth.since,
    opener: { event: birth.event, cause: birth.cause },
    fields: handedOver(type, {}, birth.cause),
    did: {},
    round: roundIn(birth.cause, 0),
    notes: 0,
    arrivedOn: null,
    waitsFor: [],
  };
  const main: CaseObligation = {
    ...BLANK,
    id,
    origin: { kind: 'case', case: type.id, state: start.id },
    title: '',
    unit: birth.unit,
    insurance: birth.insurance,
    period: null,
    window: null,
    owes: [],
    ladder: null,
    status: 'open',
    since: birth.since,
    due: null,
    waitsFor: null,
    ladderFrom: draft.now,
    late: false,
    subject: { due: birth.due, person: birth.person },
    case: standing,
  };
  shelve(draft, entered(draft, main, start, birth.since));
  tellOthers(draft, main, 'opened', {});
  runEngine(draft, main.id, null);
  return draft.find(id) ?? main;
}

/** An event about the due. Of several acts that it fits the first listed runs; without one it is noted: the round counts, and what joined. */
export function tellCase(draft: Draft, main: CaseObligation, { opens, event, cause }: CaseTold): void {
  const type = draft.frame.definition.cases?.[main.case.type];
  if (!type) return;
  const closed = event.endsWith('.closed') ? event.slice(0, -'.closed'.length) : null;
  shelve(draft, {
    ...main,
    case: {
      ...main.case,
      fields: handedOver(type, main.case.fields, cause),
      round: roundIn(cause, main.case.round),
      notes: main.case.notes + (opens === type.id ? 1 : 0),
      waitsFor: main.case.waitsFor.filter((one) => one !== closed),
    },
  });
  runEngine(draft, main.id, event);
}

/** Whether the money has arrived is a fact that stands: an act that waits for it runs as soon as its state is entered. */
export function settleCase(draft: Draft, main: CaseObligation, arrivedOn: LocalDate | null): void {
  if (main.case.arrivedOn !== arrivedOn) shelve(draft, { ...main, case: { ...main.case, arrivedOn } });
  runEngine(draft, main.id, null);
}

/** By whom, when and how an act is done. */
interface Given {
  readonly by: UserId;
  readonly on: LocalDate;
  readonly parts: readonly PartDone[];
  readonly fields: Readonly<Record<string, Value>>;
  readonly reason: string | null;
}

/** Does an act: the obligation of the present state is done, the next state begins, and what follows is carried out. */
export function lead(draft: Draft, main: CaseObligation, act: CaseAct, given: Given): void {
  const type = draft.frame.definition.cases?.[main.case.type];
  const next = type && stateOf(type, act.next);
  if (!type || !next) return;
  const { by, on, parts, fields, reason } = given;
  const late = lateness(main.due, on);
  const closed = { on, at: draft.now, by, daysLate: late, reason };
  const left = { ...main, parts, status: 'done', nextAt: null, late: late > 0, closed } as const;
  const mark = { s: 'd', on, ...(late > 0 ? { l: late } : {}) } as const;
  withdrawFollowUps(draft, main, by);
  const standing: CaseStanding = {
    ...main.case,
    state: next.id,
    fields: { ...main.case.fields, ...fields },
    did: { ...main.case.did, [act.id]: (main.case.did[act.id] ?? 0) + 1 },
    waitsFor: [...new Set([...main.case.waitsFor, ...waitedFor(draft, main, type, act, fields)])],
  };
  let after: CaseObligation;
  if (isFinal(next)) {
    after = { ...left, dueVersion: main.dueVersion + 1, title: titleOfCase(draft, type.id, next.id), case: standing };
    draft.close(after, mark);
  } else {
    draft.close({ ...left, id: entryId(main.id, main.case.entry) }, mark);
    const begun: CaseObligation = { ...main, case: { ...standing, entry: standing.entry + 1 }, dueVersion: main.dueVersion + 1 };
    after = entered(draft, begun, next, on);
    shelve(draft, after);
  }
  follow(draft, after, act, given);
}

/** What an act brings besides: its responses, the due that it frees, and what other cases of the due hear of it. */
function follow(draft: Draft, after: CaseObligation, act: CaseAct, { by, on, reason }: Given): void {
  const deposited = after.case.fields[DEPOSITED];
  if (act.does === REPORTS_DEPOSIT && typeof deposited === 'number')
    draft.emit({ type: 'deposit', due: dueOf(after), amount: deposited, on, by });
  const about = { ...aboutObligation(draft, after), by, reason };
  if (act.does === 'deduct')
    for (const deduction of deductionsOfCase(draft.frame.definition, after.case.type))
      draft.emit({
        type: 'free',
        at: draft.now,
        case: after.id,
        due: dueOf(after),
        deduction,
        afterRound: after.case.round,
        extra: false,
        by,
        reason,
      });
  act.then.forEach((response, i) => {
    if (caseHolds(draft, after, response.if)) respond(draft, { ...response, if: null }, about, `${act.id}.${i}`);
  });
  const told = { ...after.case.fields, round: after.case.round };
  tellOthers(draft, after, act.id, told);
  if (after.status === 'done') tellOthers(draft, after, 'closed', told);
}

const dueOf = ({ subject }: Obligation): string => subject?.due ?? '';

/** Other cases of the due hear it where a kind of case waits for it; so does a kind that it opens. */
function tellOthers(draft: Draft, main: CaseObligation, what: string, cause: Readonly<Record<string, Value>>): void {
  const event = `${main.case.type}.${what}`;
  const { definition } = draft.frame;
  const needed =
    what === 'closed' && Object.values(definition.cases ?? {}).some(({ acts }) => acts.some(({ needs }) => needs.includes(main.case.type)));
  if (!needed && !isHeard(definition, event)) return;
  draft.emit({
    type: 'opening',
    at: draft.now,
    opening: { id: `${main.id}#${main.case.entry}.${what}`, type: null, due: dueOf(main), event, cause: { ...cause, case: main.id } },
    by: SYSTEM,
  });
}

/** Kinds of case that this act opens and that some act of this case waits for. */
function waitedFor(
  draft: Draft,
  main: CaseObligation,
  type: CaseType,
  act: CaseAct,
  fields: Readonly<Record<string, Value>>,
): readonly CaseId[] {
  const needed = new Set(type.acts.flatMap(({ needs }) => needs));
  return act.then.flatMap((one) =>
    one.kind === 'open' && needed.has(one.case) && caseHolds(draft, main, one.if, fields) ? [one.case] : [],
  );
}

/** The obligation of a state, begun on a day. */
function entered(draft: Draft, main: CaseObligation, state: CaseState, since: LocalDate): CaseObligation {
  const { unit, insurance } = main;
  const found =
    state.due === null
      ? { waiting: '' }
      : dateFor(draft, state.due, { unit, insurance, period: null, window: null, since, opened: main.case.openedOn });
  const due = 'waiting' in found ? null : found.date;
  const { moved: _m, stood: _s, dateGiven: _d, ...kept } = main;
  return {
    ...kept,
    origin: { kind: 'case', case: main.case.type, state: state.id },
    title: titleOfCase(draft, main.case.type, state.id),
    owes: state.owes,
    ladder: state.ladder,
    status: due === null ? 'waiting' : 'open',
    since,
    due,
    waitsFor: 'waiting' in found ? found.waiting : null,
    ladderFrom: later(draft.now, draft.state.launchedAt),
    late: false,
    fired: [],
    parts: [],
    suspended: null,
    extended: 0,
    differences: [],
    closed: null,
  };
}

/** Acts that nobody does by hand: on an event that was told, and on what stands. Each at most once, so that a circle of facts ends. */
export function runEngine(draft: Draft, id: Obligation['id'], event: string | null): void {
  const done = new Set<string>();
  let told = event;
  for (;;) {
    const main = draft.find(id);
    const type = isCase(main) ? draft.frame.definition.cases?.[main.case.type] : undefined;
    if (!isCase(main) || !type || draft.isOver) return;
    const { arrivedOn } = main.case;
    const hasCome = (act: CaseAct): boolean => arrivedOn !== null && act.after.includes('payment.arrived');
    const heard = (act: CaseAct): boolean => (told !== null && act.after.includes(told)) || hasCome(act) || phaseIsOver(draft, act);
    const act = type.acts.find((one) => !done.has(one.id) && heard(one) && isOpenTo(main.case, one) && caseHolds(draft, main, one.if));
    if (!act) return;
    done.add(act.id);
    const byEvent = told !== null && act.after.includes(told);
    if (byEvent) told = null;
    const on = byEvent || !hasCome(act) || arrivedOn === null || arrivedOn > draft.today ? draft.today : later(arrivedOn, main.since);
    lead(draft, main, act, { by: SYSTEM, on, parts: main.parts, fields: {}, reason: null });
  }
}

/** Fields of the same name are handed over, as far as they are of the field's type. */
function handedOver(type: CaseType, before: CaseStanding['fields'], cause: Readonly<Record<string, Value>>): CaseStanding['fields'] {
  const given = type.fields.flatMap((field): [string, Value][] => {
    const value = cause[field.id];
    return value !== undefined && fits(field, value) ? [[field.id, value]] : [];
  });
  return given.length === 0 ? before : { ...before, ...Object.fromEntries(given) };
}

function roundIn(cause: Readonly<Record<string, Value>>, before: number): number {
  const { round } = cause;
  return typeof round === 'number' && round > before ? round : before;
}
