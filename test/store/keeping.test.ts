import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { UnitFact } from '../../domain/model/event.js';
import type { Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import { recordActivities } from '../../activities/record/index.js';
import { appendAudit, auditHeads, verifyAudit, type AuditEntry } from '../../store/audit.js';
import { openStore, type Store, type Trx } from '../../store/connection.js';
import { findDefinition, listDefinitions, releaseDefinition } from '../../store/definitions.js';
import { abandonClaims, answerKey, claimKey, forgetKeys, releaseKey } from '../../store/idempotency.js';
import { nextId, nextIds } from '../../store/ids.js';
import { appendFacts, pageInbox, unacknowledged } from '../../store/inbox.js';
import { closeIncident, countIncidents, listIncidents, raiseIncident } from '../../store/incidents.js';
import { markOutbox, noticesAbout, processesToSend, takeDue } from '../../store/outbox.js';
import { dueProcesses, findProcess, startProcess } from '../../store/processes.js';
import { getSetting, putSetting, SETTING_LIMIT } from '../../store/settings.js';
import { beginMove, createVirtualWorld, getWorld, moveClock, realWorld, worldsUnderWay } from '../../store/worlds.js';
import { at, day } from '../support/campaign.js';
import { found } from '../support/definitions.js';
import { COUNTY, PATHS, givenProcess, givenStore, lines, played, setting, unitAt } from './given.js';

let store: Store;
let adminUrl: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, adminUrl, close } = await givenStore());
});
afterAll(() => close());

const by = 'p1' as UserId;
async function recorded(until = '2020-05-20'): Promise<ProcessId> {
  const { process } = await givenProcess(store);
  await recordActivities(store).record({ county: COUNTY, process, fromSeq: 1, events: played(until).events });
  return process;
}
/** What only the owner of the tables could do, triggers switched off. */
async function tamper(table: 'audit' | 'journal', statement: string, values: readonly unknown[]): Promise<void> {
  const owner = openStore(adminUrl, 1);
  try {
    await owner.pool.query(`alter table ${table} disable trigger user`);
    await owner.pool.query(statement, [...values]);
    await owner.pool.query(`alter table ${table} enable trigger user`);
  } finally {
    await owner.close();
  }
}

describe('audit', () => {
  const entry = (n: number): AuditEntry => ({
    at: at('2020-05-01'),
    actor: by,
    action: 'user.create',
    subject: `p${n}`,
    detail: { role: 'admin', n },
  });
  const append = (...entries: AuditEntry[]) => store.db.transaction().execute((trx) => appendAudit(trx, COUNTY, ...entries));

  test('writers at the same time make one unbroken chain; a rolled-back one leaves nothing', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((n) => append(entry(n), entry(n + 10))));
    const undone = store.db.transaction().execute(async (trx) => {
      await appendAudit(trx, COUNTY, entry(99));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const { violations, entries } = await verifyAudit(store.db, COUNTY);
    expect(violations).toEqual([]);
    expect(entries).toBe(10);
    expect((await auditHeads(store.db, COUNTY)).find(({ chain }) => chain === 'county')?.seq).toBe(10);
  });

  test('every event of a process is in its chain, and the chain proves the journal', async () => {
    const process = await recorded();
    const count = played('2020-05-20').events.length;
    expect((await auditHeads(store.db, COUNTY)).find(({ chain }) => chain === process)?.seq).toBe(count);
    expect((await verifyAudit(store.db, COUNTY)).violations).toEqual([]);
  });

  test.each([
    ['changed', 'audit', `update audit set actor = 'p7' where chain = $1 and seq = 3`, 3],
    ['gap', 'audit', `delete from audit where chain = $1 and seq = 4`, 4],
    ['unlinked', 'audit', `update audit set previous = 'x' where chain = $1 and seq = 5`, 5],
    [
      'journal',
      'journal',
      `update journal set event = jsonb_set(event, '{at}', '"2020-04-01T00:00:00"') where process_id = $1 and seq = 2`,
      2,
    ],
    ['journal', 'journal', `delete from journal where process_id = $1 and seq = 6`, 6],
  ] as const)('%s: a %s row that its owner altered is named', async (kind, table, statement, seq) => {
    const process = await recorded();
    await tamper(table, statement, [process]);
    const { violations } = await verifyAudit(store.db, COUNTY);
    expect(violations).toContainEqual({ chain: process, seq, kind });
  });

  test('a cut tail is unseen by the chain alone and found against an anchor', async () => {
    const process = await recorded();
    const anchor = (await auditHeads(store.db, COUNTY)).filter(({ chain }) => chain === process);
    const last = found(anchor[0]).seq;
    await tamper('audit', `delete from audit where chain = $1 and seq > $2`, [process, last - 2]);
    await tamper('journal', `delete from journal where process_id = $1 and seq > $2`, [process, last - 2]);
    const of = async (heads: typeof anchor) =>
      (await verifyAudit(store.db, COUNTY, heads)).violations.filter(({ chain }) => chain === process);
    expect(await of([])).toEqual([]);
    expect(await of(anchor)).toEqual([{ chain: process, seq: last - 1, kind: 'cut' }]);
  });

  test('a chain written anew from its start is found against an anchor, a chain that is gone too', async () => {
    const process = await recorded();
    const head = found((await auditHeads(store.db, COUNTY)).find(({ chain }) => chain === process));
    const of = async (anchor: typeof head) =>
      (await verifyAudit(store.db, COUNTY, [anchor])).violations.filter(({ chain }) => chain === anchor.chain);
    expect(await of(head)).toEqual([]);
    expect(await of({ ...head, hash: 'f'.repeat(64) })).toEqual([{ chain: process, seq: head.seq, kind: 'replaced' }]);
    expect(await of({ chain: 'c777777', seq: 3, hash: head.hash })).toEqual([{ chain: 'c777777', seq: 1, kind: 'cut' }]);
  });
});

