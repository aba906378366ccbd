import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { As, Json } from './support/client.js';
import { addPerson, addUnit, stage, type Stage } from './support/stage.js';

let on: Stage;
const towns: string[] = [];
const villages: string[] = [];
let east: { id: string; as: As };
let west: { id: string; as: As };
let westAdmin: { id: string; as: As };
let auditor: { id: string; as: As };

beforeAll(async () => {
  on = await stage();
  for (const name of ['东河镇', '西河镇']) {
    const town = await addUnit(on, 'town', on.top, name);
    towns.push(town);
    villages.push(await addUnit(on, 'village', town, `${name}一村`));
  }
  east = await addPerson(on, 'east', { role: 'townGovernment', unit: towns[0] ?? '' });
  west = await addPerson(on, 'west', { role: 'townGovernment', unit: towns[1] ?? '' });
  westAdmin = await addPerson(on, 'west-admin', { role: 'admin', unit: towns[1] ?? '' });
  auditor = await addPerson(on, 'auditor', { role: 'auditor', unit: on.top });
}, 180_000);
afterAll(() => on.stop());

const ids = (body: Json): string[] => body.at('items').list.map((item) => item.at('id').text);

describe('a town', () => {
  test('lists its own units and people, and nothing of another, in any filter', async () => {
    expect(ids((await east.as.get('/units')).body)).toEqual([towns[0], villages[0]]);
    expect(ids((await east.as.get(`/units?parent=${towns[1]}`)).body)).toEqual([]);
    expect(ids((await east.as.get('/units?text=西河')).body)).toEqual([]);
    expect((await east.as.get('/units?level=village')).body.at('items').list).toHaveLength(1);
    expect(ids((await east.as.get('/users')).body)).toEqual([east.id]);
    expect(ids((await east.as.get('/users?text=west')).body)).toEqual([]);
    expect((await east.as.get('/holdings')).body.at('items').list.map((held) => held.at('user').value)).toEqual([east.id]);
  });

  test('is answered 404 by id for what is not its own, as for what is not there', async () => {
    for (const path of [
      `/units/${towns[1]}`,
      `/units/${on.top}`,
      `/users/${west.id}`,
      `/users/${west.id}/holdings`,
      '/units/u999999',
      '/users/p999999',
    ]) {
      const answer = await east.as.get(path);
      expect([path, answer.status, answer.body.at('code').value]).toEqual([path, 404, 'not-found']);
    }
  });

  test('administers nothing', async () => {
    for (const [path, body] of [
      ['/units', { level: 'village', parent: towns[0], name: '新村' }],
      ['/users', { login: 'newcomer', name: '新人' }],
      [`/users/${east.id}/holdings`, { role: 'admin', unit: on.top }],
      [`/users/${west.id}/password-reset`, undefined],
    ] as const) {
      const answer = await east.as.post(path, body);
      expect([path, answer.status, answer.body.at('code').value]).toEqual([path, 403, 'not-permitted']);
    }
    for (const path of ['/audit', '/audit/heads', '/incidents', '/wait-quiet']) expect((await east.as.get(path)).status).toBe(403);
  });
});

describe('an administrator of one town', () => {
  test('administers it and only it', async () => {
    expect((await westAdmin.as.post('/units', { level: 'village', parent: towns[1], name: '西二村' })).status).toBe(201);
    expect((await westAdmin.as.post('/units', { level: 'village', parent: towns[0], name: '越界村' })).status).toBe(404);
    expect((await westAdmin.as.post(`/users/${west.id}/holdings`, { role: 'collector', unit: villages[1] })).status).toBe(201);
    expect((await westAdmin.as.post(`/users/${west.id}/holdings`, { role: 'collector', unit: villages[0] })).status).toBe(404);
    expect((await westAdmin.as.post(`/users/${west.id}/holdings`, { role: 'admin', unit: on.top })).status).toBe(404);
    expect((await westAdmin.as.post(`/users/${east.id}/password-reset`)).status).toBe(404);
    expect((await westAdmin.as.post(`/users/${on.adminId}/password-reset`)).status).toBe(404);
    expect((await westAdmin.as.post(`/units/${villages[1]}/move`, { parent: towns[0], on: '2026-01-01' })).status).toBe(404);
    expect((await westAdmin.as.get('/audit')).status).toBe(403);
  });

  test('cannot make an auditor over the county', async () => {
    const answer = await westAdmin.as.post(`/users/${west.id}/holdings`, { role: 'auditor', unit: towns[1] });
    expect([answer.status, answer.body.at('code').value]).toEqual([409, 'conflict']);
  });
});

