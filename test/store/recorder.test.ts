import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Recorder } from '../../activities/record/recorder.js';
import { recordActivities } from '../../activities/record/index.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { ActId, Digest, ProcessId } from '../../domain/model/ids.js';
import { unpack } from '../../domain/process/index.js';
import { boardRows, boardTotals } from '../../store/board.js';
import { openStore, type Store } from '../../store/connection.js';
import { listIncidents } from '../../store/incidents.js';
import { listOverdue } from '../../store/obligations.js';
import { findProcess } from '../../store/processes.js';
import { putSetting } from '../../store/settings.js';
import { verifyAudit } from '../../store/audit.js';
import { actor, at } from '../support/campaign.js';
import { found } from '../support/definitions.js';
import { COUNTY, PATHS, dump, givenProcess, givenStore, lines, played, setting, unitAt, units } from './given.js';

let store: Store;
let adminUrl: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, adminUrl, close } = await givenStore());
});
afterAll(() => close());

async function recordAll(
  process: ProcessId,
  events: readonly CoreEvent[],
  batch: number,
  recorder = new Recorder(store),
): Promise<Recorder> {
  for (let done = 0; done < events.length; done += batch) {
    await recorder.record(COUNTY, process, done + 1, events.slice(done, done + batch));
  }
  return recorder;
}

