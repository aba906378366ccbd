import { afterEach, describe, expect, test } from '@jest/globals';
import { turnRows } from '../../activities/rows/run.js';
import type { Digest, LocalDate, Moment, ObligationId, UnitId } from '../../domain/model/ids.js';
import { processesToSend } from '../../store/outbox.js';
import { verifyAudit } from '../../store/audit.js';
import { openStore } from '../../store/connection.js';
import { rowsStanding } from '../../store/rows/counts.js';
import { putSetting } from '../../store/settings.js';
import { found } from '../support/definitions.js';
import { COUNTY } from './given.js';
import { collectorOf, OFFICE, Town } from './given-rows.js';

/* What is owed about single persons, in the store: opened, stepped, settled, acted on, and folded again. */

const towns: Town[] = [];
async function given(villages?: number): Promise<Town> {
  const town = await Town.given(villages);
  towns.push(town);
  return town;
}
afterEach(async () => {
  for (const town of towns.splice(0)) await town.close();
});
const VISIT = { kind: 'done', answer: { spoken: true } } as const;

describe('opened', () => {
  test('for everybody on the roster at the launch, and for who comes to it later', async () => {
    const town = await given();
    await town.people(1, 5, 'v1');
    await town.launch();
    expect(await town.standing()).toEqual(['contribution open 5', 'visit open 5']);
    await town.people(6, 8, 'v2');
    await town.facts();
    expect(await town.standing()).toEqual(['contribution open 8', 'visit open 8']);
    expect(town.state.rows?.sums).toEqual({ contribution: { open: 8, late: 0, closed: 0 }, visit: { open: 8, late: 0, closed: 0 } });
    expect(Object.keys(town.state.open)).toEqual(['cleared']);
  });

  test('not for whom it is not owed', async () => {
    const town = await given();
    await town.people(1, 3, 'v1');
    await town.paid('d1', 28_000, '2020-05-01');
    await town.launch();
    // Who has paid owes the contribution no more, and nobody is to be visited for it.
    expect(await town.standing()).toEqual(['contribution open 2', 'visit open 2']);
  });

  test('the same turn twice, and two at once, open nobody twice', async () => {
    const town = await given();
    await town.people(1, 40, 'v1');
    town.patient = true;
    await town.launch();
    const effect = found(town.waiting[0], 'turn');
    const request = { county: COUNTY, process: town.process, effect };
    const both = await Promise.all([turnRows(town.store, town.book, request), turnRows(town.store, town.book, request)]);
    expect(both.map(({ did }) => did.opened).sort((a, b) => a - b)).toEqual([0, 80]);
    expect((await turnRows(town.store, town.book, request)).did).toEqual({ opened: 0, stepped: 0, settled: 0 });
    expect(await town.standing()).toEqual(['contribution open 40', 'visit open 40']);
  });
});

