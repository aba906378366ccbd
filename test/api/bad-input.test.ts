import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addPerson, addUnit, PASSWORD, stage, type Stage } from './support/stage.js';

let on: Stage;
let counted: () => Promise<number>;
beforeAll(async () => {
  on = await stage();
  counted = async () => (await on.store.db.selectFrom('units').select('unit_id').execute()).length;
}, 180_000);
afterAll(() => on.stop());

const json = 'application/json';

describe('a problem document', () => {
  test('speaks the asked language and always carries both', async () => {
    const zh = await on.admin.get('/units/u999');
    const en = await on.admin.get('/units/u999', { headers: { 'accept-language': 'en-GB,en;q=0.9,zh;q=0.5' } });
    expect([zh.status, zh.type]).toEqual([404, 'application/problem+json; charset=utf-8']);
    expect(zh.body.at('title').value).toBe(zh.body.at('zh', 'title').value);
    expect(en.body.at('title').value).toBe(en.body.at('en', 'title').value);
    expect(en.body.at('zh', 'wayOut').text).not.toBe('');
    const type = await on.nobody.get(zh.body.at('type').text.replace('/api/v1', ''));
    expect([type.body.at('code').value, type.body.at('status').value]).toEqual(['not-found', 404]);
  });

  test('an unknown address is 404, a wrong method 405 with what is allowed', async () => {
    expect((await on.admin.get('/nothing-here')).body.at('code').value).toBe('route-unknown');
    const wrong = await on.admin.delete('/units');
    expect([wrong.status, wrong.body.at('code').value, wrong.headers.get('allow')]).toEqual([405, 'method-not-allowed', 'GET, POST']);
  });
});

describe('what is sent', () => {
  const good = (name: string): Record<string, unknown> => ({ level: 'town', parent: on.top, name });

  test.each([
    ['not JSON', '{"level": ', json, 400, 'not-json'],
    ['another media type', '<unit/>', 'application/xml', 415, 'wrong-media-type'],
    ['nested too deeply', `${'['.repeat(200)}${']'.repeat(200)}`, json, 400, 'body-too-deep'],
    ['1 MB of nesting', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, json, 400, 'body-too-deep'],
    ['more than 1 MB', JSON.stringify({ name: '长'.repeat(400_000) }), json, 413, 'body-too-large'],
    ['NUL in a text', JSON.stringify({ name: '甲\u0000' }), json, 400, 'text-unstorable'],
    ['half a character', '{"name": "甲\\ud800"}', json, 400, 'text-unstorable'],
    ['a list', '[]', json, 400, 'invalid-request'],
    ['null', 'null', json, 400, 'invalid-request'],
  ])('%s is refused and nothing is changed', async (_what, text, type, status, code) => {
    const before = await counted();
    const answer = await on.admin.post('/units', undefined, { raw: { text, type } });
    expect([answer.status, answer.body.at('code').value]).toEqual([status, code]);
    expect(await counted()).toBe(before);
  });

  test('every wrong place is named at once: unknown, missing, wrong type, too long, bad id', async () => {
    const answer = await on.admin.post('/units', { level: 7, parent: 'village', name: '名'.repeat(101), colour: 'red' });
    expect([answer.status, answer.body.at('code').value]).toEqual([400, 'invalid-request']);
    const found = answer.body.at('errors').list.map((error) => `${error.at('in').text} ${error.at('path').text} ${error.at('code').text}`);
    expect(found.sort()).toEqual(['body colour unknown-key', 'body level wrong-type', 'body name too-long', 'body parent bad-format']);
    const missing = await on.admin.post('/units', { level: 'town' });
    expect(missing.body.at('errors').list.map((error) => `${error.at('path').text} ${error.at('code').text}`)).toEqual([
      'parent missing-key',
      'name missing-key',
    ]);
  });

  test.each([
    ['a day that is none', { user: 'x', from: '2020-02-30' }],
    ['a day as a number', { user: 'x', from: 20200201 }],
  ])('%s is refused', async (_what, { from }) => {
    const { id } = await addPerson(on, `p${Math.abs(Number(String(from).replace(/\D/g, '')))}${typeof from}`, {
      role: 'clerk',
      unit: on.top,
    });
    const answer = await on.admin.post(`/users/${id}/holdings`, { role: 'clerk2', unit: on.top, from });
    expect([answer.status, answer.body.at('errors', 0, 'path').value]).toEqual([400, 'from']);
  });

  test('control characters and outer spaces in a name are refused', async () => {
    for (const name of ['柳河\u0007镇', ' 柳河镇', '柳河镇\n', '']) {
      expect((await on.admin.post('/units', good(name))).body.at('code').value).toBe('invalid-request');
    }
  });

  test('unknown query keys and limits beyond 200 are refused', async () => {
    expect((await on.admin.get('/units?colour=red')).body.at('errors', 0, 'code').value).toBe('unknown-key');
    expect((await on.admin.get('/units?limit=201')).body.at('errors', 0, 'code').value).toBe('too-large');
    expect((await on.admin.get('/units?limit=0')).body.at('errors', 0, 'code').value).toBe('too-small');
    expect((await on.admin.get('/units?cursor=%00')).body.at('code').value).toBe('invalid-request');
  });

  test('an upload where none is expected, without its file, or with another one is refused', async () => {
    const form = new FormData();
    form.set('data', JSON.stringify({ kind: 'units' }));
    const missing = await on.admin.post('/imports', undefined, { form });
    expect([missing.status, missing.body.at('errors', 0, 'in').value]).toEqual([400, 'file']);
    const other = new FormData();
    other.set('data', '{}');
    other.set('picture', new Blob(['x']), 'x.png');
    expect((await on.admin.post('/imports', undefined, { form: other })).body.at('code').value).toBe('upload-refused');
    expect((await on.admin.post('/units', undefined, { form: other })).status).toBe(415);
  });

  test('a file that is no table is refused by name', async () => {
    const form = new FormData();
    form.set('data', JSON.stringify({ kind: 'units' }));
    form.set('file', new Blob([Buffer.from('%PDF-1.7 whatever')]), '单位.pdf');
    const answer = await on.admin.post('/imports', undefined, { form });
    expect([answer.status, answer.body.at('code').value, answer.body.at('refusal', 'code').value]).toEqual([
      422,
      'import-refused',
      'not-a-table',
    ]);
  });
});

