import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer, As } from './support/client.js';
import { actPath, arrive, offices, refusal, type Offices } from './support/offices.js';
import { expectStatus } from './support/stage.js';

let at: Offices;
beforeAll(async () => {
  at = await offices();
}, 240_000);
afterAll(() => at.on.stop());

const upload = (as: As, content: Blob, name = '存根.png'): Promise<Answer> => {
  const form = new FormData();
  form.set('file', content, name);
  return as.post('/files', undefined, { form });
};
const png = new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3])], { type: 'text/html' });
const done = (as: As, duty: string, unit: string, number: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  as.post(actPath(at.campaign, `${duty}/${unit}`), {
    act: { kind: 'done', evidence: [{ paper: 'stub', fields: { number }, ...('file' in more ? { file: more['file'] } : {}) }] },
    ...('onBehalfOf' in more ? { onBehalfOf: more['onBehalfOf'] } : {}),
  });
const claims = async (): Promise<string[]> =>
  (await at.on.store.db.selectFrom('serials').select(['number']).orderBy('number').execute()).map(({ number }) => number);

describe('a file as evidence', () => {
  test('is stored with what its content says it is, and given back byte for byte, as an attachment', async () => {
    const sent = await upload(at.collector, png);
    expectStatus(sent, 201);
    expect([sent.body.at('mediaType').value, sent.body.at('size').value, sent.body.at('name').value]).toEqual([
      'image/png',
      11,
      '存根.png',
    ]);
    const got = await at.collector.get(`/files/${sent.body.at('id').text}`);
    expect([got.status, got.type, got.headers.get('content-disposition')]).toEqual([
      200,
      'application/octet-stream',
      `attachment; filename*=UTF-8''${encodeURIComponent('存根.png')}`,
    ]);
    expect(got.headers.get('content-length') ?? '11').toBe('11');
  });

  test('is nobody else’s until it is attached; then whoever sees the obligation sees it', async () => {
    const file = (await upload(at.collector, png)).body.at('id').text;
    expect((await at.leader.get(`/files/${file}`)).status).toBe(404);
    expectStatus(await done(at.collector, 'handBook', at.east, 'A-1', { file }), 200);
    expect((await at.leader.get(`/files/${file}`)).status).toBe(200);
    expect((await at.neighbour.get(`/files/${file}`)).status).toBe(404);
    expect((await at.stranger.get(`/files/${file}`)).status).toBe(404);
  });

  test('an unknown file, and one of somebody else, are refused and nothing is done', async () => {
    const foreign = (await upload(at.stranger, png)).body.at('id').text;
    for (const file of ['a999999', foreign]) {
      const answer = await done(at.neighbour, 'handBook', at.west, 'B-1', { file });
      expect([answer.status, answer.body.at('errors', 0, 'code').value]).toEqual([400, 'unknown-file']);
    }
    expect(await claims()).toEqual(['A-1']);
  });

  test('more than 20 MB, nothing at all, and nobody’s upload are refused and nothing is kept', async () => {
    const before = await at.on.store.db.selectFrom('files').select('file_id').execute();
    const large = await upload(at.collector, new Blob([new Uint8Array(20 * 1024 * 1024 + 1)]));
    expect(refusal(large)).toEqual([413, 'upload-too-large']);
    expect(refusal(await upload(at.collector, new Blob([])))).toEqual([400, 'upload-refused']);
    expect((await upload(at.on.nobody, png)).status).toBe(401);
    expect(await at.on.store.db.selectFrom('files').select('file_id').execute()).toEqual(before);
  });
});

describe('a numbered paper', () => {
  test('given a number that was used, then a second obligation is refused it and nothing is journalled', async () => {
    expect(refusal(await done(at.neighbour, 'handBook', at.west, 'A-1'))).toEqual([409, 'act-refused', 'serial-used']);
    expect(refusal(await done(at.collector, 'takeStock', at.east, ' A-1 '))).toEqual([409, 'act-refused', 'serial-used']);
    expect(
      (await at.neighbour.get(`/obligations/${at.campaign}/${encodeURIComponent(`handBook/${at.west}`)}`)).body.at('status').value,
    ).toBe('open');
  });

  test('given an act that is refused, then its number is free again', async () => {
    const future = await at.neighbour.post(actPath(at.campaign, `handBook/${at.west}`), {
      act: { kind: 'done', on: '2027-06-01', evidence: [{ paper: 'stub', fields: { number: 'B-2' } }] },
    });
    expect(refusal(future)).toEqual([409, 'act-refused', 'future-date']);
    expect(await claims()).toEqual(['A-1']);
  });

  test('given two acts at once with one number, then exactly one is taken', async () => {
    const both = await Promise.all([done(at.collector, 'takeStock', at.east, 'C-1'), done(at.neighbour, 'takeStock', at.west, 'C-1')]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    const taken = await at.on.store.db.selectFrom('journal').select('event').where('act_id', 'is not', null).execute();
    const stock = taken.filter(({ event }) => event.type === 'acted' && JSON.stringify(event).includes('C-1'));
    expect(stock).toHaveLength(1);
  });
});

describe('recording for somebody without an account', () => {
  test('who is not granted recordFor is refused; who is gives the part of the role, and both names are kept', async () => {
    const own = await done(at.neighbour, 'handBook', at.west, 'D-1', { onBehalfOf: '王代办' });
    expect(refusal(own)).toEqual([403, 'not-permitted']);
    expect((await done(at.hr, 'handBook', at.west, 'D-1')).status).toBe(403);
    expectStatus(await done(at.hr, 'handBook', at.west, 'D-1', { onBehalfOf: '王代办' }), 200);
    const shown = await at.leader.get(`/obligations/${at.campaign}/${encodeURIComponent(`handBook/${at.west}`)}`);
    expect([shown.body.at('parts', 0, 'byName').value, shown.body.at('parts', 0, 'onBehalfOf').value]).toEqual(['人员hr', '王代办']);
  });
});

describe('how late, and whose', () => {
  test('every obligation tells its days late on the day of its world and the titles of who owes it', async () => {
    const of = async (): Promise<unknown[]> =>
      (await at.leader.get(`/obligations?campaign=${at.campaign}`)).body
        .at('items')
        .list.map((row) => ['id', 'daysLate', 'owesTitles', 'unitName'].map((key) => row.at(key).value));
    expect(await of()).toContainEqual([`handBook/${at.east}`, 0, ['村级代办员'], '东坡村']);
    await arrive(at.leader, at.world, '2026-12-31');
    const open = (await at.leader.get(`/obligations?campaign=${at.campaign}&overdue=true`)).body.at('items').list;
    expect(open.map((row) => [row.at('duty').value, row.at('due').value, row.at('daysLate').value])).toEqual([
      ['takeStock', '2026-12-28', 3],
    ]);
    const one = await at.leader.get(`/obligations/${at.campaign}/${encodeURIComponent(open[0]?.at('id').text ?? '')}`);
    expect([one.body.at('daysLate').value, one.body.at('owesTitles').value]).toEqual([3, ['村级代办员']]);
  });
});
