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
  const roles = new Set((frame.definition.may['seePersons']?.by ?? []).flatMap((role) => frame.plainRoles(role)));
  const paths = caller
    .heldOn(campaign.day)
    .filter((held) => roles.has(held.role) && (held.definition === null || held.definition === campaign.row.definition_id))
    .map((held) =>
      held.unitPath.startsWith(campaign.root.path)
        ? held.unitPath
        : campaign.root.path.startsWith(held.unitPath)
          ? campaign.root.path
          : null,
    )
    .filter((path) => path !== null);
  if (paths.length === 0) throw new Problem('not-permitted', { zh: '没有查看个人信息的权限', en: 'You may not see persons' });
  return normalScope(paths);
}
