import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { channelsOf, dispatchNotices, sendMessages } from '../../activities/notify/index.js';
import { personalDataKey } from '../../store/people/personal-data-key.js';
import { fixedRing } from '../../store/sealing.js';
import { Town } from '../store/given-rows.js';
import { lines } from '../store/given.js';

/* What a person owes is told to the person: by an outside channel, at the number of the roster. */

const SECRET = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
const key = personalDataKey(fixedRing({ active: 'k1', keys: { k1: Buffer.alloc(32, 9).toString('base64') } }), Buffer.alloc(32, 8));
const never = new AbortController().signal;

let server: Server;
let town: Town;
const told: { readonly to: string; readonly body: string }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => void take(request).then(() => response.writeHead(204).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  town = await Town.given();
  await town.people(1, 3, 'v1');
  for (const person of ['n1', 'n2'])
    await town.sql('update people set phone_cipher = $2 where person_id = $1', [person, key.encrypt(`1380000000${person.slice(1)}`)]);
  await town.launch();
  await town.until('2020-05-20T08:30:00');
}, 120_000);
afterAll(async () => {
  server.close();
  await town.close();
});

async function take(request: IncomingMessage): Promise<void> {
  let body = '';
  for await (const part of request) body += String(part);
  const headers = request.headers as Record<string, string>;
  const { data } = new Webhook(SECRET).verify(body, headers) as { data: { to: string; body: string } };
  told.push(data);
}
const channels = () => channelsOf({ webhookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, webhookSecret: SECRET });
const toPersons = () =>
  lines(town.store, `select obligation_id, status from outbox where role = 'person' and text_id = 'payUntil' order by 1`, []);
const clockOf = (kind: 'real' | 'virtual') =>
  town.sql(kind === 'real' ? `update worlds set kind = 'real', now_at = null` : `update worlds set now_at = '2020-05-20T12:00:00'`);

test('in a played year nobody is told, and it is marked so', async () => {
  await clockOf('virtual');
  await dispatchNotices(town.store, channels(), key);
  expect(await lines(town.store, `select 1 from messages where channel = 'webhook'`, [])).toEqual([]);
  expect(await toPersons()).toEqual(['d1', 'd2', 'd3'].map((due) => ({ obligation_id: `contribution/${due}`, status: 'noHolder' })));
  await town.sql(`update outbox set status = 'waiting' where role = 'person'`);
});

test('each person whose number is known is told of their own, and nobody else; who cannot be reached is listed', async () => {
  await clockOf('real');
  await town.sql(`update processes set wake_at = null`);
  await dispatchNotices(town.store, channels(), key);
  await sendMessages(town.store, channels(), never);
  expect(told.map(({ to }) => to).sort()).toEqual(['13800000001', '13800000002']);
  for (const { body } of told) expect(body).toBe('请于2020-05-25前缴纳2020年度医疗保险费。');
  expect(await toPersons()).toEqual([
    { obligation_id: 'contribution/d1', status: 'sent' },
    { obligation_id: 'contribution/d2', status: 'sent' },
    { obligation_id: 'contribution/d3', status: 'noHolder' },
  ]);
  expect(await lines(town.store, `select 1 from messages where channel = 'inbox' and user_id like 'n%'`, [])).toEqual([]);
});

test('a sender that may not open numbers tells nobody', async () => {
  await town.sql(`update outbox set status = 'waiting' where role = 'person'`);
  await dispatchNotices(town.store, channels(), null);
  expect((await toPersons()).map(({ status }) => status)).toEqual(['noHolder', 'noHolder', 'noHolder']);
});
