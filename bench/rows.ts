import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { Recorder } from '../activities/record/index.js';
import { actOnRow } from '../activities/rows/act.js';
import { turnRows } from '../activities/rows/run.js';
import { TurnBook } from '../activities/rows/turns.js';
import { loadDefinition } from '../definitions/schema/index.js';
import { stateCouncilCalendar } from '../domain/calendar/data/state-council.js';
import type { RowsEffect } from '../domain/model/effect.js';
import type { CoreEvent } from '../domain/model/event.js';
import type { ActId, Digest, Moment, ObligationId, ProcessId, UnitId, UserId } from '../domain/model/ids.js';
import type { Setting, Unit } from '../domain/model/setting.js';
import type { State } from '../domain/model/state.js';
import { initialState, step } from '../domain/process/index.js';
import { openStore, type Store } from '../store/connection.js';
import { startProcess } from '../store/processes.js';
import { putSetting } from '../store/settings.js';
import { createVirtualWorld } from '../store/worlds.js';
import { withBenchDatabase, type BenchDatabase } from './database.js';
import { median, tell, type Figure } from './figures.js';

/*
 * What is owed about 400,000 persons of 400 villages, in eight campaigns of 50,000 rows: the first does not count, seven are measured in pairs. The
 * floor copies exactly the rows that we write into tables with the same indexes, or updates exactly those columns from a copied table; it steps and
 * checks nothing.
 */
const COUNTY = 'k1';
const ROWS = Number(process.env['BENCH_ROWS'] ?? 400_000);
const VILLAGES = 400;
const CAMPAIGNS = 8;
const EACH = Math.floor(ROWS / CAMPAIGNS);
/** 20,000 of the 400,000. */
const SETTLED = Math.floor(EACH / 20);
const ACTS = 40;
/** A bound of our own: the floor copies finished rows, ours also judges, steps, journals and counts each. Above it something has become slower. */
const BOUND = 4;
const MEMORY_BOUND_MB = 256;
const LAUNCH = '2020-05-01T09:00:00' as Moment;
const LATE = '2020-05-26T00:00:00' as Moment;

function settingOf(): Setting {
  const loaded = loadDefinition(join(process.cwd(), 'bench/definitions/rows.yaml'), (path) =>
    existsSync(path) ? readFileSync(path, 'utf8') : null,
  );
  if (!loaded.ok) throw new Error('the definition of the bench does not load');
  const unit = (id: string, level: string, parent: string | null): Unit => ({ id: id as UnitId, level, parent: parent as UnitId | null, name: id, kind: null, from: null, to: null, successors: [] }); // prettier-ignore
  return {
    definition: loaded.definition,
    definitionDigest: 'd'.repeat(64) as Digest,
    year: 2020,
    parameters: {},
    tables: {},
    calendar: stateCouncilCalendar,
    units: [unit('u1', 'county', null), ...Array.from({ length: VILLAGES }, (_, i) => unit(`v${i + 1}`, 'village', 'u1'))],
  };
}

/** A campaign without the engine: each event is stepped and recorded; the rows' turn is asked for by the bench. */
class Campaign {
  state: State;
  asked: RowsEffect[] = [];

  constructor(
    readonly store: Store,
    readonly recorder: Recorder,
    readonly book: TurnBook,
    readonly setting: Setting,
    readonly process: ProcessId,
  ) {
    this.state = initialState(process);
  }

  async take(event: CoreEvent): Promise<void> {
    const stepped = step(this.setting, this.state, event);
    this.state = stepped.state;
    await this.recorder.record(COUNTY, this.process, stepped.state.seq, [event]);
    for (const effect of stepped.effects) if (effect.type === 'rows') this.asked.push(effect);
  }
  async turn(): Promise<void> {
    for (let effect = this.asked.shift(); effect; effect = this.asked.shift()) {
      const answer = await turnRows(this.store, this.book, { county: COUNTY, process: this.process, effect });
      await this.take({ type: 'rowsTurned', at: this.state.now, ...answer });
    }
  }
}

/** Peak of resident memory above where it began, while something of ours runs. */
let peakMb = 0;
async function ours(work: () => Promise<unknown>): Promise<number> {
  const begin = process.memoryUsage.rss();
  const look = setInterval(() => (peakMb = Math.max(peakMb, (process.memoryUsage.rss() - begin) / 2 ** 20)), 50);
  const start = performance.now();
  await work();
  const took = performance.now() - start;
  clearInterval(look);
  return took;
}