describe('idempotency', () => {
  const request = (key: string, body = 'b1') => ({ county: COUNTY, keyHash: key, user: by, route: 'POST /x', bodyDigest: body as Digest });

  test('first: do it; the same again: the same answer; another body: refused', async () => {
    expect(await claimKey(store.db, request('k1'))).toEqual({ kind: 'new' });
    await answerKey(store.db, request('k1'), { status: 201, response: { id: 'c3', list: [1] } });
    expect(await claimKey(store.db, request('k1'))).toEqual({ kind: 'answered', status: 201, response: { id: 'c3', list: [1] } });
    await expect(claimKey(store.db, request('k1', 'b2'))).rejects.toMatchObject({ code: 'idempotency-other-body' });
  });

  test('many at once: exactly one may do it, the others hear that it is in progress', async () => {
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => claimKey(store.db, request('k2'))));
    expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    for (const one of all) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'idempotency-in-progress' });
  });

  test('released (nothing was done) it may be used again; answered it stays until it is forgotten', async () => {
    await claimKey(store.db, request('k3'));
    await releaseKey(store.db, request('k3'));
    expect(await claimKey(store.db, request('k3'))).toEqual({ kind: 'new' });
    await answerKey(store.db, request('k3'), { status: 204, response: undefined });
    await releaseKey(store.db, request('k3'));
    expect(await claimKey(store.db, request('k3'))).toEqual({ kind: 'answered', status: 204, response: null });
    expect(await forgetKeys(store.db, 1)).toBe(0);
    await store.pool.query(`update idempotency set stored_at = now() - interval '2 days' where key_hash = 'k3'`);
    expect(await forgetKeys(store.db, 1)).toBe(1);
  });

  test('a claim whose server was killed is taken over after its time, by one', async () => {
    await claimKey(store.db, request('k4'));
    await store.pool.query(`update idempotency set stored_at = now() - interval '5 minutes' where key_hash = 'k4'`);
    const all = await Promise.allSettled([claimKey(store.db, request('k4')), claimKey(store.db, request('k4'))]);
    expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  });

  test('a server that starts gives up the claims of the one before: the same request goes on, another body does not', async () => {
    await claimKey(store.db, request('k5'));
    await claimKey(store.db, request('k6'));
    await answerKey(store.db, request('k6'), { status: 200, response: 1 });
    await abandonClaims(store.db, COUNTY);
    await expect(claimKey(store.db, request('k5', 'b2'))).rejects.toMatchObject({ code: 'idempotency-other-body' });
    expect(await claimKey(store.db, request('k5'))).toEqual({ kind: 'new' });
    expect(await claimKey(store.db, request('k6'))).toMatchObject({ kind: 'answered', status: 200 });
  });
});

