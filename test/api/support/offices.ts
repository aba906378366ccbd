import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, As } from './client.js';
import { addPerson, addUnit, expectStatus, stage, type Stage } from './stage.js';

const text = (name: string): string => readFileSync(join(process.cwd(), 'test/api/support', name), 'utf8');

/** What each of the two definitions is released with: `changing` has a table of its own. */
const FILES = { offices: ['offices.yaml'], changing: ['changing.yaml', 'channels.csv'] } as const;

/** The campaign of one of these definitions, launched as of 2026-12-20, with one person for each role and a stranger of another town. */
export interface Offices {
  readonly on: Stage;
  readonly town: string;
  readonly east: string;
  readonly west: string;
  readonly leader: As;
  readonly hr: As;
  readonly collector: As;
  readonly collectorId: string;
  readonly neighbour: As;
  readonly stranger: As;
  readonly campaign: string;
  readonly world: string;
}

export async function offices(definition: keyof typeof FILES = 'offices', env: NodeJS.ProcessEnv = {}): Promise<Offices> {
  const on = await stage({ worker: true, env });
  const town = await addUnit(on, 'town', on.top, '柳河镇');
  const east = await addUnit(on, 'village', town, '东坡村');
  const west = await addUnit(on, 'village', town, '西坡村');
  const far = await addUnit(on, 'town', on.top, '别处镇');
  const person = (login: string, role: string, unit: string): ReturnType<typeof addPerson> => addPerson(on, login, { role, unit });
  const leader = (await person('leader', 'townGovernment', town)).as;
  const hr = (await person('hr', 'townHr', town)).as;
  const { as: collector, id: collectorId } = await person('collector', 'collector', east);
  const neighbour = (await person('neighbour', 'collector', west)).as;
  const stranger = (await person('stranger', 'townHr', far)).as;
  const files = Object.fromEntries(FILES[definition].map((name) => [name, text(name)]));
  expectStatus(await on.admin.post('/definitions', { file: `${definition}.yaml`, files }), 201);
  const launched = await leader.post('/campaigns', order(town, { definition }));
  expectStatus(launched, 201);
  const campaign = launched.body.at('id').text;
  const world = launched.body.at('world').text;
  await untilBegun(leader, campaign);
  return { on, town, east, west, leader, hr, collector, collectorId, neighbour, stranger, campaign, world };
}

export const order = (town: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  definition: 'offices',
  year: 2026,
  root: { unit: town },
  asOf: '2026-12-20',
  ...more,
});

export const actPath = (campaign: string, obligation: string): string => `/obligations/${campaign}/${encodeURIComponent(obligation)}/acts`;

/** A launch answers after 10 s at the latest, begun or not; on a slow machine the first worker takes longer. */
async function untilBegun(as: As, campaign: string): Promise<void> {
  for (let n = 0; n < 600; n += 1) {
    if ((await as.get(`/campaigns/${campaign}`)).body.at('status').value === 'running') return;
    await sleep(100);
  }
  throw new Error(`${campaign} did not begin`);
}

/** Waits until the world stands where it was sent. */
export async function arrive(as: As, world: string, to: string): Promise<void> {
  expectStatus(await as.post(`/worlds/${world}/advance`, { to }), 202);
  for (let n = 0; n < 600; n += 1) {
    if ((await as.get(`/worlds/${world}`)).body.at('advancingTo').value === null) return;
    await sleep(100);
  }
  throw new Error(`the world did not reach ${to}`);
}

/** Status and stable code of a refusal, with the code of the rule that refused. */
export const refusal = (answer: Answer): unknown[] => [
  answer.status,
  answer.body.at('code').value,
  ...(answer.body.at('refusal', 'code').value === undefined ? [] : [answer.body.at('refusal', 'code').value]),
];