const OBLIGATION = `county_id, process_id, obligation_id, origin, duty, unit_id, unit_path, insurance, period, owes, status, since, due, late,
  days_late, rung, closed_on, body, seq, row_id, person_id, due_id, next_at, row_number`;
const ENTRY = 'county_id, process_id, row_id, number, under, act_id, event, at, actor, digest';
const CHANGED = 'obligation_id, unit_id, unit_path, status, due, late, days_late, rung, closed_on, body, next_at, seq, row_number';

/** Rows as the text of a COPY, held in memory: what reading them costs is nobody's time. */
async function text(client: pg.Client, query: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  const keep = new Writable({
    write: (part: Buffer, _, done) => {
      parts.push(part);
      done();
    },
  });
  await pipeline(client.query(copyTo(`copy (${query}) to stdout`)), keep);
  return Buffer.concat(parts);
}
async function copyIn(client: pg.Client, target: string, rows: Buffer): Promise<void> {
  const chunks = function* (): Generator<Buffer> {
    for (let at = 0; at < rows.length; at += 1 << 20) yield rows.subarray(at, at + (1 << 20));
  };
  await pipeline(Readable.from(chunks()), client.query(copyFrom(`copy ${target} from stdin`)));
}

async function timedFloor(client: pg.Client, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await client.query('begin');
  await work();
  await client.query('commit');
  return performance.now() - start;
}

async function floorUpdate(client: pg.Client, process: ProcessId, changed: Buffer, entries: Buffer): Promise<void> {
  await client.query(`create temp table staged on commit drop as select ${CHANGED} from floor_obligations with no data`);
  await copyIn(client, `staged (${CHANGED})`, changed);
  await client.query(
    `update floor_obligations o set ${CHANGED.split(', ')
      .slice(1)
      .map((c) => `${c} = s.${c}`)
      .join(', ')}
     from staged s where o.county_id = $1 and o.process_id = $2 and o.obligation_id = s.obligation_id`,
    [COUNTY, process],
  );
  if (entries.length > 0) await copyIn(client, `floor_journal (${ENTRY})`, entries);
}

interface Pair {
  readonly floor: number;
  readonly ours: number;
}

async function prepare(database: BenchDatabase, store: Store, setting: Setting): Promise<void> {
  await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测速县' }).execute();
  const paths = (unit: Unit): string => (unit.parent === null ? `/${unit.id}/` : `/${unit.parent}/${unit.id}/`);
  await store.db
    .insertInto('units')
    .values(
      setting.units.map((one) => ({
        county_id: COUNTY,
        unit_id: one.id,
        level: one.level,
        parent_id: one.parent,
        name: one.name,
        path: paths(one),
      })),
    )
    .execute();
  const owner = new pg.Client({ connectionString: database.adminUrl });
  await owner.connect();
  await owner.query(`create table floor_obligations (like obligations including all)`);
  await owner.query(`create table floor_journal (like row_journal including all)`);
  await owner.query(`grant all on floor_obligations, floor_journal to public`);
  await owner.end();
}

async function campaignOf(store: Store, setting: Setting, n: number): Promise<Campaign> {
  const world = await createVirtualWorld(store.db, COUNTY, LAUNCH);
  const digest = await putSetting(store.db, COUNTY, setting);
  const { process: row } = await store.db.transaction().execute(
    (trx) =>
    startProcess(trx, { county: COUNTY, definition: setting.definition.id, version: setting.definition.version, definitionDigest: setting.definitionDigest, setting: digest, world: world.id, rootUnit: 'u1' as UnitId, year: 2020 + n, title: 'bench', by: 'p1' as UserId }), // prettier-ignore
  );
  const from = n * EACH;
  await store.pool.query(`insert into people (county_id, person_id, name, unit_id) select '${COUNTY}', 'n' || i, '某' || i, 'v' || (i % ${VILLAGES} + 1) from generate_series($1::int, $2::int) i`, [from + 1, from + EACH]); // prettier-ignore
  await store.pool.query(
    `insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, amount, since_at)
     select '${COUNTY}', $3::text, 'd' || i, 'n' || i, 'v' || (i % ${VILLAGES} + 1), '/u1/v' || (i % ${VILLAGES} + 1) || '/', 'medical', 2020, 28000, '2020-04-30T08:00:00'
     from generate_series($1::int, $2::int) i`,
    [from + 1, from + EACH, row.process_id],
  );
  const recorder = new Recorder(store);
  return new Campaign(store, recorder, new TurnBook((db, county, of) => recorder.setting(db, county, of)), setting, row.process_id);
}

