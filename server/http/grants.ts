import type { Definition } from '../../domain/model/definition.js';
import type { Actor } from '../../domain/model/event.js';
import type { RoleId, UnitId } from '../../domain/model/ids.js';
import { frameOf } from '../../domain/process/index.js';
import type { Scope } from '../../store/scope.js';
import { actorIn, mustLead, type CampaignSeen } from './campaign.js';
import type { Caller } from './caller.js';
import { scopeOfRoles } from './persons.js';
import { Problem } from './problems.js';
import type { Services } from './services.js';

/** What `may` grants and the core never sees: acts of the daily work and on the setting. */
export type ApiGrant = 'assign' | 'recordFor' | 'amendCalendar' | 'amendTables' | 'declare' | 'enterIdentity' | 'reportDeposit';

/** Whether the caller holds a role that `may` grants it to (`of`: for this element), at or above a unit; null when the definition is silent. */
export async function granted(
  services: Services,
  caller: Caller,
  campaign: CampaignSeen,
  grant: ApiGrant,
  path: string,
  of: string | null = null,
): Promise<boolean | null> {
  const { setting, state } = await services.folds.of(campaign.row.process_id);
  const frame = frameOf(setting, state.amendments);
  const written = frame.definition.may[grant];
  if (written === undefined) return null;
  if (of !== null && written.of.length > 0 && !written.of.includes(of)) return false;
  const roles = written.by.flatMap((role) => frame.plainRoles(role));
  return roles.some((role) => caller.holds(role, path, campaign.day, frame.definition.id));
}

/** Refuses with `not-permitted` unless `may` grants it for the unit; where it is not written, the leading role has it. */
export async function mustBeGranted(
  services: Services,
  caller: Caller,
  campaign: CampaignSeen,
  grant: ApiGrant,
  path: string,
  of: string | null = null,
): Promise<void> {
  const held = await granted(services, caller, campaign, grant, path, of);
  if (held === true) return;
  const { definition } = (await services.folds.of(campaign.row.process_id)).setting;
  if (held === false) throw notGranted(definition, grant);
  mustLead(caller, campaign, definition.leads);
}

/**
 * The units of the campaign for which `may` grants it to the caller; where it is not written, the leading role has it for the whole campaign. Refuses with
 * `not-permitted` who has it nowhere.
 */
export async function grantedScope(services: Services, caller: Caller, campaign: CampaignSeen, grant: ApiGrant): Promise<Scope> {
  const { setting, state } = await services.folds.of(campaign.row.process_id);
  const frame = frameOf(setting, state.amendments);
  const written = frame.definition.may[grant];
  if (written === undefined) {
    mustLead(caller, campaign, frame.definition.leads);
    return [campaign.root.path];
  }
  const paths = scopeOfRoles(
    caller,
    campaign,
    written.by.flatMap((role) => frame.plainRoles(role)),
  );
  if (paths.length === 0) throw notGranted(frame.definition, grant);
  return paths;
}

const notGranted = (definition: Definition, grant: ApiGrant): Problem => {
  const titles = (definition.may[grant]?.by ?? []).map((role) => definition.roles[role]?.title ?? role);
  return new Problem('not-permitted', {
    zh: `本方案只授权给${titles.join('、')}`,
    en: `The definition grants '${grant}' only to ${titles.join(', ')}`,
  });
};

/** Recording for somebody without an account: refused where `recordFor` is written and not held. */
export async function mustRecordFor(
  services: Services,
  caller: Caller,
  campaign: CampaignSeen,
  onBehalfOf: string | null,
  path: string,
): Promise<boolean> {
  if (onBehalfOf === null) return false;
  const held = await granted(services, caller, campaign, 'recordFor', path);
  if (held === false) throw notGranted((await services.folds.of(campaign.row.process_id)).setting.definition, 'recordFor');
  return held === true;
}

/**
 * The caller as the core checks it for one obligation. Who may record for others acts in the roles that owe it at that unit, in the name of
 * the person without an account; both names are kept (requirement S4-27).
 */
export async function actorFor(
  services: Services,
  caller: Caller,
  campaign: CampaignSeen,
  about: { readonly unit: UnitId; readonly unitPath: string; readonly owes: readonly RoleId[] },
  onBehalfOf: string | null,
): Promise<Actor> {
  const actor = actorIn(caller, campaign, onBehalfOf);
  if (!(await mustRecordFor(services, caller, campaign, onBehalfOf, about.unitPath))) return actor;
  const { setting, state } = await services.folds.of(campaign.row.process_id);
  const frame = frameOf(setting, state.amendments);
  return { ...actor, roles: [...actor.roles, ...about.owes.flatMap((role) => frame.addresses(role, about.unit))] };
}
