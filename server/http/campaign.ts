import { dateOf } from '../../domain/calendar/dates.js';
import type { Actor } from '../../domain/model/event.js';
import type { LocalDate, Moment, ProcessId } from '../../domain/model/ids.js';
import { nowIn } from '../../activities/worlds/now.js';
import { findProcess, listProcesses, type ProcessRow } from '../../store/processes.js';
import { inScope, type Scope } from '../../store/scope.js';
import { unitById, unitsByIds, type UnitRow } from '../../store/units/read.js';
import { getWorld, worldsByIds, type World } from '../../store/worlds.js';
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
  const seen = row === null || root === null ? null : meet(caller, row, root, await getWorld(db, services.county, row.world_id));
  if (seen === null) throw notFound();
  return seen;
}

function meet(caller: Caller, row: ProcessRow, root: UnitRow, world: World): CampaignSeen | null {
  const now = nowIn(world);
  const day = dateOf(now);
  const scope = caller.scope(day);
  const concerned = inScope(scope, root.path) || scope.some((path) => path.startsWith(root.path));
  return concerned ? { row, root, world, now, day, scope } : null;
}

/** Every campaign that concerns the caller, the newest first, each as it is met on the day of its own world. */
export async function campaignsSeen({ store: { db }, county }: Services, caller: Caller): Promise<CampaignSeen[]> {
  const rows = await listProcesses(db, county, caller.scopeEver);
  const [units, worlds] = await Promise.all([
    unitsByIds(
      db,
      county,
      rows.map((row) => row.root_unit),
    ),
    worldsByIds(
      db,
      county,
      rows.map((row) => row.world_id),
    ),
  ]);
  const [unitOf, worldOf] = [new Map(units.map((unit) => [unit.id, unit])), new Map(worlds.map((world) => [world.id, world]))];
  return rows.flatMap((row) => {
    const [root, world] = [unitOf.get(row.root_unit), worldOf.get(row.world_id)];
    return root === undefined || world === undefined ? [] : (meet(caller, row, root, world) ?? []);
  });
}

/** The caller as the core checks it: user and roles held on the campaign's day. An auditor's and an administrator's own roles act nowhere. */
export function actorIn(caller: Caller, campaign: CampaignSeen, onBehalfOf: string | null = null): Actor {
  return { user: caller.id, roles: caller.rolesIn(campaign.row.definition_id, campaign.day), onBehalfOf };
}

/** Refuses with `campaign-not-running` before the launch is recorded and after the end. */
export function mustRun({ row }: CampaignSeen): void {
  if (row.seq === 0 || row.status === 'stopped' || row.status === 'ended') throw new Problem('campaign-not-running');
}

/** Refuses unless the caller holds the leading role at the launching unit (or above), or administers it. */
export function mustLead(caller: Caller, campaign: CampaignSeen, leads: string): void {
  if (caller.holds(leads, campaign.root.path, campaign.day, campaign.row.definition_id)) return;
  if (caller.administers.length > 0 && inScope(caller.administers, campaign.root.path)) return;
  throw new Problem('not-permitted');
}