describe('an auditor', () => {
  test('reads over all units and changes nothing', async () => {
    expect(ids((await auditor.as.get('/units')).body)).toEqual(expect.arrayContaining([on.top, ...towns, ...villages]));
    expect((await auditor.as.get(`/users/${west.id}`)).status).toBe(200);
    expect((await auditor.as.get('/audit')).status).toBe(200);
    expect((await auditor.as.post('/units', { level: 'town', parent: on.top, name: '审计镇' })).status).toBe(403);
    const etag = (await auditor.as.get(`/units/${towns[0]}`)).headers.get('etag') ?? '';
    expect((await auditor.as.patch(`/units/${towns[0]}`, { name: '改' }, etag)).status).toBe(403);
  });
});

describe('people change', () => {
  test('given a hand-over from a day, then the old holder has it until the day before and the new one from it', async () => {
    const leaver = await addPerson(on, 'leaver', { role: 'townGovernment', unit: towns[0] ?? '' });
    const joiner = (await on.admin.post('/users', { login: 'joiner', name: '接手人' })).body.at('id').text;
    const done = await on.admin.post(`/users/${leaver.id}/hand-over`, { to: joiner, on: '2020-06-01', reason: '调任' });
    expect([done.status, done.body.at('endedOn').value, done.body.at('items', 0, 'from').value]).toEqual([200, '2020-05-31', '2020-06-01']);
    expect(ids((await leaver.as.get('/units')).body)).toEqual([]);
    const held = await on.admin.get(`/users/${joiner}/holdings`);
    expect(held.body.at('items', 0, 'unit').value).toBe(towns[0]);
  });

  test('a role that ended or has not begun opens nothing; a stand-in is named', async () => {
    const { id, as } = await addPerson(on, 'stand-in');
    expect((await on.admin.post(`/users/${id}/holdings`, { role: 'townGovernment', unit: towns[0], to: '2020-12-31' })).status).toBe(201);
    expect((await on.admin.post(`/users/${id}/holdings`, { role: 'townGovernment', unit: towns[0], from: '2999-01-01' })).status).toBe(201);
    expect(ids((await as.get('/units')).body)).toEqual([]);
    const held = await on.admin.post(`/users/${id}/holdings`, {
      role: 'townGovernment',
      unit: towns[0],
      from: '2026-01-01',
      standInFor: east.id,
    });
    expect(held.body.at('standInFor').value).toBe(east.id);
    expect(ids((await as.get('/units')).body)).toEqual([towns[0], villages[0]]);
    expect((await on.admin.post(`/holdings/${held.body.at('id').text}/end`, { lastDay: '2026-01-02', reason: '回岗' })).status).toBe(200);
    expect(ids((await as.get('/units')).body)).toEqual([]);
  });
});

describe('units change', () => {
  test('given a village moved to another town, then the other town sees it and the first no more', async () => {
    const village = await addUnit(on, 'village', towns[0] ?? '', '划转村');
    expect((await east.as.get(`/units/${village}`)).status).toBe(200);
    expect((await on.admin.post(`/units/${village}/move`, { parent: towns[1], on: '2026-02-01' })).status).toBe(200);
    expect((await east.as.get(`/units/${village}`)).status).toBe(404);
    const shown = await west.as.get(`/units/${village}`);
    expect(shown.body.at('events').list.map((event) => event.at('kind').value)).toEqual(['created', 'moved']);
  });

  test('split and retire name successors, and what still has units below does not end', async () => {
    const village = await addUnit(on, 'village', towns[0] ?? '', '大村');
    const parts = await on.admin.post(`/units/${village}/split`, { parts: [{ name: '大村东' }, { name: '大村西' }], on: '2026-03-01' });
    const shown = await on.admin.get(`/units/${village}`);
    expect([shown.body.at('to').value, shown.body.at('successors').value]).toEqual(['2026-02-28', ids(parts.body)]);
    const again = await on.admin.post(`/units/${village}/retire`, { on: '2026-04-01', reason: '撤' });
    expect([again.status, again.body.at('code').value]).toEqual([409, 'conflict']);
    const busy = await on.admin.post(`/units/${towns[0]}/retire`, { on: '2026-04-01', reason: '撤' });
    expect(busy.status).toBe(409);
    expect((await on.admin.post(`/units/${ids(parts.body)[1]}/retire`, { on: '2026-04-01', reason: '撤' })).status).toBe(200);
    const ahead = { on: '2999-01-01' };
    for (const [end, body] of [
      ['merge', { into: villages[0], ...ahead }],
      ['split', { parts: [{ name: '甲村' }, { name: '乙村' }], ...ahead }],
      ['retire', { reason: '撤', ...ahead }],
    ] as const) {
      const refused = await on.admin.post(`/units/${ids(parts.body)[0]}/${end}`, body);
      expect([refused.status, refused.body.at('code').value]).toEqual([422, 'date-ahead']);
    }
    expect((await on.admin.get(`/units/${ids(parts.body)[0]}`)).body.at('to').value).toBeNull();
    const below = await on.admin.post(`/units/${towns[0]}/move`, { parent: villages[0], on: '2026-04-01' });
    expect(below.status).toBe(409);
  });
});
