import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Client } from './client.js';
import { EXIT, Failure } from './failure.js';
import { read } from './shape.js';

const worldAnswer = z.object({ id: z.string(), kind: z.string(), now: z.string(), advancingTo: z.string().nullable(), quiet: z.boolean() });
export type World = z.infer<typeof worldAnswer>;

const POLL_MS = 150;

export const readWorld = async (api: Client, id: string): Promise<World> =>
  read(worldAnswer, await api.get(`/worlds/${encodeURIComponent(id)}`));

/** The world of a campaign (`c3`), or the id itself. */
export async function worldOf(api: Client, campaignOrWorld: string): Promise<string> {
  if (!campaignOrWorld.startsWith('c')) return campaignOrWorld;
  const answer = await api.get(`/campaigns/${encodeURIComponent(campaignOrWorld)}`);
  return read(z.object({ world: z.string() }), answer).world;
}

/**
 * Moves a virtual world's clock and waits until it has arrived and nothing is under way. `to`: a local moment, or a day (its end).
 * Error: `world-not-quiet` after `seconds`; the move goes on, waiting can be repeated.
 */
export async function moveWorld(api: Client, id: string, to: string, seconds: number, key?: string): Promise<World> {
  await api.post(`/worlds/${encodeURIComponent(id)}/advance`, { to }, key === undefined ? {} : { headers: { 'idempotency-key': key } });
  return waitQuiet(api, id, seconds);
}

export async function waitQuiet(api: Client, id: string, seconds: number): Promise<World> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const world = await readWorld(api, id);
    if (world.quiet) return world;
    if (Date.now() > until) {
      throw new Failure(
        EXIT.refused,
        'world-not-quiet',
        {
          zh: `${seconds} 秒后仍在处理（${world.id} 到 ${world.now}）。`,
          en: `Still under way after ${seconds} seconds (${world.id} is at ${world.now}).`,
        },
        {
          zh: '可再等：npx duban wait-quiet；或看 npx duban incidents',
          en: 'Wait again: npx duban wait-quiet; or see npx duban incidents',
        },
      );
    }
    await sleep(POLL_MS);
  }
}
