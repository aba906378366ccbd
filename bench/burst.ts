import { setTimeout as sleep } from 'node:timers/promises';
import type { ActId, Moment } from '../domain/model/ids.js';
import { createGate } from '../server/gate.js';
import { startCampaign } from '../server/temporal.js';
import type { ActAnswer } from '../workflows/contract/campaign.js';
import { median, tell, timed } from './figures.js';
import { collectorOf, COUNTY, countySetting, COUNTY_SIZE, done, villageId } from './support/county.js';
import { startService } from './support/services.js';
import { launched, plantUnits, prepareCampaign, withStage, type Stage } from './support/stage.js';

/* The collectors of 400 villages report within one second, through the gate, to the real worker. */
const ROUNDS = 7;
const WITHIN_MS = 1_000;
const LAUNCH = '2020-01-01T09:00:00' as Moment;
const AT = '2020-01-10T10:00:00' as Moment;
const setting = countySetting(COUNTY_SIZE);
const villages = Array.from({ length: COUNTY_SIZE.towns }, (_, town) =>
  Array.from({ length: COUNTY_SIZE.villagesEach }, (__, village) => villageId(town, village)),
).flat();

interface Round {
  readonly recorded: number;
  /** From the first act to the last answer. */
  readonly total: number;
  readonly slowest: number;
}

async function round(stage: Stage): Promise<Round> {
  const input = await prepareCampaign(stage, setting, LAUNCH);
  const { county, process } = input;
  await startCampaign(stage.engine, input);
  await launched(stage, process);
  const gate = createGate(stage.engine, stage.store.db);
  let slowest = 0;
  const total = await timed(async () => {
    const answers = await Promise.all(
      villages.map(async (village, n): Promise<ActAnswer> => {
        await sleep((n / villages.length) * WITHIN_MS);
        const began = performance.now();
        const request = { actId: `burst-${village}` as ActId, actor: collectorOf(village), act: done('visit', village, '2020-01'), at: AT };
        const answer = await gate.act(county, process, request);
        slowest = Math.max(slowest, performance.now() - began);
        return answer;
      }),
    );
    const refused = answers.find((answer) => !answer.ok);
    if (refused?.ok === false) throw new Error(`an act was refused: ${refused.refusal.en}`);
  });
  return { recorded: await recordedOf(stage, process), total, slowest };
}

/** Acts that stand in the journal once and whose obligation is done in the read model. */
async function recordedOf({ store }: Stage, process: string): Promise<number> {
  const { rows } = await store.pool.query<{ both: string }>(
    `select count(distinct j.act_id) as both from journal j
     join obligations o on o.county_id = j.county_id and o.process_id = j.process_id and o.obligation_id = j.event -> 'act' ->> 'obligation'
     where j.county_id = $1 and j.process_id = $2 and j.act_id like 'burst-%' and o.status = 'done'`,
    [COUNTY, process],
  );
  return Number(rows[0]?.both ?? 0);
}

process.exitCode = await withStage(async (stage) => {
  await plantUnits(stage, setting);
  const worker = await startService('worker', stage.env);
  try {
    await round(stage);
    const rounds: Round[] = [];
    for (let n = 0; n < ROUNDS; n += 1) rounds.push(await round(stage));
    const worst = Math.max(...rounds.map(({ slowest }) => slowest));
    const times = rounds.map(({ total }) => total);
    return tell([
      {
        name: 'acts of 400 villages within one second: recorded',
        value: Math.min(...rounds.map(({ recorded }) => recorded)),
        unit: 'acts',
        bound: { is: 'at least', value: villages.length },
        samples: ROUNDS,
        detail: `fewest of any round, of ${villages.length}`,
      },
      {
        name: 'acts of 400 villages within one second: until the last answer',
        value: median(times),
        unit: 'ms',
        bound: null,
        samples: ROUNDS,
        detail: `slowest round ${Math.max(...times).toFixed(0)} ms, slowest single act ${worst.toFixed(0)} ms`,
      },
    ]);
  } finally {
    await worker.stop();
  }
});
