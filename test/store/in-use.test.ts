import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Recorder } from '../../activities/record/recorder.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { ActId, LocalDate, ObligationId, ProcessId } from '../../domain/model/ids.js';
import { verifyAudit } from '../../store/audit.js';
import { openStore, type Store } from '../../store/connection.js';
import { claimEvidence } from '../../store/evidence.js';
import { MIGRATIONS } from '../../store/migrations/index.js';
import { migrate } from '../../store/migrate.js';
import { actor, Campaign, day, definitionOf, settingOf } from '../support/campaign.js';
import { freshDatabase, type TestDatabase } from '../support/runtime.js';
import { COUNTY, dump, givenProcess, givenStore, played, setting, units } from './given.js';

/*
 * A database that was in use at an earlier version and is migrated holds what one holds that was always new. It is filled by copying, into the earlier
 * schema, what the present program has recorded: columns that did not exist yet are left out.
 */

const papers = settingOf(definitionOf('papers.yaml', dirname(fileURLToPath(import.meta.url))), papersUnits());
function papersUnits() {
  const [town, ...rest] = units.filter(({ id }) => ['u2', 'u4', 'u5'].includes(id));
  return [
    ...(town === undefined ? [] : [{ ...town, level: 'town', parent: null }]),
    ...rest.map((one) => ({ ...one, level: 'village', parent: town?.id ?? null })),
  ];
}

const collector = (unit: string) => actor(`p-${unit}`, ['collector', unit]);
const leader = actor('p1', ['townGovernment', 'u2']);
const stub = (number: string) => [{ paper: 'stub', fields: { number, note: '一本' }, file: null }];

/** A year in which numbers were given in every way there is, some of them twice, before anybody stopped it. */
function givenNumbers(): readonly CoreEvent[] {
  const run = new Campaign(papers, () => ({})).launch('2026-04-20');
  run.act(leader, {
    kind: 'markBeforeLaunch',
    obligation: 'opening/u4' as ObligationId,
    mark: { as: 'done', on: day('2026-03-18'), evidence: stub('A-0') },
  });
  run.done(collector('u4'), 'handIn/u4', { evidence: stub(' A-1 ') }, '2026-05-01');
  run.done(collector('u5'), 'handIn/u5', { evidence: stub('A-1') }, '2026-05-02');
  run.done(collector('u4'), 'report/u4', { answer: { number: 'R-7' } }, '2026-05-03');
  run.done(collector('u5'), 'report/u5', { answer: { number: 'R-7' } }, '2026-05-04');
  run.until('2026-05-20');
  return run.journal;
}

/** What is claimed by which act: the first obligation keeps a number that stands twice. */
const CLAIMED = [
  ['duties.report.number', 'R-7', 'report/u4', 'a4'],
  ['papers.stub.number', 'A-0', 'opening/u4', 'a1'],
  ['papers.stub.number', 'A-1', 'handIn/u4', 'a2'],
] as const;

const claim = (store: Store, act: string, obligation: string, field: string, number: string) =>
  claimEvidence(store, {
    county: COUNTY,
    process: numbers,
    act: act as ActId,
    obligation: obligation as ObligationId,
    serials: [{ field, number }],
    files: [],
  });

let now: { store: Store; adminUrl: string; close: () => Promise<void> };
let numbers: ProcessId;
let printed: ProcessId;
const made: TestDatabase[] = [];

beforeAll(async () => {
  now = await givenStore();
  numbers = (await givenProcess(now.store, papers)).process;
  printed = (await givenProcess(now.store, setting)).process;
  for (const [process, events] of [
    [numbers, givenNumbers()],
    [printed, played('2020-06-20').events],
  ] as const)
    // prettier-ignore
    await new Recorder(now.store).record(COUNTY, process, 1, events);
  for (const [field, number, obligation, act] of CLAIMED) expect(await claim(now.store, act, obligation, field, number)).toBeNull();
});
afterAll(async () => {
  for (const pool of pools.values()) await pool.end();
  for (const database of made) await database.drop();
  await now.close();
});

const pools = new Map<string, pg.Pool>();
async function rows(url: string, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const pool = pools.get(url) ?? new pg.Pool({ connectionString: url, max: 1 });
  pools.set(url, pool);
  return (await pool.query<Record<string, unknown>>(text, [...values])).rows;
}

