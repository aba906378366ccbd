import type { CycleOf, CycleParts } from '../../activities/deductions/parts.js';
import type { Deduction } from '../../domain/model/deduction.js';
import type { ProcessId, RoleId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { frameOf } from '../../domain/process/index.js';
import { inScope, type Scope } from '../../store/scope.js';
import { mustLead, seeCampaign, type CampaignSeen } from './campaign.js';
import type { Caller } from './caller.js';
import { personScope } from './persons.js';
import { notFound, Problem } from './problems.js';
import type { Services } from './services.js';

/** A deduction as a caller meets it: its campaign, its definition with the amendments. */
export interface CycleSeen {
  readonly seen: CampaignSeen;
  readonly of: CycleOf;
  readonly deduction: Deduction;
  readonly setting: Setting;
}

/** Whoever sees the campaign; `not-found` for all others, and for a deduction that the definition does not have. */
export async function seeCycle(services: Services, caller: Caller, process: ProcessId, id: string): Promise<CycleSeen> {
  const seen = await seeCampaign(services, caller, process);
  const { setting, state } = await services.folds.of(process);
  const frame = frameOf(setting, state.amendments);
  const deduction = frame.definition.deductions?.[id];
  if (deduction === undefined) throw notFound();
  return { seen, of: { county: services.county, process, deduction: id }, deduction, setting: frame.setting };
}

/** What the cycle's functions work with in the API: nothing is handed over from here. */
export const partsOf = ({ store, personalData }: Services): CycleParts => ({ store, key: personalData, handOverFolder: null });

/**
 * Part in the cycle. `files`: the bank, and who has rounds made or confirms them (the files hold accounts). `money`: the same without the bank. `settle`:
 * who proposes how a line is settled; `confirm`: who confirms it.
 */
export type CyclePart = 'files' | 'money' | 'settle' | 'confirm';

function rolesFor({ deduction, setting }: CycleSeen, part: CyclePart): readonly RoleId[] {
  const { may, leads } = setting.definition;
  const { makeRun, settleUnknown } = may;
  const ours = [leads, ...(makeRun?.confirm == null ? [] : [makeRun.confirm])];
  switch (part) {
    case 'files':
      return [deduction.owes, ...(makeRun?.by ?? []), ...ours];
    case 'money':
      return ours.filter((role) => role !== deduction.owes);
    case 'settle':
      return settleUnknown?.by ?? ours;
    case 'confirm':
      return settleUnknown === undefined ? ours : settleUnknown.confirm === null ? settleUnknown.by : [settleUnknown.confirm];
    default: {
      const never: never = part;
      return never;
    }
  }
}

/** Whether the caller holds a role with such a part at the launching unit. */
function takesPart(caller: Caller, cycle: CycleSeen, part: CyclePart): boolean {
  const { seen, setting } = cycle;
  const frame = frameOf(setting, []);
  return rolesFor(cycle, part)
    .flatMap((role) => frame.plainRoles(role))
    .some((role) => caller.holds(role, seen.root.path, seen.day, seen.row.definition_id));
}

/** Refuses with `not-permitted` who has no such part at the launching unit. */
export function mustTakePart(caller: Caller, cycle: CycleSeen, part: CyclePart): void {
  if (takesPart(caller, cycle, part)) return;
  const { seen, setting } = cycle;
  // An administrator may look after files, never decide about money.
  if (part === 'files') return mustLead(caller, seen, setting.definition.leads);
  const titles = [...new Set(rolesFor(cycle, part))].map((role) => setting.definition.roles[role]?.title ?? role);
  throw new Problem('not-permitted', { zh: `只由${titles.join('、')}办理`, en: `This is for ${titles.join(', ')}` });
}

/** Whether orders, with what came of them, are for the caller: they tell of the whole county, so part in the files or sight of the whole campaign is needed. */
export const seesOrders = (caller: Caller, cycle: CycleSeen): boolean =>
  inScope(cycle.seen.scope, cycle.seen.root.path) || takesPart(caller, cycle, 'files');

/**
 * Units whose lines a caller sees with masked names: all of them for who proposes or confirms how lines are settled (nobody can decide about what he does not see),
 * else where it may see persons. Error: `not-permitted`.
 */
export async function lineScope(services: Services, caller: Caller, cycle: CycleSeen): Promise<Scope> {
  const decides = takesPart(caller, cycle, 'settle') || takesPart(caller, cycle, 'confirm');
  return decides ? [cycle.seen.root.path] : personScope(services, caller, cycle.seen);
}
