import type { RoleId } from '../../domain/model/ids.js';
import { frameOf } from '../../domain/process/index.js';
import type { Scope } from '../../store/scope.js';
import { normalScope } from '../../store/scope.js';
import type { CampaignSeen } from './campaign.js';
import type { Caller } from './caller.js';
import { Problem } from './problems.js';
import type { Services } from './services.js';

/**
 * Where a caller may see persons of a campaign: at and below the units where it holds a role that the definition's `seePersons` names, on the
 * campaign's day. Nobody sees persons by rank alone. Error: `not-permitted`.
 */
export async function personScope(services: Services, caller: Caller, campaign: CampaignSeen): Promise<Scope> {
  const { setting, state } = await services.folds.of(campaign.row.process_id);
  const frame = frameOf(setting, state.amendments);
  const roles = (frame.definition.may['seePersons']?.by ?? []).flatMap((role) => frame.plainRoles(role));
  const paths = scopeOfRoles(caller, campaign, roles);
  if (paths.length === 0) throw new Problem('not-permitted', { zh: '没有查看个人信息的权限', en: 'You may not see persons' });
  return paths;
}

/** Units of a campaign at and below which the caller holds one of these roles, on the campaign's day. */
export function scopeOfRoles(caller: Caller, { row, root, day }: CampaignSeen, roles: readonly RoleId[]): Scope {
  const paths = caller
    .heldOn(day)
    .filter((held) => roles.includes(held.role) && (held.definition === null || held.definition === row.definition_id))
    .map((held) => (held.unitPath.startsWith(root.path) ? held.unitPath : root.path.startsWith(held.unitPath) ? root.path : null))
    .filter((path) => path !== null);
  return normalScope(paths);
}