const FIRST = ['counties', 'worlds', 'definitions', 'settings', 'processes', 'units', 'users', 'files'];
async function tables(url: string): Promise<string[]> {
  const found = await rows(
    url,
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'kysely%'`,
  );
  const names = found.map(({ relname }) => String(relname)).sort();
  return [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name))];
}
const content = async (url: string, table: string): Promise<string[]> =>
  (await rows(url, `select (to_jsonb(t) - 'stored_at')::text as line from ${table} t order by 1`)).map(({ line }) => String(line));

/** The present database as it would have stood at an earlier version. */
async function inUseAt(version: string): Promise<TestDatabase> {
  const old = await freshDatabase({ empty: true });
  made.push(old);
  await migrate({ ...old, upTo: version });
  const there = new Set(await tables(now.adminUrl));
  for (const table of await tables(old.adminUrl)) {
    if (!there.has(table)) continue;
    const [all] = await rows(now.adminUrl, `select coalesce(jsonb_agg(to_jsonb(t)), '[]') as all from ${table} t`);
    const columns = await rows(
      old.adminUrl,
      `select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'`,
      [table],
    );
    const names = columns.map(({ name }) => `"${String(name)}"`).join(', ');
    await rows(
      old.adminUrl,
      `insert into ${table} (${names}) overriding system value select ${names} from jsonb_populate_recordset(null::${table}, $1) on conflict do nothing`,
      [JSON.stringify(all?.['all'])],
    );
  }
  return old;
}

describe.each(Object.keys(MIGRATIONS).slice(0, -1))('in use since %s', (version) => {
  let old: TestDatabase;
  let store: Store;
  beforeAll(async () => {
    old = await inUseAt(version);
    await migrate(old);
    store = openStore(old.url);
  });
  afterAll(() => store.close());

  test('nothing that was there is lost or changed', async () => {
    const differing: string[] = [];
    for (const table of await tables(now.adminUrl)) {
      const [before, after] = [await content(now.adminUrl, table), await content(old.adminUrl, table)];
      if (JSON.stringify(before) !== JSON.stringify(after)) differing.push(`${table}: ${before.length} rows, now ${after.length}`);
    }
    expect(differing).toEqual([]);
    expect((await content(old.adminUrl, 'journal')).length).toBeGreaterThan(30);
  });

  test('its journals fold to the same rows, and the audit holds', async () => {
    for (const process of [numbers, printed]) {
      const before = await dump(now.store, process);
      await new Recorder(store).rebuild(COUNTY, process);
      expect(await dump(store, process)).toEqual(before);
    }
    expect((await verifyAudit(store.db, COUNTY)).violations).toEqual([]);
  });

  test('numbers that were given before are claimed, the first obligation keeps one that stands twice', async () => {
    const claimed = await store.db.selectFrom('serials').selectAll().orderBy('field').orderBy('number').execute();
    expect(claimed.map((row) => [row.field, row.number, row.obligation_id, row.act_id])).toEqual(CLAIMED);
    for (const [field, number, obligation] of CLAIMED) {
      expect(await claim(store, 'x1', 'handIn/u9', field, number)).toEqual({ field, number });
      expect(await claim(store, 'x2', obligation, field, number)).toBeNull();
    }
    expect(await claim(store, 'x3', 'handIn/u9', 'papers.stub.number', 'A-2')).toBeNull();
  });
});

test('every way of giving a number is among what was copied', () => {
  const acts = givenNumbers().flatMap((event) => (event.type === 'acted' ? [event.act.kind] : []));
  expect(acts).toEqual(['markBeforeLaunch', 'done', 'done', 'done', 'done']);
  expect(day('2026-03-18') satisfies LocalDate).toBe('2026-03-18');
});

test('a number is tried without being claimed: a used one is told, a free one stays free', async () => {
  const tried = (number: string) =>
    claimEvidence(
      now.store,
      {
        county: COUNTY,
        process: numbers,
        act: 'a9' as ActId,
        obligation: 'report/u5' as ObligationId,
        serials: [{ field: 'duties.report.number', number }],
        files: [],
      },
      true,
    );
  const kept = () => now.store.pool.query('select count(*)::int as n from serials').then(({ rows: found }) => found);
  const before = await kept();
  expect(await tried('R-7')).toEqual({ field: 'duties.report.number', number: 'R-7' });
  expect(await tried('R-8')).toBeNull();
  expect(await kept()).toEqual(before);
});