describe('inbox', () => {
  const fact = (amount: number): UnitFact => ({
    kind: 'payment.arrived',
    unit: unitAt(3).id,
    insurance: null,
    on: day('2020-05-02'),
    amount,
  });

  test('facts are paged in order and acknowledged by the event that took them in', async () => {
    const process = await recorded();
    await store.db
      .transaction()
      .execute((trx) => appendFacts(trx, COUNTY, process, [fact(100), fact(200), { ...fact(7), on: day('2020-05-03') }], at('2020-05-20')));
    const waiting = (await unacknowledged(store.db, COUNTY)).filter((one) => one.process === process);
    expect(waiting).toMatchObject([{ county: COUNTY, process, count: 3 }]);
    const rows = await pageInbox(store.db, COUNTY, process, 0, 2);
    expect(rows.map((row) => row.fact.amount)).toEqual([100, 200]);
    const { upTo, facts, more } = await recordActivities(store).loadFacts({ county: COUNTY, process, after: 0 });
    expect({ upTo, more }).toEqual({ upTo: waiting[0]?.waitingTo, more: false });
    expect(facts.map(({ on, amount }) => [on, amount])).toEqual([
      ['2020-05-02', 300],
      ['2020-05-03', 7],
    ]);
    const seq = found(await findProcess(store.db, COUNTY, process)).seq;
    await recordActivities(store).record({
      county: COUNTY,
      process,
      fromSeq: seq + 1,
      events: [{ type: 'facts', at: at('2020-05-20T10:00:00'), upTo, facts }],
    });
    expect((await unacknowledged(store.db, COUNTY)).filter((one) => one.process === process)).toEqual([]);
    expect(await recordActivities(store).loadFacts({ county: COUNTY, process, after: upTo })).toEqual({ upTo, facts: [], more: false });
  });

  test('facts of a transaction that is undone are never seen', async () => {
    const { process } = await givenProcess(store);
    const undone = store.db.transaction().execute(async (trx) => {
      await appendFacts(trx, COUNTY, process, [fact(1)], at('2020-05-20'));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await pageInbox(store.db, COUNTY, process, 0, 10)).toEqual([]);
  });

  test('a number never appears below one that was already read: writers of one process wait for each other', async () => {
    const { process } = await givenProcess(store);
    const order: string[] = [];
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const first = store.db.transaction().execute(async (trx) => {
      await appendFacts(trx, COUNTY, process, [fact(1)], at('2020-05-20'));
      order.push('first wrote');
      await held;
      order.push('first commits');
    });
    while (order.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = store.db.transaction().execute(async (trx) => {
      await appendFacts(trx, COUNTY, process, [fact(2)], at('2020-05-20'));
      order.push('second wrote');
    });
    for (let waits = 0; waits < 200; waits += 1) {
      const blocked = await lines(store, `select 1 from pg_stat_activity where wait_event = 'advisory' and datname = current_database()`);
      if (blocked.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    goOn();
    await Promise.all([first, second]);
    expect(order).toEqual(['first wrote', 'first commits', 'second wrote']);
    expect((await pageInbox(store.db, COUNTY, process, 0, 10)).map((row) => row.fact.amount)).toEqual([1, 2]);
  });
});

describe('outbox', () => {
  test('due rows are taken once: a second sender waits for the first and gets what is left, a killed one leaves them waiting', async () => {
    const process = await recorded();
    const upTo = at('2020-05-20T23:59:59');
    const take = (trx: Trx, limit: number) => takeDue(trx, COUNTY, process, upTo, limit);
    const all = await store.db.transaction().execute((trx) => take(trx, 1000));
    expect(all.length).toBeGreaterThan(1);
    const order: string[] = [];
    let second: Promise<readonly { outbox_id: string }[]> = Promise.resolve([]);
    await store.db.transaction().execute(async (trx) => {
      const [mine] = await take(trx, 1);
      second = store.db.transaction().execute(async (other) => {
        const left = await take(other, 1000);
        order.push('second');
        return left;
      });
      await markOutbox(trx, COUNTY, process, [found(mine).outbox_id], 'sent');
      order.push('first');
    });
    expect((await second).map((row) => row.outbox_id)).toEqual(all.slice(1).map((row) => row.outbox_id));
    expect(order).toEqual(['first', 'second']);
    const left = await store.db.transaction().execute((trx) => take(trx, 1000));
    expect(left.length).toBe(all.length - 1);
    expect(await store.db.transaction().execute((trx) => takeDue(trx, COUNTY, process, at('2020-04-01'), 1000))).toEqual([]);
  });

  test('a virtual world sends by its own clock, not by ours', async () => {
    const { process, world } = await givenProcess(store);
    await recordActivities(store).record({ county: COUNTY, process, fromSeq: 1, events: played('2020-05-20').events });
    const now = '2026-01-01T00:00:00' as Moment;
    const mine = async () => (await processesToSend(store.db, now)).filter((one) => one.process === process);
    expect(await mine()).toEqual([]);
    await store.db.transaction().execute((trx) => moveClock(trx, COUNTY, world, at('2020-05-20T23:00:00')));
    expect(await mine()).toEqual([{ county: COUNTY, process, world, upTo: '2020-05-20T23:00:00' }]);
  });

  test('notices about an obligation: only what went to units in scope', async () => {
    const process = await recorded();
    const [row] = await lines(
      store,
      `select obligation_id, unit_path from outbox where process_id = $1 and obligation_id is not null limit 1`,
      [process],
    );
    const obligation = String(row?.['obligation_id']);
    expect((await noticesAbout(store.db, COUNTY, process, obligation, [PATHS.u1])).length).toBeGreaterThan(0);
    expect(await noticesAbout(store.db, COUNTY, process, obligation, ['/u9/'])).toEqual([]);
  });
});

describe('worlds', () => {
  test('a virtual clock goes forward only; a move keeps its target until it is reached', async () => {
    const { id } = await createVirtualWorld(store.db, COUNTY, at('2020-04-28'));
    const inTrx = <T>(work: (trx: Trx) => Promise<T>) => store.db.transaction().execute(work);
    expect((await inTrx((trx) => beginMove(trx, COUNTY, id, at('2020-07-01')))).advancingTo).toBe(at('2020-07-01'));
    expect((await worldsUnderWay(store.db)).map((world) => world.id)).toContain(id);
    expect(await inTrx((trx) => moveClock(trx, COUNTY, id, at('2020-05-01')))).toMatchObject({
      now: at('2020-05-01'),
      advancingTo: at('2020-07-01'),
    });
    await expect(inTrx((trx) => beginMove(trx, COUNTY, id, at('2020-06-01')))).rejects.toMatchObject({ code: 'world-backwards' });
    await expect(inTrx((trx) => moveClock(trx, COUNTY, id, at('2020-04-30')))).rejects.toMatchObject({ code: 'world-backwards' });
    expect(await inTrx((trx) => moveClock(trx, COUNTY, id, at('2020-07-01')))).toMatchObject({ now: at('2020-07-01'), advancingTo: null });
  });

  test('the real world is one, and its clock is not moved', async () => {
    const [a, b] = await Promise.all([realWorld(store.db, COUNTY), realWorld(store.db, COUNTY)]);
    expect(a).toEqual(b);
    await expect(store.db.transaction().execute((trx) => moveClock(trx, COUNTY, a.id, at('2027-01-01')))).rejects.toMatchObject({
      code: 'world-is-real',
    });
    await expect(getWorld(store.db, COUNTY, 'w999999')).rejects.toMatchObject({ code: 'world-missing' });
  });

  test('the conductor finds who is due in its world, the earliest first', async () => {
    const { process, world } = await givenProcess(store);
    const { run, events } = played('2020-05-20');
    await recordActivities(store).record({ county: COUNTY, process, fromSeq: 1, events });
    expect(await dueProcesses(store.db, COUNTY, world, at('2020-12-31'))).toEqual([{ process, wakeAt: run.wakeAt }]);
    expect(await dueProcesses(store.db, COUNTY, world, run.state.now)).toEqual([]);
  });
});

describe('starts, settings, definitions, ids, incidents', () => {
  test('two starts with one key: one process', async () => {
    const world = (await createVirtualWorld(store.db, COUNTY, at('2020-04-28'))).id;
    const digest = await putSetting(store.db, COUNTY, setting);
    const start = {
      county: COUNTY,
      definition: 'd',
      version: '1',
      definitionDigest: digest,
      setting: digest,
      world,
      rootUnit: unitAt(0).id,
      year: 2020,
      title: 't',
      by,
    };
    const both = await Promise.all([1, 2].map(() => store.db.transaction().execute((trx) => startProcess(trx, start))));
    expect(both.filter(({ started }) => started)).toHaveLength(1);
    expect(new Set(both.map(({ process }) => process.process_id)).size).toBe(1);
    const later = await store.db.transaction().execute((trx) => startProcess(trx, { ...start, version: '2' }));
    expect(later).toMatchObject({ started: false, process: { version: '1' } });
  });

  test('a setting is kept under the digest of what it says, whatever the order of its keys', async () => {
    const digest = await putSetting(store.db, COUNTY, setting);
    expect(await putSetting(store.db, COUNTY, Object.fromEntries(Object.entries(setting).reverse()) as never)).toBe(digest);
    expect(await getSetting(store.db, COUNTY, digest)).toEqual(setting);
    await expect(getSetting(store.db, 'k2', digest)).rejects.toMatchObject({ code: 'setting-missing' });
  });

  test('a setting too large for a run is refused with its size', async () => {
    const name = '村'.repeat(1000);
    const many = Array.from({ length: 400 }, (_, n) => ({ ...unitAt(3), id: `u${n + 100}` as never, name }));
    await expect(putSetting(store.db, COUNTY, { ...setting, units: many })).rejects.toMatchObject({
      code: 'setting-too-large',
      params: { limit: SETTING_LIMIT },
    });
  });

  test('a released definition never changes', async () => {
    const definition = setting.definition;
    const request = { county: COUNTY, definition, digest: 'd1' as Digest, source: 'duban: 1', by };
    expect(await releaseDefinition(store.db, request)).toEqual({ released: true });
    expect(await releaseDefinition(store.db, request)).toEqual({ released: false });
    await expect(releaseDefinition(store.db, { ...request, digest: 'd2' as Digest })).rejects.toMatchObject({ code: 'definition-differs' });
    await releaseDefinition(store.db, { ...request, definition: { ...definition, version: '2020.9' }, digest: 'd3' as Digest });
    expect((await listDefinitions(store.db, COUNTY)).map(({ version }) => version)).toEqual(['2020.9', definition.version]);
    expect(await findDefinition(store.db, COUNTY, definition.id)).toMatchObject({ digest: 'd3' });
    expect(await findDefinition(store.db, COUNTY, definition.id, definition.version)).toEqual({
      definition,
      digest: 'd1',
      source: 'duban: 1',
    });
    expect(await findDefinition(store.db, COUNTY, 'none')).toBeNull();
  });

  test('ids are never given twice, also by many at once', async () => {
    const many = (await Promise.all([1, 2, 3].map(() => nextIds(store.db, COUNTY, 'u', 1000)))).flat();
    expect(new Set(many).size).toBe(3000);
    expect(many).not.toContain(await nextId(store.db, COUNTY, 'u'));
    expect(await nextIds(store.db, COUNTY, 'u', 0)).toEqual([]);
    expect(await nextId(store.db, COUNTY, 'p')).toMatch(/^p\d+$/);
  });

  test('the same trouble counts up one incident; closed, it opens a new one', async () => {
    const report = { county: COUNTY, process: null, code: 'smtp-down', cause: 'timeout', detail: { host: 'x' } };
    const [a, b] = await Promise.all([raiseIncident(store.db, report), raiseIncident(store.db, report)]);
    expect(a).toBe(b);
    expect(await raiseIncident(store.db, { ...report, cause: 'refused' })).not.toBe(a);
    expect((await listIncidents(store.db, COUNTY, { status: 'open' })).find(({ incident_id }) => incident_id === a)).toMatchObject({
      count: 2,
      owner_role: 'admin',
    });
    expect(await countIncidents(store.db, COUNTY)).toContainEqual({ code: 'smtp-down', count: 2 });
    expect(await closeIncident(store.db, COUNTY, found(a), by)).toBe(true);
    expect(await closeIncident(store.db, COUNTY, found(a), by)).toBe(false);
    expect(await raiseIncident(store.db, report)).not.toBe(a);
  });
});
