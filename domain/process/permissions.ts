import type { Act, Actor } from '../model/event.js';
import type { RoleId, UnitId } from '../model/ids.js';
import type { Obligation } from '../model/state.js';
import type { Frame } from './frame.js';
import { refuse } from './refusals.js';

/** Whether the actor holds a role for a unit: at that unit, or at the unit above that carries the role. */
export function holds(frame: Frame, actor: Actor, role: RoleId, unit: UnitId): boolean {
  const addresses = frame.addresses(role, unit);
  return actor.roles.some((held) => addresses.some((address) => address.role === held.role && address.unit === held.unit));
}

/** Parts of an obligation that the actor may give. */
export const partsOf = (frame: Frame, actor: Actor, obligation: Obligation): readonly RoleId[] =>
  obligation.owes.filter((role) => holds(frame, actor, role, obligation.unit));

/** The name under `may` that grants an act; acts without one are open to whoever owes. */
const GRANTS = {
  waive: 'waive',
  extend: 'extend',
  suspend: 'suspend',
  unsuspend: 'suspend',
  correctSnapshot: 'correctSnapshot',
  amendPhase: 'amendPhases',
  amendParameter: 'amendParameters',
  pause: 'pause',
  resume: 'pause',
  stop: 'stop',
  markBeforeLaunch: 'markBeforeLaunch',
  judge: 'judge',
} as const satisfies Partial<Record<Act['kind'], string>>;
export type GrantedAct = keyof typeof GRANTS;

/** The leading role has these without being written: they belong to leading a campaign. */
const OF_THE_LEADING_ROLE: readonly GrantedAct[] = ['pause', 'resume', 'stop', 'markBeforeLaunch', 'judge'];

/** Roles an act is granted to; empty = nobody. */
export function grantedTo(frame: Frame, act: GrantedAct, about: string | null = null): readonly RoleId[] {
  const grant = frame.definition.may[GRANTS[act]];
  if (grant) return grant.of.length > 0 && (about === null || !grant.of.includes(about)) ? [] : grant.by;
  return OF_THE_LEADING_ROLE.includes(act) ? [frame.definition.leads] : [];
}

/** Whether a unit stands for the whole campaign: every other unit lies under it or above it. One town of several does not. */
const coversAll = (frame: Frame, unit: UnitId): boolean =>
  frame.unit(unit) !== undefined && frame.setting.units.every(({ id }) => frame.within(id, unit) || frame.within(unit, id));

/** Refuses unless `may` (or leading) grants the act to the actor for a unit. `about`: what `of` of the grant limits. */
export function requireGrant(frame: Frame, actor: Actor, act: GrantedAct, unit: UnitId | null, about: string | null = null): void {
  const roles = grantedTo(frame, act, about);
  if (roles.length === 0) refuse('never-granted', { act });
  const held = roles.some((role) =>
    unit === null
      ? actor.roles.some((own) => frame.plainRoles(role).includes(own.role) && coversAll(frame, own.unit))
      : holds(frame, actor, role, unit),
  );
  if (!held) refuse('not-granted', { act, roles: roles.map((role) => frame.definition.roles[role]?.title ?? role) });
}

export const mostOf = (frame: Frame, act: GrantedAct): number | null => frame.definition.may[GRANTS[act]]?.most ?? null;
export const evidenceOf = (frame: Frame, act: GrantedAct): readonly string[] => frame.definition.may[GRANTS[act]]?.evidence ?? [];

/** The role whose second person must confirm an act; null = the act stands alone. */
export function confirmOf(frame: Frame, act: Act): RoleId | null {
  return isGranted(act.kind) ? (frame.definition.may[GRANTS[act.kind]]?.confirm ?? null) : null;
}
const isGranted = (kind: Act['kind']): kind is GrantedAct => kind in GRANTS;

/** What `of` of a grant limits: the duty of an obligation, the kind of a case; a follow-up counts as what it follows. */
export const dutyOf = ({ origin }: Obligation): string =>
  origin.kind === 'duty' ? origin.duty : origin.kind === 'case' ? origin.case : (origin.of.split('/')[0] ?? origin.of);
