import { formatYuan } from '../../money/fen.js';
import type { Duty, Value } from '../../model/definition.js';
import type { Act, Actor } from '../../model/event.js';
import type { Fen, LocalDate, RoleId } from '../../model/ids.js';
import { parameterValue } from '../../model/parameters.js';
import type { Obligation, PartDone } from '../../model/state.js';
import { compareAnswers, type Difference } from '../../rules/compare-answers.js';
import { earliestTakeDown } from '../../rules/publication.js';
import { phaseDays } from '../deadlines.js';
import { denials } from '../conditions.js';
import type { Draft } from '../draft.js';
import { handOver, heldBy } from '../holding.js';
import { shelve } from '../ladder.js';
import { partsOf } from '../permissions.js';
import { refuse } from '../refusals.js';
import { stillOwed } from '../related.js';
import { aboutObligation, oweCheck, respond } from '../responses.js';
import { finish } from './finish.js';
import { checkEvidence, checkFields } from './evidence.js';
import { lateness } from './lateness.js';
import { resumed } from './clock.js';

type Done = Extract<Act, { kind: 'done' }>;

/**
 * Discharges a duty's obligation, or the parts of it that the actor's roles owe. Refused with what is missing: phase or gate, `needs`, items,
 * fields, evidence, rules, posts kept apart. The day counts as it happened (`on`), never in the future.
 */
export function done(draft: Draft, obligation: Obligation, duty: Duty, act: Done, actor: Actor): void {
  const parts = partsOf(draft.frame, actor, obligation);
  if (parts.length === 0) refuse('not-yours', { roles: titles(draft, obligation.owes), unit: unitName(draft, obligation) });
  // Who is still to be urged is known by the rows; nobody can say it is none.
  if (obligation.round !== undefined) refuse('engine-act', { act: duty.title });
  if (obligation.status === 'beforeLaunch') refuse('mark-before-launch');
  if (obligation.status === 'checking') refuse('wrong-state', { status: obligation.status, act: 'done' });
  const on = act.on ?? draft.today;
  checkDay(draft, obligation, on);
  checkGates(draft, obligation, duty, on);
  checkNeeds(draft, obligation, duty);
  checkApart(draft, obligation, duty, actor);
  const ticked = tickedWith(duty, obligation, act.items ?? []);
  const answer = answerOf(draft, obligation, duty, act);
  checkEvidence(draft.frame, duty.evidence, act.evidence ?? []);
  for (const hit of denials(draft, duty.id, obligation, answer)) refuse('rule-denies', hit);

  const given: PartDone[] = parts.map((role) => ({
    role,
    by: actor.user,
    onBehalfOf: actor.onBehalfOf,
    on,
    at: draft.now,
    answer,
    nil: act.nil ?? false,
    evidence: act.evidence ?? [],
  }));
  const all = [...obligation.parts.filter(({ role }) => !parts.includes(role)), ...given];
  const next: Obligation = { ...obligation, parts: all, ticked };
  if (all.length < obligation.owes.length) {
    shelve(draft, next);
    return;
  }
  // Every party says "none": they agree.
  const differences = all.every(({ nil }) => nil) ? [] : compareAnswers(duty.compare, all);
  if (differences.length > 0) return noteDifference(draft, next, duty, differences);
  if (duty.over === 'held') handOver(draft, obligation.unit, obligation.insurance);
  if (duty.publish) post(draft, next, duty, on);
  const last = all.reduce((day, part) => (part.on > day ? part.on : day), on);
  const ran = next.suspended === null ? next : resumed(draft, next, next.suspended.since);
  const complete = { ...ran, missing: duty.wants.flatMap((want) => stillOwed(draft, want, next)).map(({ id }) => id) };
  if (duty.checker === null) finish(draft, complete, 'done', last, actor.user, act.reason ?? null);
  else {
    shelve(draft, {
      ...complete,
      status: 'checking',
      closed: { on: last, at: draft.now, by: actor.user, daysLate: lateness(complete.due, last), reason: act.reason ?? null },
    });
    oweCheck(draft, duty.checker, obligation.id, aboutObligation(draft, complete), null);
  }
}

export function tick(draft: Draft, obligation: Obligation, duty: Duty, items: readonly string[], actor: Actor): void {
  if (partsOf(draft.frame, actor, obligation).length === 0)
    refuse('not-yours', { roles: titles(draft, obligation.owes), unit: unitName(draft, obligation) });
  shelve(draft, { ...obligation, ticked: union(duty, obligation.ticked, items) });
}

function checkDay(draft: Draft, obligation: Obligation, on: LocalDate): void {
  if (on > draft.today) refuse('future-date', { on, today: draft.today });
  if (on < obligation.since && on < draft.today && obligation.period !== null) refuse('date-before-start', { on, since: obligation.since });
}

/** Acts of `during` wait for the phase to begin and, for each unit, for the phase's gates (requirements S3-34 to S3-37). */
function checkGates(draft: Draft, obligation: Obligation, duty: Duty, on: LocalDate): void {
  const phase = duty.during === null ? undefined : draft.frame.definition.phases[duty.during];
  if (!phase) return;
  const days = phaseDays(draft, phase.id);
  if (days && on < days.start) refuse('phase-not-open', { phase: phase.title, start: days.start });
  const missing = phase.needs.filter((need) => stillOwed(draft, need, { ...obligation, period: null, insurance: null }).length > 0);
  if (missing.length > 0)
    refuse('gate-closed', {
      phase: phase.title,
      unit: unitName(draft, obligation),
      missing: missing.map((need) => draft.frame.definition.duties[need]?.title ?? need),
    });
}