describe('the same request twice', () => {
  test('a POST without a key is refused, with a key it has one effect and the same answer', async () => {
    const before = await counted();
    const none = await on.admin.post('/units', { level: 'town', parent: on.top, name: '一次镇' }, { key: null });
    expect([none.status, none.body.at('code').value]).toEqual([400, 'idempotency-key-missing']);
    expect((await on.admin.post('/units', {}, { key: 'short' })).body.at('errors', 0, 'in').value).toBe('header');
    const body = { level: 'town', parent: on.top, name: '一次镇' };
    const first = await on.admin.post('/units', body, { key: 'unit-key-0001' });
    const second = await on.admin.post('/units', { name: '一次镇', parent: on.top, level: 'town' }, { key: 'unit-key-0001' });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.value).toEqual(first.body.value);
    expect([second.headers.get('etag'), second.headers.get('location')]).toEqual([
      first.headers.get('etag'),
      first.headers.get('location'),
    ]);
    expect(await counted()).toBe(before + 1);
    const other = await on.admin.post('/units', { ...body, name: '二次镇' }, { key: 'unit-key-0001' });
    expect([other.status, other.body.at('code').value]).toEqual([422, 'idempotency-key-reused']);
    expect(await counted()).toBe(before + 1);
  });

  test('twenty at once with one key have one effect; each is answered or told to come again', async () => {
    const before = await counted();
    const body = { level: 'town', parent: on.top, name: '同时镇' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => on.admin.post('/units', body, { key: 'unit-key-burst' })));
    const statuses = new Set(answers.map((answer) => answer.status));
    expect([...statuses].filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(statuses.has(201)).toBe(true);
    expect(new Set(answers.filter((answer) => answer.status === 201).map((answer) => answer.body.at('id').text)).size).toBe(1);
    expect(await counted()).toBe(before + 1);
  });

  test('a refused request frees its key', async () => {
    const key = 'unit-key-free';
    expect((await on.admin.post('/units', { level: 'town', parent: 'u998', name: '迟到镇' }, { key })).status).toBe(404);
    expect((await on.admin.post('/units', { level: 'town', parent: on.top, name: '迟到镇' }, { key })).status).toBe(201);
  });

  test('two users with one key are two operations', async () => {
    const { as } = await addPerson(on, 'second-admin', { role: 'admin', unit: on.top });
    const key = 'shared-key-01';
    const one = await on.admin.post('/users/me/tokens', { label: 'a' }, { key });
    const two = await as.post('/users/me/tokens', { label: 'a' }, { key });
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body.at('id').value).not.toBe(one.body.at('id').value);
  });
});

describe('edits', () => {
  test('without If-Match 428, stale 412, fresh 200 with the next ETag', async () => {
    const unit = await addUnit(on, 'town', on.top, '改名镇');
    const shown = await on.admin.get(`/units/${unit}`);
    const etag = shown.headers.get('etag') ?? '';
    const missing = await on.admin.patch(`/units/${unit}`, { name: '新名镇' });
    expect([missing.status, missing.body.at('code').value]).toEqual([428, 'precondition-required']);
    expect((await on.admin.patch(`/units/${unit}`, { name: '新名镇' }, '"other"')).status).toBe(412);
    const changed = await on.admin.patch(`/units/${unit}`, { name: '新名镇' }, etag);
    expect([changed.status, changed.body.at('name').value]).toEqual([200, '新名镇']);
    const stale = await on.admin.patch(`/units/${unit}`, { name: '旧名镇' }, etag);
    expect([stale.status, stale.body.at('code').value]).toEqual([412, 'precondition-failed']);
    const now = await on.admin.get(`/units/${unit}`);
    expect([now.body.at('name').value, now.headers.get('etag')]).toEqual(['新名镇', changed.headers.get('etag')]);
    expect((await on.admin.get(`/units/${unit}`, { headers: { 'if-none-match': now.headers.get('etag') ?? '' } })).status).toBe(304);
  });

  test('a user changed by two at once keeps the first change', async () => {
    const { id } = await addPerson(on, 'edited', { role: 'clerk', unit: on.top });
    const etag = (await on.admin.get(`/users/${id}`)).headers.get('etag') ?? '';
    const answers = await Promise.all(['甲', '乙'].map((name) => on.admin.patch(`/users/${id}`, { name }, etag)));
    expect(answers.map((answer) => answer.status).sort((a, b) => a - b)).toEqual([200, 412]);
  });

  test('a taken login, a second unit of a name and the own account disabled are conflicts', async () => {
    expect((await on.admin.post('/users', { login: 'admin', name: '又一个' })).body.at('code').value).toBe('conflict');
    await addUnit(on, 'town', on.top, '重名镇');
    expect((await on.admin.post('/units', { level: 'town', parent: on.top, name: '重名镇' })).status).toBe(409);
    const etag = (await on.admin.get(`/users/${on.adminId}`)).headers.get('etag') ?? '';
    expect((await on.admin.patch(`/users/${on.adminId}`, { disabled: true }, etag)).status).toBe(409);
    expect((await on.nobody.post('/sessions', { login: 'admin', password: PASSWORD })).status).toBe(201);
  });
});
