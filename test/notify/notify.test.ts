import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { channelsOf, dispatchNotices, sendMessages } from '../../activities/notify/index.js';
import { Recorder } from '../../activities/record/recorder.js';
import type { ProcessId, UserId } from '../../domain/model/ids.js';
import type { Store } from '../../store/connection.js';
import { listIncidents } from '../../store/incidents.js';
import * as inbox from '../../store/lists/notices.js';
import { COUNTY, givenProcess, givenStore, lines, played } from '../store/given.js';

let store: Store;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, close } = await givenStore());
});
afterAll(() => close());

const SECRET = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
const never = new AbortController().signal;

let users = 0;
/** A person who holds roles; everyone with a telephone and a mail address. */
async function givenUser(roles: readonly (readonly [role: string, unit: string])[], language: 'zh' | 'en' = 'zh'): Promise<UserId> {
  const id = `p${(users += 1)}x` as UserId;
  await store.pool.query(
    `insert into users (county_id, user_id, login, name, phone, email, password_hash, language) values ($1, $2, $3, $3, $4, $5, 'x', $6)`,
    [COUNTY, id, `login-${id}`, `1380000${users}`, `${id}@example.test`, language],
  );
  for (const [role, unit] of roles)
    await store.pool.query(`insert into holdings (county_id, user_id, role, unit_id) values ($1, $2, $3, $4)`, [COUNTY, id, role, unit]);
  return id;
}

/** The printed campaign played by the core up to a day, its notices waiting in the outbox. */
async function givenNotices(until: string, world: 'virtual' | 'real'): Promise<ProcessId> {
  const { process, world: id } = await givenProcess(store);
  await new Recorder(store).record(COUNTY, process, 1, played(until).events);
  await store.pool.query(
    world === 'virtual'
      ? `update worlds set now_at = $2 where world_id = $1`
      : `update worlds set kind = 'real', now_at = null where world_id = $1 and $2::text is not null`,
    [id, `${until}T12:00:00`],
  );
  return process;
}
const messagesOf = (process: ProcessId) =>
  lines(store, `select * from messages where process_id = $1 order by user_id, channel, send_at`, [process]);
const endProcess = (process: ProcessId) =>
  store.pool.query(`update outbox set status = 'withdrawn' where process_id = $1 and status = 'waiting'`, [process]);