describe('stepped', () => {
  test('persons are told one by one, an office once with the number', async () => {
    const town = await given();
    await town.people(1, 3, 'v1');
    await town.people(4, 5, 'v2');
    await town.launch();
    await town.until('2020-05-29');
    expect(await town.outbox()).toEqual([
      'visitSoon collector@v1 2020-05-18T08:30:00 3',
      'visitSoon collector@v2 2020-05-18T08:30:00 2',
      ...[1, 2, 3].map((n) => `payUntil person@v1 2020-05-20T08:30:00 contribution/d${n}`),
      ...[4, 5].map((n) => `payUntil person@v2 2020-05-20T08:30:00 contribution/d${n}`),
      'unpaid areaLeader@u2 2020-05-21T08:30:00 2',
      'unpaid areaLeader@u2 2020-05-21T08:30:00 3',
      'unpaid collector@v1 2020-05-26T08:30:00 3',
      'unpaid collector@v2 2020-05-26T08:30:00 2',
      'unpaid areaLeader@u2 2020-05-28T08:30:00 2',
      'unpaid areaLeader@u2 2020-05-28T08:30:00 3',
    ]);
    expect(await town.standing()).toEqual(['contribution open late 5', 'visit open late 5']);
    const [board] = await town.sql(`select open, late from board where unit_id = 'v1'`);
    expect(board).toEqual({ open: 6, late: 6 });
  });

  test('a turn broken off in the middle goes on where it was, and nobody is told twice', async () => {
    const town = await given();
    await town.people(1, 1500, 'v1');
    await town.launch();
    await town.until('2020-05-25');
    town.patient = true;
    await town.take({ type: 'woke', at: found(town.wakeAt, 'wake') });
    const effect = found(town.waiting[0], 'turn');
    // The second page fails: the database goes away under the worker.
    let pages = 0;
    const store = new Proxy(town.store, {
      get: (real, name) =>
        name === 'db'
          ? new Proxy(real.db, {
              get: (db, of) => {
                if (of === 'transaction' && (pages += 1) > 1) throw new Error('killed');
                const member: unknown = Reflect.get(db, of);
                return typeof member === 'function' ? member.bind(db) : member;
              },
            })
          : Reflect.get(real, name),
    });
    await expect(turnRows(store, town.book, { county: COUNTY, process: town.process, effect })).rejects.toThrow('killed');
    expect(await town.standing()).toEqual(['contribution open 500', 'contribution open late 1000', 'visit open late 1500']);
    await town.turn();
    expect(await town.standing()).toEqual(['contribution open late 1500', 'visit open late 1500']);
    town.patient = false;
    await town.until('2020-05-27');
    expect((await town.outbox()).filter((line) => line.includes('2020-05-26'))).toEqual(['unpaid collector@v1 2020-05-26T08:30:00 1500']);
  });

  test('while a turn is under way none of its notices go out', async () => {
    const town = await given();
    await town.people(1, 2, 'v1');
    await town.launch();
    await town.until('2020-05-25');
    await town.sql(`update worlds set now_at = '2020-05-26T12:00:00'`);
    await town.until('2020-05-26T08:00:00');
    town.patient = true;
    await town.take({ type: 'woke', at: found(town.wakeAt, 'wake') });
    const toSend = async () => (await processesToSend(town.store.db, '2020-05-26T12:00:00' as Moment)).map(({ upTo }) => upTo);
    expect(await toSend()).toEqual(['2020-05-26T08:29:59']);
    await town.turn();
    expect(await toSend()).toEqual(['2020-05-26T12:00:00']);
  });
});

describe('facts', () => {
  test('money discharges on its day, a reversal makes it owed again; only touched dues are looked at', async () => {
    const town = await given();
    await town.people(1, 3, 'v1');
    await town.launch();
    await town.until('2020-05-27');
    await town.paid('d1', 28_000, '2020-05-24');
    await town.paid('d2', 28_000, '2020-05-27');
    await town.facts();
    expect(await town.standing()).toEqual([
      'contribution done 1',
      'contribution done late 1',
      'contribution open late 1',
      'visit notApplicable 2',
      'visit open late 1',
    ]);
    await town.paid('d1', 0, '2020-05-27');
    await town.facts();
    expect(await town.standing()).toEqual([
      'contribution done late 1',
      'contribution open late 2',
      'visit notApplicable 1',
      'visit open late 2',
    ]);
    const [journal] = await town.sql(`select count(*)::int as n from row_journal where row_id = 'contribution/d3'`);
    expect(journal).toEqual({ n: 1 });
    const [left] = await town.sql(`select count(*)::int as n from due_touches`);
    expect(left).toEqual({ n: 0 });
  });

  test('who moves takes the row along under the same id', async () => {
    const town = await given();
    await town.people(1, 2, 'v1');
    await town.launch();
    await town.sql(`update dues set unit_id = 'v2', unit_path = '/u1/u2/v2/' where due_id = 'd1'`);
    await town.facts();
    expect(await town.sql(`select unit_id, unit_path from obligations where obligation_id = 'contribution/d1'`)).toEqual([
      { unit_id: 'v2', unit_path: '/u1/u2/v2/' },
    ]);
    expect(await town.sql(`select unit_id, open from board where unit_id like 'v%' order by 1`)).toEqual([
      { unit_id: 'v1', open: 2 },
      { unit_id: 'v2', open: 2 },
    ]);
  });
});