const ratio = (name: string, rows: number, pairs: readonly Pair[]): Figure => {
  const counted = pairs.slice(1);
  const value = median(counted.map((pair) => pair.ours / pair.floor));
  const perSecond = (of: (pair: Pair) => number): string => Math.round((rows / median(counted.map(of))) * 1000).toLocaleString('en');
  const detail = `${rows} rows a pair: ${perSecond((pair) => pair.ours)} a second, floor ${perSecond((pair) => pair.floor)}`;
  return { name, value, unit: 'x', bound: { is: 'at most', value: BOUND }, samples: counted.length, detail };
};

process.exitCode = await withBenchDatabase(async (database) => {
  const store = openStore(database.url, 8);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const setting = settingOf();
    await prepare(database, store, setting);
    const pairs: Record<'open' | 'wake' | 'settle', Pair[]> = { open: [], wake: [], settle: [] };
    const acts: number[] = [];
    for (let n = 0; n < CAMPAIGNS; n += 1) {
      const campaign = await campaignOf(store, setting, n);
      const { process: id } = campaign;
      const mine = `county_id = '${COUNTY}' and process_id = '${id}'`;
      await store.pool.query('analyze dues');
      await campaign.take({ type: 'launched', at: LAUNCH, by: 'p1' as UserId });
      const opened = await ours(() => campaign.turn());
      const rows = await text(client, `select ${OBLIGATION} from obligations where ${mine} order by obligation_id`);
      const entries = await text(client, `select ${ENTRY} from row_journal where ${mine} order by row_id`);
      pairs.open.push({ ours: opened, floor: await timedFloor(client, async () => { await copyIn(client, `floor_obligations (${OBLIGATION})`, rows); await copyIn(client, `floor_journal (${ENTRY})`, entries); }) }); // prettier-ignore
      await store.pool.query('analyze obligations');

      await campaign.take({ type: 'woke', at: '2020-05-20T08:30:00' as Moment });
      await campaign.turn();
      await campaign.take({ type: 'woke', at: LATE });
      const woke = await ours(() => campaign.turn());
      const changed = await text(client, `select ${CHANGED} from obligations where ${mine} order by obligation_id`);
      pairs.wake.push({ ours: woke, floor: await timedFloor(client, () => floorUpdate(client, id, changed, Buffer.alloc(0))) });

      const before = campaign.state.rows?.journalled ?? 0;
      await store.pool.query(`update dues set arrived = amount, arrived_on = '2020-05-25' where ${mine} and substr(due_id, 2)::int <= $1`, [
        n * EACH + SETTLED,
      ]);
      await campaign.take({ type: 'facts', at: campaign.state.now, upTo: 1, facts: [] });
      const settled = await ours(() => campaign.turn());
      const closed = await text(client, `select ${CHANGED} from obligations where ${mine} and status = 'done' order by obligation_id`);
      const settledEntries = await text(client, `select ${ENTRY} from row_journal where ${mine} and entry_id > ${before} order by row_id`);
      pairs.settle.push({ ours: settled, floor: await timedFloor(client, () => floorUpdate(client, id, closed, settledEntries)) });

      for (let act = 0; act < ACTS / CAMPAIGNS; act += 1) {
        const row = `contribution/d${(n + 1) * EACH - act}` as ObligationId;
        const unit = `v${(((n + 1) * EACH - act) % VILLAGES) + 1}` as UnitId;
        const start = performance.now();
        const answer = await actOnRow(store, campaign.book, {
          county: COUNTY,
          process: id,
          row,
          actId: `a${n}-${act}` as ActId,
          actor: { user: 'p2' as UserId, roles: [{ role: 'collector', unit }], onBehalfOf: null },
          act: { kind: 'done', obligation: row },
          at: campaign.state.now,
        });
        if (!answer.ok) throw new Error(answer.refusal.code);
        acts.push(performance.now() - start);
      }
      process.stderr.write(`${n + 1} / ${CAMPAIGNS}\n`);
    }
    return tell([
      ratio('rows opened', EACH, pairs.open),
      ratio('rows that become late in one wake', EACH, pairs.wake),
      ratio('rows settled by facts', SETTLED, pairs.settle),
      {
        name: 'one act on a row',
        value: median(acts),
        unit: 'ms',
        bound: null,
        samples: acts.length,
        detail: `beside ${EACH * CAMPAIGNS} rows`,
      },
      { name: 'memory of the worker above its start', value: peakMb, unit: 'MB', bound: { is: 'at most', value: MEMORY_BOUND_MB }, samples: CAMPAIGNS, detail: 'peak while rows have their turn' }, // prettier-ignore
    ]);
  } finally {
    await client.end();
    await store.close();
  }
});
