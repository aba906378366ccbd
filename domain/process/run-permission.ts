import type { Refusal } from '../model/effect.js';
import type { Actor } from '../model/event.js';
import type { DeductionId } from '../model/deduction.js';
import type { Moment, RoleId, UnitId, UserId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { EvidenceGiven, State } from '../model/state.js';
import { checkEvidence } from './acts/evidence.js';
import { activityDenials } from './case-rules.js';
import { phaseDays } from './deadlines.js';
import { Draft } from './draft.js';
import { frameOf } from './frame.js';
import { holds } from './permissions.js';
import { refuse, Refused } from './refusals.js';

const GRANT = 'makeRun';
const SETTLES = 'settleUnknown';

interface RunAsked {
  readonly deduction: DeductionId;
  readonly actor: Actor;
  /** Present moment of the campaign's world. */
  readonly at: Moment;
}

/** The role of the second person without whom no round is made; null = one is enough. */
export const confirmsRun = (setting: Setting): RoleId | null => setting.definition.may[GRANT]?.confirm ?? null;

/**
 * Whether somebody may have a round of a deduction made now: `may.makeRun` names the role, the phase of the deduction has begun and is not over, the campaign runs,
 * and no rule that guards `deduct` refuses (rules that see a row are asked for each due when the round is made). Null = yes.
 */
export function runRefusal(setting: Setting, state: State, { deduction, actor, at }: RunAsked): Refusal | null {
  return caught(() => {
    const draft = new Draft(setting, state, at);
    const { definition } = draft.frame;
    checkRuns(draft, deduction);
    const grant = definition.may[GRANT];
    const by = grant === undefined || (grant.of.length > 0 && !grant.of.includes(deduction)) ? [] : grant.by;
    if (by.length === 0) refuse('never-granted', { act: GRANT });
    if (!by.some((role) => holds(draft.frame, actor, role, rootOf(setting))))
      refuse('not-granted', { act: GRANT, roles: by.map((role) => definition.roles[role]?.title ?? role) });
  });
}

/** Whether somebody may confirm a round that another proposed: the role of `confirm`, and another person. All else is asked again. Null = yes. */
export function confirmRefusal(setting: Setting, state: State, { deduction, actor, at }: RunAsked, proposedBy: UserId): Refusal | null {
  return caught(() => {
    const draft = new Draft(setting, state, at);
    checkRuns(draft, deduction);
    const confirm = confirmsRun(setting);
    if (confirm === null) return;
    if (!holds(draft.frame, actor, confirm, rootOf(setting)))
      refuse('not-granted', { act: GRANT, roles: [draft.frame.definition.roles[confirm]?.title ?? confirm] });
    if (actor.user === proposedBy) refuse('second-person');
  });
}

/** Whether the papers that `may.settleUnknown` asks for are given, with all their fields, for a line that two people settle. Null = yes. */
export const settlementRefusal = (setting: Setting, given: readonly EvidenceGiven[]): Refusal | null =>
  caught(() => checkEvidence(frameOf(setting, []), setting.definition.may[SETTLES]?.evidence ?? [], given));

function checkRuns(draft: Draft, id: DeductionId): void {
  const { status, paused } = draft.state;
  if (status === 'stopped' || status === 'ended') refuse('campaign-ended');
  if (status === 'paused') refuse('campaign-paused', { reason: paused?.reason ?? '' });
  const { definition, setting } = draft.frame;
  const deduction = definition.deductions?.[id];
  if (!deduction) return refuse('unknown-deduction', { deduction: id });
  const phase = definition.phases[deduction.during]?.title ?? deduction.during;
  const days = phaseDays(draft, deduction.during);
  if (days === null) return refuse('phase-undated', { phase });
  if (draft.today < days.start) refuse('phase-not-open', { phase, start: days.start });
  if (days.end !== null && draft.today > days.end) refuse('phase-over', { phase, end: days.end });
  for (const hit of activityDenials(draft, 'deduct', rootOf(setting))) refuse('rule-denies', hit);
}

/** A deduction is of the whole campaign: its roles are asked at the top. */
function rootOf(setting: Setting): UnitId {
  const root = frameOf(setting, []).setting.units.find(({ parent }) => parent === null);
  return root?.id ?? ('' as UnitId);
}

function caught(check: () => void): Refusal | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}