describe('folding the journal is the read model', () => {
  test('however events are cut into batches, and rebuilt from the journal, the rows are the same', async () => {
    const { run, events } = played('2020-06-20');
    expect(events.length).toBeGreaterThan(20);
    const dumps: string[][] = [];
    for (const batch of [1, 7, events.length]) {
      const { process } = await givenProcess(store);
      await recordAll(process, events, batch);
      const before = await dump(store, process);
      expect(before.filter((line) => line.startsWith('obligations')).length).toBeGreaterThan(10);
      expect(await new Recorder(store).rebuild(COUNTY, process)).toBe(events.length);
      expect(await dump(store, process)).toEqual(before);
      const named = new RegExp(`"${process}"`, 'g');
      dumps.push(before.filter((line) => !line.startsWith('processes')).map((line) => line.replace(named, '"c"')));
    }
    expect(dumps[1]).toEqual(dumps[0]);
    expect(dumps[2]).toEqual(dumps[0]);
    expect(run.state.seq).toBe(events.length);
  });

  test('rows that were spoilt by hand are mended by a rebuild', async () => {
    const { process } = await givenProcess(store);
    const recorder = await recordAll(process, played('2020-05-20').events, 50);
    const before = await dump(store, process);
    await store.pool.query(`delete from obligations where process_id = $1 and late`, [process]);
    await store.pool.query(`update board set open = open + 1 where process_id = $1`, [process]);
    await store.pool.query(`delete from milestones where process_id = $1`, [process]);
    expect(await dump(store, process)).not.toEqual(before);
    await recorder.rebuild(COUNTY, process);
    expect(await dump(store, process)).toEqual(before);
  });

  test('a look whether journal and rows agree changes nothing, and names what was spoilt', async () => {
    const { process } = await givenProcess(store);
    const { events } = played('2020-05-20');
    const recorder = await recordAll(process, events, 50);
    const before = await dump(store, process);
    expect(await recorder.verify(COUNTY, process)).toEqual({ events: events.length, differs: [] });
    await store.pool.query(`update board set open = open + 1 where process_id = $1`, [process]);
    await store.pool.query(`update obligations set late = not late where process_id = $1`, [process]);
    const spoilt = await dump(store, process);
    expect((await new Recorder(store).verify(COUNTY, process)).differs).toEqual(['obligations', 'board']);
    expect(await dump(store, process)).toEqual(spoilt);
    await recorder.rebuild(COUNTY, process);
    expect(await dump(store, process)).toEqual(before);
    // A journal with a hole does not fold.
    await store.pool.query(`update processes set seq = seq + 1 where process_id = $1`, [process]);
    await expect(new Recorder(store).verify(COUNTY, process)).rejects.toMatchObject({ code: 'journal-gap' });
  });

  test('the loaded state is the one that the core reached, with its wake, its setting and no question open', async () => {
    const { run, events } = played('2020-06-20');
    const { process, digest } = await givenProcess(store);
    await recordAll(process, events, 9);
    const loaded = await recordActivities(store).loadState({ county: COUNTY, process });
    expect(loaded).toMatchObject({ setting: digest, wakeAt: run.wakeAt, asks: [] });
    expect(unpack(found(loaded ?? undefined).state)).toStrictEqual({ ...run.state, process });
    expect(await findProcess(store.db, COUNTY, process)).toMatchObject({
      seq: events.length,
      status: run.state.status,
      wake_at: run.wakeAt,
    });
  });

  test('a question that the journal has not answered yet is asked again by who loads it', async () => {
    const { events } = played('2020-06-20');
    const answer = events.findIndex(({ type }) => type === 'measured');
    expect(answer).toBeGreaterThan(0);
    const { process } = await givenProcess(store);
    await recordAll(process, events.slice(0, answer), 50);
    const loaded = await recordActivities(store).loadState({ county: COUNTY, process });
    expect(loaded?.asks[0]).toMatchObject({ type: 'measure' });
    await new Recorder(store).record(COUNTY, process, answer + 1, events.slice(answer, answer + 1));
    const after = await recordActivities(store).loadState({ county: COUNTY, process });
    expect(after?.asks.length).toBe((loaded?.asks.length ?? 0) - 1);
  });

  test('nothing journalled: nothing to load', async () => {
    const { process } = await givenProcess(store);
    expect(await recordActivities(store).loadState({ county: COUNTY, process })).toBeNull();
    expect(await recordActivities(store).loadState({ county: COUNTY, process: 'c999999' as ProcessId })).toBeNull();
  });

  test('the board counts what the lists show', async () => {
    const { process } = await givenProcess(store);
    await recordAll(process, played('2020-06-20').events, 50);
    const [counted] = await lines(
      store,
      `select count(*) filter (where status = 'open') as open, count(*) filter (where status = 'open' and late) as late,
        count(*) filter (where status = 'done') as done, count(*) filter (where status = 'beforeLaunch') as "beforeLaunch",
        count(*) filter (where status = 'checking') as checking, count(*) filter (where status = 'done' and days_late > 0) as "doneLate"
       from obligations where process_id = $1`,
      [process],
    );
    const rows = await boardRows(store.db, COUNTY, [PATHS.u1], { process });
    expect(boardTotals(rows).get(PATHS.u1)).toEqual(counted);
    const overdue = await listOverdue(store.db, COUNTY, [PATHS.u1], { process }, { limit: 1000 });
    expect(overdue.rows.length).toBe(counted?.['late']);
    expect(overdue.rows.length).toBeGreaterThan(0);
  });

  test('notices become one waiting row for each address, by the channels of their text', async () => {
    const { run, events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    await recordAll(process, events, 3);
    const notices = run.notices();
    const expected = notices.flatMap((notice) => notice.to.map(({ role, unit }) => `${notice.id}/${role}@${unit}`));
    const rows = await lines(store, `select outbox_id, via, text_id, status from outbox where process_id = $1`, [process]);
    expect(rows.map((row) => String(row['outbox_id'])).sort()).toEqual([...new Set(expected)].sort());
    for (const row of rows) {
      expect(row['status']).toBe('waiting');
      expect(row['via']).toEqual(setting.definition.texts[String(row['text_id'])]?.via);
    }
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe('only the expected number is accepted', () => {
  test('an identical repeat is silent, also when it brings something new behind it', async () => {
    const { events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    const record = recordActivities(store).record;
    expect(await record({ county: COUNTY, process, fromSeq: 1, events: events.slice(0, 5) })).toEqual({ recorded: 5 });
    const before = await dump(store, process);
    expect(await record({ county: COUNTY, process, fromSeq: 1, events: events.slice(0, 5) })).toEqual({ recorded: 5 });
    expect(await record({ county: COUNTY, process, fromSeq: 2, events: events.slice(1, 3) })).toEqual({ recorded: 3 });
    expect(await dump(store, process)).toEqual(before);
    expect(await record({ county: COUNTY, process, fromSeq: 3, events: events.slice(2, 8) })).toEqual({ recorded: 8 });
    expect((await lines(store, `select max(seq) as n from journal where process_id = $1`, [process]))[0]?.['n']).toBe(8);
  });

  test('another event at a number that is taken: refused for good, an incident is open, nothing changed', async () => {
    const { events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    const { record } = recordActivities(store);
    await record({ county: COUNTY, process, fromSeq: 1, events: events.slice(0, 3) });
    const before = await dump(store, process);
    const other: CoreEvent = { type: 'woke', at: at('2020-04-29T01:02:03') };
    await expect(record({ county: COUNTY, process, fromSeq: 3, events: [other] })).rejects.toMatchObject({
      type: 'journal-conflict',
      nonRetryable: true,
    });
    await expect(record({ county: COUNTY, process, fromSeq: 3, events: [other] })).rejects.toMatchObject({ type: 'journal-conflict' });
    expect(await listIncidents(store.db, COUNTY, { process })).toMatchObject([
      { code: 'journal-conflict', status: 'open', count: 2, detail: { seq: 3 } },
    ]);
    expect(await dump(store, process)).toEqual(before);
  });

  test('a number too far on (the store was restored to an earlier day): refused, the store wins', async () => {
    const { events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    const { record } = recordActivities(store);
    await record({ county: COUNTY, process, fromSeq: 1, events: events.slice(0, 2) });
    await expect(record({ county: COUNTY, process, fromSeq: 4, events: events.slice(3, 5) })).rejects.toMatchObject({
      type: 'journal-conflict',
    });
    expect(await listIncidents(store.db, COUNTY, { process })).toMatchObject([{ code: 'journal-gap', detail: { seq: 4, recorded: 2 } }]);
  });

  test('a recorder that remembers more than the store holds (restored to an earlier day) folds the journal anew', async () => {
    const { run, events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    const recorder = await recordAll(process, events.slice(0, 8), 8);
    const owner = openStore(adminUrl, 1);
    for (const table of ['journal', 'audit']) {
      const column = table === 'journal' ? 'process_id' : 'chain';
      await owner.pool.query(`alter table ${table} disable trigger user`);
      await owner.pool.query(`delete from ${table} where ${column} = $1 and seq > 4`, [process]);
      await owner.pool.query(`alter table ${table} enable trigger user`);
    }
    await owner.pool.query(`update processes set seq = 4 where process_id = $1`, [process]);
    await owner.close();
    // Another worker went on from there, otherwise: the campaign is paused, and nothing becomes late any more.
    const paused: CoreEvent = {
      type: 'acted',
      at: found(events[3]).at,
      actId: 'b'.repeat(64) as ActId,
      actor: actor('p2', ['townGovernment', 'u2']),
      act: { kind: 'pause', reason: '汛期' },
    };
    const woke: CoreEvent = { type: 'woke', at: found(events[3]).at };
    await new Recorder(store).rebuild(COUNTY, process);
    await new Recorder(store).record(COUNTY, process, 5, [paused, woke, woke, woke]);
    await recorder.record(COUNTY, process, 9, [{ type: 'woke', at: run.state.now }]);
    const before = await dump(store, process);
    expect(await findProcess(store.db, COUNTY, process)).toMatchObject({ seq: 9, status: 'paused' });
    await new Recorder(store).rebuild(COUNTY, process);
    expect(await dump(store, process)).toEqual(before);
  });

  test('an event that the core refuses never enters the journal', async () => {
    const { events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    const { record } = recordActivities(store);
    await record({ county: COUNTY, process, fromSeq: 1, events: events.slice(0, 1) });
    const nobody = actor('p9', ['villageCadre', 'u4']);
    const act: CoreEvent = {
      type: 'acted',
      at: at('2020-04-28T10:00:00'),
      actId: 'a'.repeat(64) as ActId,
      actor: nobody,
      act: { kind: 'stop', reason: '试' },
    };
    await expect(record({ county: COUNTY, process, fromSeq: 2, events: [act] })).rejects.toMatchObject({ code: 'journal-refused' });
    expect((await lines(store, `select count(*) as n from journal where process_id = $1`, [process]))[0]?.['n']).toBe(1);
    expect(await listIncidents(store.db, COUNTY, { process })).toMatchObject([{ code: 'journal-refused' }]);
  });

  test('what the last part of a recording refuses leaves nothing of the others; afterwards the same events are recorded', async () => {
    const { events } = played('2020-05-20');
    const telling = 5;
    const { process } = await givenProcess(store);
    const recorder = await recordAll(process, events.slice(0, telling), 50);
    const everything = async (): Promise<unknown[]> => [
      ...(await dump(store, process)),
      ...(await lines(store, `select seq from journal where process_id = $1 order by 1`, [process])),
      ...(await lines(store, `select seq, hash from audit where chain = $1 order by 1`, [process])),
    ];
    const before = await everything();
    const owner = openStore(adminUrl, 1);
    await owner.pool.query(`alter table outbox add constraint nothing_more check (process_id <> '${process}') not valid`);
    // The one who remembers the state, and one who has to look first.
    for (const one of [recorder, new Recorder(store)])
      await expect(one.record(COUNTY, process, telling + 1, events.slice(telling))).rejects.toMatchObject({ constraint: 'nothing_more' });
    expect(await everything()).toEqual(before);
    await owner.pool.query('alter table outbox drop constraint nothing_more');
    await owner.close();
    expect(await recorder.record(COUNTY, process, telling + 1, events.slice(telling))).toBe(events.length);
    const written = await dump(store, process);
    await new Recorder(store).rebuild(COUNTY, process);
    expect(await dump(store, process)).toEqual(written);
  });

  test('an act that stands in the journal already is not recorded at another number, and nothing of it is written', async () => {
    const { process } = await givenProcess(store);
    const first = played('2020-04-29').events.slice(0, 1);
    const paused: CoreEvent = {
      type: 'acted',
      at: at('2020-04-28T10:00:00'),
      actId: 'c'.repeat(64) as ActId,
      actor: actor('p2', ['townGovernment', 'u2']),
      act: { kind: 'pause', reason: '汛期' },
    };
    const resumed: CoreEvent = { ...paused, act: { kind: 'resume' } };
    const recorder = await recordAll(process, [...first, paused], 1);
    const before = await dump(store, process);
    for (const one of [recorder, new Recorder(store)])
      await expect(one.record(COUNTY, process, 3, [resumed])).rejects.toMatchObject({ code: 'journal-conflict' });
    expect(await dump(store, process)).toEqual(before);
  });

  test('two recorders at once write one journal', async () => {
    const { events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    const both = await Promise.allSettled([1, 2].map(() => new Recorder(store).record(COUNTY, process, 1, events)));
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect((await lines(store, `select count(*) as n from journal where process_id = $1`, [process]))[0]?.['n']).toBe(events.length);
    expect((await verifyAudit(store.db, COUNTY)).violations).toEqual([]);
  });

  test('a recorder that had to wait goes on from where the other one left off', async () => {
    const { events } = played('2020-05-20');
    const { process } = await givenProcess(store);
    const waited = await recordAll(process, events.slice(0, 3), 3);
    const holder = await store.pool.connect();
    const bothDone: Promise<number>[] = [];
    try {
      await holder.query('begin');
      await holder.query('select from processes where process_id = $1 for update', [process]);
      bothDone.push(new Recorder(store).record(COUNTY, process, 4, events.slice(3, 5)));
      await untilWaiting(1);
      bothDone.push(waited.record(COUNTY, process, 4, events.slice(3)));
      await untilWaiting(2);
      await holder.query('commit');
    } finally {
      holder.release();
    }
    expect(await Promise.all(bothDone)).toEqual([5, events.length]);
    expect((await verifyAudit(store.db, COUNTY)).violations).toEqual([]);
    const written = await dump(store, process);
    await new Recorder(store).rebuild(COUNTY, process);
    expect(await dump(store, process)).toEqual(written);
  });
});

/** Returns when `count` connections of this database wait for a row. */
async function untilWaiting(count: number): Promise<void> {
  const query = `select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await lines(store, query, []))[0]?.['n'] !== count) await sleep(20);
}

describe('a setting replaced', () => {
  test('rows follow units to their new place, a rebuild gives the same', async () => {
    const { process } = await givenProcess(store);
    const recorder = await recordAll(process, played('2020-05-10').events, 50);
    const moved = units.map((unit) => (unit.id === 'u4' ? { ...unit, parent: unitAt(1).id } : unit));
    const digest = await putSetting(store.db, COUNTY, { ...setting, units: moved });
    const event: CoreEvent = {
      type: 'settingChanged',
      at: at('2020-05-10T12:00:00'),
      setting: digest,
      what: 'units',
      by: 'p1' as never,
      reason: '并村',
    };
    const folded = await recorder.load(COUNTY, process);
    await store.pool.query(`update units set path = '/u1/u2/u4/', parent_id = 'u2' where unit_id = 'u4'`);
    await recorder.record(COUNTY, process, (folded?.state.seq ?? 0) + 1, [event]);
    expect(await findProcess(store.db, COUNTY, process)).toMatchObject({ setting_digest: digest });
    const paths = await lines(store, `select distinct unit_path from obligations where process_id = $1 and unit_id = 'u4'`, [process]);
    expect(paths).toEqual([{ unit_path: '/u1/u2/u4/' }]);
    const before = await dump(store, process);
    await new Recorder(store).rebuild(COUNTY, process);
    expect(await dump(store, process)).toEqual(before);
  });

  test('a setting that the store does not hold: nothing is recorded', async () => {
    const { process } = await givenProcess(store);
    const recorder = await recordAll(process, played('2020-05-10').events.slice(0, 1), 1);
    const event: CoreEvent = {
      type: 'settingChanged',
      at: at('2020-05-10T12:00:00'),
      setting: 'f'.repeat(64) as Digest,
      what: 'units',
      by: 'p1' as never,
      reason: '并村',
    };
    await expect(recorder.record(COUNTY, process, 2, [event])).rejects.toMatchObject({ code: 'setting-missing' });
    expect(await findProcess(store.db, COUNTY, process)).toMatchObject({ seq: 1 });
  });
});