function checkNeeds(draft: Draft, obligation: Obligation, duty: Duty): void {
  const open = duty.needs.flatMap((need) => stillOwed(draft, need, obligation));
  if (open.length === 0) return;
  const missing = open
    .slice(0, 10)
    .map(
      (other) => `${other.title}（${draft.frame.unit(other.unit)?.name ?? other.unit}${other.period === null ? '' : `，${other.period}`}）`,
    );
  refuse('needs-open', { missing: open.length > 10 ? [...missing, `… ${open.length}`] : missing });
}

/** No person does two duties that are kept apart, on the same unit and period. */
function checkApart(draft: Draft, obligation: Obligation, duty: Duty, actor: Actor): void {
  for (const pair of Object.values(draft.frame.definition.apart)) {
    if (!pair.of.includes(duty.id)) continue;
    for (const other of pair.of)
      if (other !== duty.id && didOther(draft, other, obligation, actor))
        refuse('apart', { other: draft.frame.definition.duties[other]?.title ?? other });
  }
}

function didOther(draft: Draft, other: string, { id, unit, insurance, period }: Obligation, actor: Actor): boolean {
  const tail = id.slice(id.indexOf('/'));
  const mark = draft.closedMark(`${other}${tail}` as Obligation['id']);
  if (mark?.by?.includes(actor.user)) return true;
  return draft
    .shelf(other)
    .some(
      (one) => one.unit === unit && one.insurance === insurance && one.period === period && one.parts.some(({ by }) => by === actor.user),
    );
}

function union(duty: Duty, before: readonly string[], items: readonly string[]): readonly string[] {
  for (const item of items) if (duty.items[item] === undefined) refuse('unknown-item', { item });
  return Object.keys(duty.items).filter((item) => before.includes(item) || items.includes(item));
}

function tickedWith(duty: Duty, obligation: Obligation, items: readonly string[]): readonly string[] {
  const ticked = union(duty, obligation.ticked, items);
  const missing = Object.entries(duty.items).filter(([item]) => !ticked.includes(item));
  if (missing.length > 0) refuse('items-missing', { missing: missing.map(([, title]) => title) });
  return ticked;
}

function answerOf(draft: Draft, obligation: Obligation, duty: Duty, act: Done): Readonly<Record<string, Value>> {
  if (act.nil) {
    if (duty.nil === null) refuse('nil-not-allowed');
    return {};
  }
  if (duty.table !== null) return pointsGiven(obligation, act);
  const answer = act.answer ?? {};
  checkFields(duty.fields, answer);
  if (duty.over === 'held' && typeof answer['amount'] === 'number') {
    const held = heldBy(draft, obligation.unit, obligation.insurance)?.amount ?? 0;
    const amount = answer['amount'];
    if (amount < held)
      refuse('remittance-short', {
        held: formatYuan(held as Fen),
        given: formatYuan(amount as Fen),
        missing: formatYuan((held - amount) as Fen),
      });
  }
  return answer;
}

/** Points follow the table; a gap of the notice needs a person's figure and reason (reading A-04). */
function pointsGiven(obligation: Obligation, act: Done): Readonly<Record<string, Value>> {
  const { proposal } = obligation;
  const given = act.answer ?? {};
  if (proposal === null) return refuse('milestones-open');
  if (!proposal.decisionNeeded) {
    const differs = Object.entries(given).some(([key, value]) => proposal.values[key] !== value);
    if (differs) refuse('points-fixed', { points: Object.values(proposal.values).join('、') });
    return proposal.values;
  }
  const complete = Object.keys(proposal.values).every((key) => typeof given[key] === 'number');
  if (!complete || act.reason === undefined || act.reason.trim() === '') refuse('decision-needed');
  return given;
}

/** The parties differ: the obligation stays open, and each new difference is answered once. */
function noteDifference(draft: Draft, obligation: Obligation, duty: Duty, differences: readonly Difference[]): void {
  const difference = differences
    .map(
      ({ field, values }) =>
        `${field}: ${[...values]
          .map(({ role, value }) => `${role}=${value}`)
          .sort()
          .join(' ')}`,
    )
    .join('; ');
  if (obligation.differences.includes(difference)) {
    shelve(draft, obligation);
    return;
  }
  const noted = shelve(draft, { ...obligation, differences: [...obligation.differences, difference] });
  duty.missed.forEach((response, i) => respond(draft, response, aboutObligation(draft, noted), `missed.${i}+${noted.differences.length}`));
}

/** The posted list hangs for at least so many full days after the posting day (reading A-23). */
function post(draft: Draft, obligation: Obligation, duty: Duty, on: LocalDate): void {
  const days = duty.publish?.days ?? 0;
  const value = typeof days === 'number' ? days : parameterValue(draft.frame.setting, days.parameter, obligation.unit);
  draft.setPublication({
    obligation: obligation.id,
    postedOn: on,
    earliestDown: earliestTakeDown(on, Number(value ?? 0)),
    takenDownOn: null,
  });
}

export const titles = (draft: Draft, roles: readonly RoleId[]): readonly string[] =>
  roles.map((role) => draft.frame.definition.roles[role]?.title ?? role);
export const unitName = (draft: Draft, { unit }: Obligation): string => draft.frame.unit(unit)?.name ?? unit;
