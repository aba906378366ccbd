import { dateOf } from '../../domain/calendar/dates.js';
import type { Actor } from '../../domain/model/event.js';
import type { LocalDate, Moment, ProcessId } from '../../domain/model/ids.js';
import { nowIn } from '../../activities/worlds/now.js';
import { findProcess, type ProcessRow } from '../../store/processes.js';
import { inScope, type Scope } from '../../store/scope.js';
import { unitById, type UnitRow } from '../../store/units/read.js';
import { getWorld, type World } from '../../store/worlds.js';
import type { Caller } from './caller.js';
import { notFound, Problem } from './problems.js';
import type { Services } from './services.js';

/** A campaign as a caller meets it: its clock, and what the caller sees of it on that day. */
export interface CampaignSeen {
  readonly row: ProcessRow;
  readonly root: UnitRow;
  readonly world: World;
  readonly now: Moment;
  readonly day: LocalDate;
  readonly scope: Scope;
}

/** Campaigns concern those who see its launching unit and those whose units lie below it; `not-found` for all others. */
export async function seeCampaign(services: Services, caller: Caller, process: ProcessId): Promise<CampaignSeen> {
  const { db } = services.store;
  const row = await findProcess(db, services.county, process);
  const root = row === null ? null : await unitById(db, services.county, row.root_unit);
  if (row === null || root === null) throw notFound();
  const world = await getWorld(db, services.county, row.world_id);
  const now = nowIn(world);
  const day = dateOf(now);
  const scope = caller.scope(day);
  if (!inScope(scope, root.path) && !scope.some((path) => path.startsWith(root.path))) throw notFound();
  return { row, root, world, now, day, scope };
}

/** The caller as the core checks it: user and roles held on the campaign's day. An auditor's and an administrator's own roles act nowhere. */
export function actorIn(caller: Caller, campaign: CampaignSeen, onBehalfOf: string | null = null): Actor {
  return { user: caller.id, roles: caller.rolesIn(campaign.row.definition_id, campaign.day), onBehalfOf };
}

/** Refuses unless the caller holds the leading role at the launching unit (or above), or administers it. */
export function mustLead(caller: Caller, campaign: CampaignSeen, leads: string): void {
  if (caller.holds(leads, campaign.root.path, campaign.day, campaign.row.definition_id)) return;
  if (caller.administers.length > 0 && inScope(caller.administers, campaign.root.path)) return;
  throw new Problem('not-permitted');
}
