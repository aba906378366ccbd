import type { RoleId, UnitId } from '../../domain/model/ids.js';
import { frameOf } from '../../domain/process/index.js';
import type { Trx } from '../../store/connection.js';
import { inScope, normalScope, type Scope } from '../../store/scope.js';
import { unitById } from '../../store/units/read.js';
import { recordAudit } from './audit.js';
import type { CampaignSeen } from './campaign.js';
import type { Caller } from './caller.js';
import { MAX_PAGE } from './paging.js';
import { notFound, Problem } from './problems.js';
import type { Services } from './services.js';
import { line, unitId } from './shapes.js';

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

/** What every list of persons may be asked for. */
export const personsAsked = {
  unit: unitId.optional().meta({ description: '某村或某乡镇 A village, or all below a township' }),
  reason: line(200).optional().meta({ description: '显示全部信息的理由 Why everything is shown' }),
};
export interface PersonsAsked {
  readonly unit?: UnitId | undefined;
  readonly reason?: string | undefined;
}

/** The path of the unit that was asked for, null when none was. Error: `not-found` for one outside the scope. */
export async function placeAsked(trx: Trx, county: string, scope: Scope, { unit }: PersonsAsked): Promise<string | null> {
  if (unit === undefined) return null;
  const found = await unitById(trx, county, unit);
  if (found === null || !inScope(scope, found.path)) throw notFound();
  return found.path;
}

/** Records a look at persons. They are named page by page; a file is told by its unit and number of lines. */
export function recordLook(
  call: { readonly services: Services; readonly trx: Trx; readonly caller: Caller; readonly query: PersonsAsked },
  campaign: string,
  shown: readonly { readonly person: string }[],
  more: Readonly<Record<string, unknown>> & { readonly list: string },
): Promise<void> {
  const { unit, reason } = call.query;
  return recordAudit(call.services, call.trx, call.caller.id, 'persons.read', campaign, {
    ...more,
    persons: shown.length > MAX_PAGE ? [] : shown.map(({ person }) => person),
    count: shown.length,
    unit: unit ?? null,
    ...(reason === undefined ? {} : { shown: reason }),
  });
}