describe('acts', () => {
  test('one transaction: the row, its journal, the board, and word to the process; the same act again has one effect', async () => {
    const town = await given();
    await town.people(1, 2, 'v1');
    await town.launch();
    const act = { ...VISIT, obligation: 'visit/d1' as ObligationId };
    expect(await town.onRow('visit/d1', collectorOf('v1'), act)).toEqual({ ok: true, seq: 2 });
    expect(await town.onRow('visit/d1', collectorOf('v1'), act)).toEqual({ ok: true, seq: 2 });
    expect(await town.standing()).toEqual(['contribution open 2', 'visit done 1', 'visit open 1']);
    expect(town.state.rows?.sums['visit']).toEqual({ open: 2, late: 0, closed: 0 });
    await town.facts();
    expect(town.state.rows?.sums['visit']).toEqual({ open: 1, late: 0, closed: 1 });
    expect(town.state.seq).toBeGreaterThan(3);
  });

  test('a refused act leaves nothing', async () => {
    const town = await given();
    await town.people(1, 1, 'v1');
    await town.launch();
    const before = await town.dump();
    const refused = await town.onRow('visit/d1', collectorOf('v2'), { ...VISIT, obligation: 'visit/d1' as ObligationId });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'not-yours' } });
    expect(await town.onRow('visit/d1', OFFICE, { kind: 'pause', reason: '停' })).toMatchObject({
      ok: false,
      refusal: { code: 'not-a-follow-up' },
    });
    expect(await town.dump()).toEqual(before);
    expect(await town.sql(`select count(*)::int as n from row_journal`)).toEqual([{ n: 2 }]);
  });

  test('many at once on different rows, twice each', async () => {
    const town = await given();
    await town.people(1, 60, 'v1');
    await town.launch();
    const ids = Array.from({ length: 60 }, (_, i) => `visit/d${i + 1}`);
    const answers = await Promise.all(
      [...ids, ...ids].map((id) => town.onRow(id, collectorOf('v1'), { ...VISIT, obligation: id as ObligationId })),
    );
    expect(answers.every((answer) => answer.ok && answer.seq === 2)).toBe(true);
    expect(await town.standing()).toEqual(['contribution open 60', 'visit done 60']);
    expect(await town.sql(`select open, done from board where unit_id = 'v1'`)).toEqual([{ open: 60, done: 60 }]);
  });

  test('an extension brings the next moment forward: the process follows', async () => {
    const town = await given();
    await town.people(1, 1, 'v1');
    await town.launch();
    await town.until('2020-06-20');
    expect(town.state.rows?.nextAt).toBeNull();
    await town.onRow('contribution/d1', OFFICE, {
      kind: 'extend',
      obligation: 'contribution/d1' as ObligationId,
      due: '2020-07-10' as LocalDate,
      reason: '外出',
    });
    await town.facts();
    // 5 July is a Sunday.
    expect(town.state.rows?.nextAt).toBe('2020-07-06T08:30:00');
  });

  test('a second person: asked for at the office, carried out on release', async () => {
    const town = await given();
    await town.people(1, 1, 'v1');
    await town.launch();
    await town.onRow('contribution/d1', collectorOf('v1'), {
      kind: 'waive',
      obligation: 'contribution/d1' as ObligationId,
      reason: '已迁出',
    });
    const [asked] = await town.sql(`select obligation_id as id, row_id, unit_id from obligations where duty = '~confirm'`);
    expect(asked).toMatchObject({ row_id: 'contribution/d1', unit_id: 'u1' });
    const id = String(asked?.['id']) as ObligationId;
    expect(await town.onRow('contribution/d1', OFFICE, { kind: 'release', obligation: id })).toMatchObject({ ok: true });
    expect(await town.standing()).toEqual(['contribution waived 1', 'visit open 1']);
  });
});

describe('the process changes', () => {
  test('a longer phase, a pause: all open rows follow', async () => {
    const town = await given();
    await town.people(1, 3, 'v1');
    await town.launch();
    await town.act(OFFICE, { kind: 'amendPhase', phase: 'collection', from: null, to: '2020-06-10' as LocalDate, reason: '疫情' });
    const dues = () => town.sql(`select distinct due from obligations where duty = 'contribution'`);
    expect(await dues()).toEqual([{ due: '2020-06-10' }]);
    await town.until('2020-05-05');
    await town.act(OFFICE, { kind: 'pause', reason: '停电' });
    await town.until('2020-05-15');
    expect(await town.onRow('visit/d1', collectorOf('v1'), { ...VISIT, obligation: 'visit/d1' as ObligationId })).toMatchObject({
      refusal: { code: 'campaign-paused' },
    });
    await town.act(OFFICE, { kind: 'resume' });
    expect(await dues()).toEqual([{ due: '2020-06-20' }]);
  });

  test('a village that ended: its people stand at the successor', async () => {
    const town = await given();
    await town.people(1, 2, 'v1');
    await town.launch();
    await town.until('2020-05-10');
    const units = town.setting.units.map((one) =>
      one.id === 'v1' ? { ...one, to: '2020-05-09' as LocalDate, successors: ['v2' as UnitId] } : one,
    );
    const setting = { ...town.setting, units };
    const digest: Digest = await putSetting(town.store.db, COUNTY, setting);
    await town.take(
      { type: 'settingChanged', at: town.state.now, setting: digest, what: 'units', by: OFFICE.user, reason: '并村' },
      { setting },
    );
    expect(await town.sql(`select distinct unit_id from obligations where row_id is not null`)).toEqual([{ unit_id: 'v2' }]);
  });

  test('a stop withdraws them all, and nobody new is opened', async () => {
    const town = await given();
    await town.people(1, 2, 'v1');
    await town.launch();
    await town.act(OFFICE, { kind: 'stop', reason: '取消' });
    expect(await town.standing()).toEqual(['contribution withdrawn 2', 'visit withdrawn 2']);
  });
});