describe('from notices to messages', () => {
  test('each holder hears of what concerns their role, and several notices of one morning are one message', async () => {
    const town = await givenUser([['townGovernment', 'u2']]);
    const collector = await givenUser([['collector', 'u4']]);
    const process = await givenNotices('2020-05-06', 'virtual');
    await dispatchNotices(store, []);

    const own = (await messagesOf(process)).filter(({ user_id }) => user_id === town);
    const morning = own.filter(({ send_at }) => send_at === '2020-05-06T08:30:00');
    expect(morning).toHaveLength(1);
    expect(morning[0]).toMatchObject({ channel: 'inbox', status: 'sent', subject: expect.stringMatching(/^督办提醒\d+条$/) });
    expect(morning[0]?.['body']).toContain('u2：“包片、包村、包户到人”应于2020-05-01前完成，已逾期5天');
    expect(morning[0]?.['outbox_ids']).not.toHaveLength(1);
    expect((await messagesOf(process)).filter(({ user_id }) => user_id === collector)).toEqual([]);
    expect((await inbox.messagesOf(store.db, COUNTY, town, { before: null, limit: 1, unread: true, among: null }))[0]?.body).toBe(
      morning[0]?.['body'],
    );
  });

  test('dispatching again makes nothing twice', async () => {
    await givenUser([['collector', 'u5']]);
    const process = await givenNotices('2020-05-26', 'virtual');
    await dispatchNotices(store, []);
    const before = await messagesOf(process);
    expect(before.length).toBeGreaterThan(0);
    await dispatchNotices(store, []);
    expect(await messagesOf(process)).toEqual(before);
    expect(await lines(store, `select 1 from outbox where process_id = $1 and status = 'waiting'`, [process])).toEqual([]);
  });

  test('who finds a row held by another sender waits for it, so that a digest is sent whole', async () => {
    const town = await givenUser([['townGovernment', 'u2']]);
    const process = await givenNotices('2020-05-26', 'virtual');
    const other = await store.pool.connect();
    await other.query('begin');
    await other.query(`select from outbox where process_id = $1 and role = 'townGovernment' order by outbox_id limit 1 for update`, [
      process,
    ]);
    const sending = Promise.all([dispatchNotices(store, []), dispatchNotices(store, [])]);
    const waits = async () => (await lines(store, `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length; // prettier-ignore
    while ((await waits()) < 2);
    expect(await messagesOf(process)).toEqual([]);
    await other.query('commit');
    other.release();
    await sending;
    const mornings = (await messagesOf(process)).filter(({ user_id }) => user_id === town).map(({ send_at }) => send_at);
    expect(mornings.length).toBeGreaterThan(1);
    expect(new Set(mornings).size).toBe(mornings.length);
  });

  test('what lies ahead of the world’s clock waits', async () => {
    const process = await givenNotices('2020-05-26', 'virtual');
    await store.pool.query(
      `update worlds set now_at = '2020-05-06T08:29:59' where world_id = (select world_id from processes where process_id = $1)`,
      [process],
    );
    await dispatchNotices(store, []);
    const sent = await messagesOf(process);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.every(({ send_at }) => String(send_at) < '2020-05-06T08:30:00')).toBe(true);
    await endProcess(process);
  });

  test('while something of that morning is still to be recorded, its notices wait, so that a digest is sent whole', async () => {
    const process = await givenNotices('2020-05-06', 'virtual');
    const wakeAt = (at: string) => store.pool.query(`update processes set wake_at = $2 where process_id = $1`, [process, at]);
    await wakeAt('2020-05-06T08:30:00');
    await dispatchNotices(store, []);
    const early = await messagesOf(process);
    expect(early.length).toBeGreaterThan(0);
    expect(early.every(({ send_at }) => String(send_at) < '2020-05-06T08:30:00')).toBe(true);
    await wakeAt('2020-05-06T12:00:01');
    await dispatchNotices(store, []);
    expect((await messagesOf(process)).some(({ send_at }) => send_at === '2020-05-06T08:30:00')).toBe(true);
  });

  test('a role that nobody holds: the notice climbs to the leading role, and an incident names the role', async () => {
    const process = await givenNotices('2020-05-04', 'virtual');
    await dispatchNotices(store, []);
    const text = (await messagesOf(process)).map(({ body }) => body).join('\n');
    expect(text).not.toContain('分时段、分人群明确缴费渠道并通告');
    const incidents = await listIncidents(store.db, COUNTY, { process });
    expect(incidents.map(({ code, cause }) => [code, cause])).toContainEqual(['role-without-holder', 'taxAuthority@u1']);
    const rows = await lines(store, `select status from outbox where process_id = $1 and role = 'taxAuthority'`, [process]);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['noHolder']));
  });

  test('who prefers English reads English', async () => {
    const reader = await givenUser([['cityGovernment', 'u1']], 'en');
    const process = await givenNotices('2020-05-06', 'virtual');
    await dispatchNotices(store, []);
    const own = (await messagesOf(process)).filter(({ user_id }) => user_id === reader);
    expect(own[0]?.['body']).toMatch(/was due by 2020-05-01 and is 5 days late/);
  });
});

describe('leaving the house', () => {
  interface Call {
    readonly id: string;
    readonly body: string;
    readonly headers: Record<string, string>;
  }
  let server: Server;
  let answer = 204;
  const calls: Call[] = [];
  let url = '';
  beforeAll(async () => {
    server = createServer((request, response) => void take(request).then(() => response.writeHead(answer).end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => void server.close());
  async function take(request: IncomingMessage): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    calls.push({ id: String(request.headers['webhook-id']), body, headers: request.headers as Record<string, string> });
  }

  test('a played year never reaches a telephone', async () => {
    const process = await givenNotices('2020-05-06', 'virtual');
    await dispatchNotices(store, channelsOf({ webhookUrl: url, webhookSecret: SECRET }));
    expect((await messagesOf(process)).every(({ channel }) => channel === 'inbox')).toBe(true);
  });

  test('a signed webhook that is down delays its messages; when it is back they arrive once, under the id of the first try', async () => {
    const process = await givenNotices('2020-05-06', 'real');
    const channels = channelsOf({ webhookUrl: url, webhookSecret: SECRET });
    await dispatchNotices(store, channels);
    const waiting = await lines(
      store,
      `select message_id from messages where process_id = $1 and channel = 'webhook' and status = 'waiting'`,
      [process],
    );
    expect(waiting.length).toBeGreaterThan(0);

    answer = 503;
    await sendMessages(store, channels, never);
    expect((await listIncidents(store.db, COUNTY, { process })).map(({ code }) => code)).toContain('channel-failing');
    const failed = [...calls];
    expect(failed).toHaveLength(waiting.length);
    expect(await sendMessages(store, channels, never)).toBe(0);

    answer = 204;
    calls.length = 0;
    await store.pool.query(`update messages set next_try_at = now() where status = 'waiting'`);
    await sendMessages(store, channels, never);
    expect(calls.map(({ id }) => id).sort()).toEqual(failed.map(({ id }) => id).sort());
    for (const { body, headers } of calls)
      expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: 'notice', data: { to: expect.stringMatching(/^1380000/) } });
    await sendMessages(store, channels, never);
    expect(calls).toHaveLength(waiting.length);
    expect(await lines(store, `select 1 from messages where process_id = $1 and status <> 'sent'`, [process])).toEqual([]);
  });

  test('mail goes out over SMTP with the message’s id', async () => {
    const mails: string[] = [];
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        let text = '';
        stream.on('data', (part: Buffer) => (text += part.toString('utf8')));
        stream.on('end', () => {
          mails.push(text);
          done();
        });
      },
    });
    await new Promise<void>((resolve) => void smtp.listen(0, '127.0.0.1', () => resolve()));
    try {
      const port = (smtp.server.address() as AddressInfo).port;
      const [channel] = channelsOf({ smtpUrl: `smtp://127.0.0.1:${port}`, mailFrom: 'duban@example.test' });
      await channel?.send({ id: 'm1', to: 'town@example.test', subject: '督办提醒2条', body: '1. 甲\n2. 乙', mandatory: false });
    } finally {
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    }
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain('Message-ID: <m1@example.test>');
    expect(mails[0]).toContain('To: town@example.test');
  });

  test('a message that cannot be delivered in the end has failed, and the administrator hears of it', async () => {
    answer = 500;
    const process = await givenNotices('2020-05-06', 'real');
    const channels = channelsOf({ webhookUrl: url, webhookSecret: SECRET });
    await dispatchNotices(store, channels);
    await store.pool.query(`update messages set attempts = 8 where process_id = $1 and status = 'waiting'`, [process]);
    await sendMessages(store, channels, never);
    const failed = await lines(store, `select last_error from messages where process_id = $1 and status = 'failed'`, [process]);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed[0]?.['last_error']).toBe('the webhook answered 500');
    expect((await listIncidents(store.db, COUNTY, { process })).map(({ code, owner_role }) => [code, owner_role])).toContainEqual([
      'notice-not-delivered',
      'admin',
    ]);
  });
});
