import { z } from 'zod';
import { nowIn } from '../../activities/worlds/now.js';
import { dateOf } from '../../domain/calendar/dates.js';
import type { LocalDate, ProcessId } from '../../domain/model/ids.js';
import { getWorld } from '../../store/worlds.js';
import { campaignsSeen, type CampaignSeen } from './campaign.js';
import type { Caller } from './caller.js';
import { notFound } from './problems.js';
import type { Services } from './services.js';
import { worldId } from './shapes.js';

/** Query key of lists that can be asked for without a campaign. */
export const worldQuery = {
  world: worldId.optional().meta({
    description:
      '未给 campaign 时列哪个世界：默认真实世界；没有真实工作时为最近启动的演练 which world, default the real one, else the newest rehearsal',
  }),
};

/** The world that a list is about. */
export const listedWorld = z
  .strictObject({
    id: z.string(),
    virtual: z.boolean(),
    now: z.string(),
    others: z.array(z.string()).meta({ description: '另有与我有关的工作的世界 other worlds with campaigns that concern me' }),
  })
  .meta({ id: 'ListedWorld' });

export interface ListedWorld {
  readonly shown: z.input<typeof listedWorld>;
  /** The day on which it stands: what the caller sees there follows from the roles held on it. */
  readonly day: LocalDate;
  /** Its campaigns that concern the caller; null: all that the caller sees lies in this world. */
  readonly among: readonly ProcessId[] | null;
}

/**
 * One world at a time: a rehearsal's overdue must not stand beside the real one. Asked for none it is the real world, or the newest rehearsal's where
 * nothing that concerns the caller runs in the real one. Error: `not-found` for a virtual world without a campaign that concerns the caller.
 */
export async function chooseWorld(services: Services, caller: Caller, asked: string | undefined): Promise<ListedWorld> {
  const seen = await campaignsSeen(services, caller);
  const known = [...new Set(seen.map(({ row }) => row.world_id))];
  const id = asked ?? (known.includes('real') ? 'real' : (known[0] ?? 'real'));
  if (id !== 'real' && !known.includes(id)) throw notFound();
  const world = seen.find(({ row }) => row.world_id === id)?.world ?? (await getWorld(services.store.db, services.county, id));
  const now = nowIn(world);
  const others = known.filter((other) => other !== id);
  return {
    shown: { id, virtual: world.kind === 'virtual', now, others },
    day: dateOf(now),
    among: others.length === 0 ? null : seen.filter(({ row }) => row.world_id === id).map(({ row }) => row.process_id),
  };
}

/** The world of a campaign that was named. */
export const worldOfCampaign = ({ row, world, now }: CampaignSeen): z.input<typeof listedWorld> => ({
  id: row.world_id,
  virtual: world.kind === 'virtual',
  now,
  others: [],
});
