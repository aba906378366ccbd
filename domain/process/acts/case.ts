import type { CaseAct } from '../../model/case.js';
import type { Value } from '../../model/definition.js';
import type { Act, Actor } from '../../model/event.js';
import type { LocalDate } from '../../model/ids.js';
import type { PartDone } from '../../model/state.js';
import { compareAnswers } from '../../rules/compare-answers.js';
import { lead, runEngine } from '../cases.js';
import { activityDenials, caseHolds, isOpenTo, type CaseObligation } from '../case-rules.js';
import { actOfCase, stateOf } from '../case-types.js';
import type { Draft } from '../draft.js';
import { shelve } from '../ladder.js';
import { holds } from '../permissions.js';
import { refuse } from '../refusals.js';
import { titles, unitName } from './done.js';
import { checkEvidence, checkFields } from './evidence.js';

type Given = Extract<Act, { kind: 'step' }>;

/**
 * An act on a case by one of those who may do it. Where several must sign, each gives the same values: the last signature does it; while the values differ all
 * stand, and whoever changes theirs signs again.
 */
export function caseAct(draft: Draft, main: CaseObligation, given: Given, actor: Actor): void {
  const type = draft.frame.definition.cases?.[main.case.type];
  const act = type && actOfCase(type, given.act);
  if (!type || !act) return refuse('unknown-case-act', { act: given.act });
  if (act.by.length === 0) return refuse('engine-act', { act: act.title });
  if (!act.in.includes(main.case.state))
    return refuse('wrong-case-state', { state: stateOf(type, main.case.state)?.title ?? main.case.state, act: act.title });
  const roles = act.by.filter((role) => holds(draft.frame, actor, role, main.unit));
  if (roles.length === 0) refuse('not-yours', { roles: titles(draft, act.by), unit: unitName(draft, main) });
  const on = dayOf(draft, main, given.on);
  checkOpen(draft, main, act);
  const asked = askedOf(type.fields, act, given);
  checkEvidence(draft.frame, act.evidence, given.evidence ?? []);
  if (act.does !== null) for (const hit of activityDenials(draft, act.does, main.unit)) refuse('rule-denies', hit);
  if (!caseHolds(draft, main, act.if, asked)) refuse('case-condition', { act: act.title });

  const signed: PartDone[] = roles.map((role) => ({
    act: act.id,
    role,
    by: actor.user,
    onBehalfOf: actor.onBehalfOf,
    on,
    at: draft.now,
    answer: asked,
    nil: false,
    evidence: given.evidence ?? [],
  }));
  const parts = [...main.parts.filter((part) => part.act !== act.id || !roles.includes(part.role)), ...signed];
  const mine = parts.filter((part) => part.act === act.id);
  const own = new Set(type.fields.flatMap((field) => (field.own ? [field.id] : [])));
  const compared = act.asks.filter((id) => id !== 'reason' && !own.has(id));
  const differences = mine.length < act.by.length ? [] : compareAnswers(compared, mine);
  if (mine.length < act.by.length || differences.length > 0) {
    shelve(draft, { ...main, parts, differences: differences.map(({ field }) => `${act.id}.${field}`) });
    return;
  }
  // What each signer says for itself stays with its signature.
  const fields = Object.fromEntries(Object.entries(asked).filter(([id]) => id !== 'reason' && !own.has(id)));
  const last = mine.reduce<LocalDate>((day, part) => (part.on > day ? part.on : day), on);
  lead(draft, main, act, { by: actor.user, on: last, parts, fields, reason: given.reason ?? null });
  // The money may be there already.
  runEngine(draft, main.id, null);
}

function dayOf(draft: Draft, main: CaseObligation, given: LocalDate | undefined): LocalDate {
  const on = given ?? draft.today;
  if (on > draft.today) refuse('future-date', { on, today: draft.today });
  if (on < main.since) refuse('date-before-start', { on, since: main.since });
  return on;
}

function checkOpen(draft: Draft, main: CaseObligation, act: CaseAct): void {
  if (isOpenTo(main.case, act)) return;
  const waits = act.needs.filter((need) => main.case.waitsFor.includes(need));
  if (waits.length > 0) refuse('needs-open', { missing: waits.map((need) => draft.frame.definition.cases?.[need]?.title ?? need) });
  refuse('too-often', { most: act.most ?? 0 });
}

/** Every field that is asked, of its type; `reason` is the act's. Nothing else. */
function askedOf(fields: Parameters<typeof checkFields>[0], act: CaseAct, given: Given): Readonly<Record<string, Value>> {
  checkFields(
    fields.filter(({ id }) => act.asks.includes(id)),
    given.answer ?? {},
  );
  const reason = given.reason?.trim() ?? '';
  if (act.asks.includes('reason') && reason === '') refuse('reason-missing');
  return { ...given.answer, ...(reason === '' ? {} : { reason }) };
}
