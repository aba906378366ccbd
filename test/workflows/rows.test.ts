import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import { listIncidents } from '../../store/incidents.js';
import { beginMove } from '../../store/worlds.js';
import { rowsSetting } from '../store/given-rows.js';
import { startCampaign } from '../../server/temporal.js';
import { COUNTY, Stage } from './support/stage.js';

/* A worker that is killed in the middle of thousands of rows: the next one goes on with what is left. */

const PEOPLE = 4_000;
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const number = async (text: string, process: ProcessId): Promise<number> =>
  Number((await stage.store.pool.query<{ n: number }>(`select count(*)::int as n from ${text}`, [process])).rows[0]?.n);
const rows = (process: ProcessId, more = ''): Promise<number> =>
  number(`obligations where process_id = $1 and row_id = obligation_id ${more}`, process);

test('killed while it opens them, and while it steps them: each is opened, late and told of once', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const input = await stage.prepare(world, rowsSetting(3));
  const { process } = input;
  const sql = (text: string) => stage.store.pool.query(text, [PEOPLE]);
  await sql(
    `insert into people (county_id, person_id, name, unit_id) select '${COUNTY}', 'n' || i, '某' || i, 'v' || (i % 3 + 1) from generate_series(1, $1::int) i`,
  );
  await sql(
    `insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, amount, since_at)
     select '${COUNTY}', '${process}', 'd' || i, 'n' || i, 'v' || (i % 3 + 1), '/u2/v' || (i % 3 + 1) || '/', 'medical', 2020, 28000, '2020-04-30T08:00:00' from generate_series(1, $1::int) i`,
  );
  await stage.startWorker();
  await startCampaign(stage.engine, input);
  await stage.until('some rows are opened', async () => (await rows(process)) > 0);
  await stage.killWorker();
  const opened = await rows(process);
  await stage.startWorker();
  await stage.until(
    'all rows are opened',
    async () => (await stage.summary(process)).quiet && (await rows(process)) === 2 * PEOPLE,
    120_000,
  );
  expect(opened).toBeLessThan(2 * PEOPLE);
  expect(await number('row_journal where process_id = $1', process)).toBe(2 * PEOPLE);

  await stage.store.db.transaction().execute((trx) => beginMove(trx, COUNTY, world.id, '2020-06-01T00:00:00' as Moment));
  await stage.until('some are late', async () => (await rows(process, 'and late')) > 0, 60_000);
  await stage.killWorker();
  await stage.startWorker();
  await stage.until(
    'the world has arrived',
    async () => {
      const row = await stage.store.pool.query<{ advancing_to: string | null }>('select advancing_to from worlds where world_id = $1', [
        world.id,
      ]);
      return row.rows[0]?.advancing_to === null;
    },
    180_000,
  );
  expect(await rows(process, 'and late')).toBe(2 * PEOPLE);
  const told = await stage.store.pool.query<{ text_id: string; role: string; n: number }>(
    `select text_id, role, sum(greatest(rows, 1))::int as n from outbox where process_id = $1 and text_id <> 'payUntil' group by 1, 2 order by 1, 2`,
    [process],
  );
  expect(told.rows).toEqual([
    { text_id: 'unpaid', role: 'areaLeader', n: 2 * PEOPLE },
    { text_id: 'unpaid', role: 'collector', n: PEOPLE },
    { text_id: 'visitSoon', role: 'collector', n: PEOPLE },
  ]);
  expect((await stage.journal(process)).filter(({ type }) => type === 'rowsTurned').length).toBeGreaterThan(0);
  expect((await listIncidents(stage.store.db, COUNTY, { process })).filter(({ code }) => code !== 'role-without-holder')).toEqual([]);
}, 420_000);