test('folded again from the journals, everything is the same, whatever has happened', async () => {
  const town = await given();
  await town.people(1, 12, 'v1');
  await town.people(13, 20, 'v2');
  await town.launch();
  await town.onRow('visit/d1', collectorOf('v1'), { ...VISIT, obligation: 'visit/d1' as ObligationId });
  await town.paid('d2', 28_000, '2020-05-03');
  await town.facts();
  await town.until('2020-05-12');
  await town.act(OFFICE, { kind: 'amendPhase', phase: 'collection', from: null, to: '2020-05-30' as LocalDate, reason: '疫情' });
  await town.act(OFFICE, { kind: 'pause', reason: '停电' });
  await town.until('2020-05-14');
  await town.act(OFFICE, { kind: 'resume' });
  await town.onRow('contribution/d3', collectorOf('v1'), {
    kind: 'waive',
    obligation: 'contribution/d3' as ObligationId,
    reason: '已迁出',
  });
  await town.until('2020-05-26');
  await town.paid('d2', 0, '2020-05-26');
  await town.paid('d5', 28_000, '2020-05-26');
  await town.sql(`update dues set unit_id = 'v3', unit_path = '/u1/u2/v3/' where due_id = 'd6'`);
  await town.facts();
  await town.onRow('contribution/d7', OFFICE, {
    kind: 'extend',
    obligation: 'contribution/d7' as ObligationId,
    due: '2020-06-30' as LocalDate,
    reason: '外出',
  });
  await town.people(21, 22, 'v1');
  await town.facts();
  await town.until('2020-06-08');
  const before = await town.dump();
  const told = await town.outbox();
  await town.recorder.rebuild(COUNTY, town.process);
  expect(await town.dump()).toEqual(before);
  expect(await town.outbox()).toEqual(told);
});

describe('what vouches for it', () => {
  test("the chain of the process holds a digest over the rows' journal; a changed entry is found", async () => {
    const town = await given();
    await town.people(1, 3, 'v1');
    await town.launch();
    await town.onRow('visit/d1', collectorOf('v1'), { ...VISIT, obligation: 'visit/d1' as ObligationId });
    await town.facts();
    expect((await verifyAudit(town.store.db, COUNTY)).violations).toEqual([]);
    await expect(town.sql(`update row_journal set actor = 'p9'`)).rejects.toThrow(/append-only|permission denied/);
    const owner = openStore(town.adminUrl);
    try {
      await owner.pool.query('alter table row_journal disable trigger user');
      await owner.pool.query(`update row_journal set event = jsonb_set(event, '{act,answer,spoken}', 'false') where number = 2`);
    } finally {
      await owner.close();
    }
    const violations = (await verifyAudit(town.store.db, COUNTY)).violations;
    expect(violations).toEqual([{ chain: town.process, seq: town.answered, kind: 'journal' }]);
  });

  test('counts stand per unit, now and as of a day', async () => {
    const town = await given();
    await town.people(1, 3, 'v1');
    await town.launch();
    await town.until('2020-05-27');
    await town.paid('d1', 28_000, '2020-05-27');
    await town.facts();
    const of = { county: COUNTY, process: town.process, units: null };
    expect(await rowsStanding(town.store.db, { ...of, asOf: null }, 'contribution', [])).toEqual([
      { unit: 'v1', insurance: 'medical', state: '', values: {}, status: 'done', late: true, rows: 1 },
      { unit: 'v1', insurance: 'medical', state: '', values: {}, status: 'open', late: true, rows: 2 },
    ]);
    const asOf = { happenedBy: '2020-05-26' as LocalDate, recordedBefore: '2020-05-28T00:00:00' as Moment };
    expect(await rowsStanding(town.store.db, { ...of, asOf }, 'contribution', [])).toEqual([
      { unit: 'v1', insurance: 'medical', state: '', values: {}, status: 'open', late: true, rows: 3 },
    ]);
  });
});
