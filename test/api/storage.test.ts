import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { filesKept, forgetFiles } from '../../store/housekeeping.js';
import { listAudit } from '../../store/lists/audit.js';
import type { Answer, As } from './support/client.js';
import { actPath, offices, refusal, type Offices } from './support/offices.js';
import { expectStatus } from './support/stage.js';

/* Room for files: one megabyte of what a user has not used yet, two of what is evidence in a campaign. */

const KILOBYTE = 1024;
let at: Offices;
beforeAll(async () => {
  at = await offices('offices', { DUBAN_FILES_USER_MB: '1', DUBAN_FILES_CAMPAIGN_MB: '2' });
}, 240_000);
afterAll(() => at.on.stop());

/** The neighbour's, not used at first. */
let spare = '';
let content = 0;
const upload = (as: As, kilobytes: number): Promise<Answer> => {
  const form = new FormData();
  form.set('file', new Blob([Buffer.alloc(kilobytes * KILOBYTE, (content += 1))]), '存根.bin');
  return as.post('/files', undefined, { form });
};
async function uploaded(as: As, kilobytes: number): Promise<string> {
  const answer = await upload(as, kilobytes);
  expectStatus(answer, 201);
  return answer.body.at('id').text;
}
const giveAs = (as: As, duty: string, unit: string, number: string, files: readonly string[]): Promise<Answer> =>
  as.post(actPath(at.campaign, `${duty}/${unit}`), {
    act: { kind: 'done', evidence: files.map((file, n) => ({ paper: 'stub', fields: { number: `${number}${n}` }, file })) },
  });
/** As if all of them had been uploaded so many days ago. */
async function age(days: number): Promise<void> {
  const owner = new pg.Client({ connectionString: at.on.adminUrl });
  await owner.connect();
  await owner.query(`update files set stored_at = now() - make_interval(days => $1)`, [days]);
  await owner.end();
}
const kept = async (): Promise<readonly number[]> => {
  const { files, unused } = await filesKept(at.on.store.db);
  return [files, unused];
};

test('what a user has uploaded and not used is limited, and what is used no longer counts', async () => {
  const first = await uploaded(at.collector, 600);
  const refused = await upload(at.collector, 600);
  expect(refusal(refused)).toEqual([507, 'storage-full']);
  expect(refused.body.at('detail').text).toContain('0.6');
  spare = await uploaded(at.neighbour, 600);
  expect(await kept()).toEqual([2, 2]);
  expectStatus(await giveAs(at.collector, 'handBook', at.east, 'A', [first]), 200);
  await uploaded(at.collector, 600);
  expect(await kept()).toEqual([3, 2]);
});

test('uploads of one user at the same time do not get past the limit together', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => upload(at.hr, 300)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 201, 507, 507, 507]);
});

test('what is evidence in a campaign is limited: an act beyond it is refused, nothing is done and nothing claimed', async () => {
  expectStatus(await giveAs(at.collector, 'takeStock', at.east, 'B', [await uploaded(at.collector, 400)]), 200);
  const files = [await uploaded(at.neighbour, 200), await uploaded(at.neighbour, 150)];
  expectStatus(await giveAs(at.neighbour, 'handBook', at.west, 'C', files), 200);
  // 600, 400 and 350 of 2048 kilobytes are in use; a file that is in use already takes no more room.
  const tooMuch = await uploaded(at.neighbour, 200);
  const refused = await giveAs(at.neighbour, 'takeStock', at.west, 'D', [spare, tooMuch]);
  expect(refusal(refused)).toEqual([507, 'storage-full']);
  expect(
    (await at.neighbour.get(`/obligations/${at.campaign}/${encodeURIComponent(`takeStock/${at.west}`)}`)).body.at('status').value,
  ).toBe('open');
  expectStatus(await giveAs(at.neighbour, 'takeStock', at.west, 'D', [spare, ...files]), 200);
});

test('what is evidence for nothing is removed after its days, what is in use stays however old; the audit says so', async () => {
  const [, unused] = await kept();
  expect(unused).toBeGreaterThan(2);
  const used = (await at.on.store.db.selectFrom('file_uses').select('file_id').distinct().execute()).map(({ file_id }) => file_id).sort();
  await age(10);
  expect(await forgetFiles(at.on.store.db, 30)).toBe(0);
  await age(31);
  const fresh = await uploaded(at.leader, 10);
  expect(await forgetFiles(at.on.store.db, 30)).toBe(unused);
  const left = (await at.on.store.db.selectFrom('files').select('file_id').execute()).map(({ file_id }) => file_id).sort();
  expect(left).toEqual([...used, fresh].sort());
  expect((await at.collector.get(`/files/${used[0]}`)).status).toBe(200);
  const county = at.on.store.db.selectFrom('counties').select('county_id');
  const { county_id: id } = await county.executeTakeFirstOrThrow();
  const entries = await listAudit(at.on.store.db, id, 'county', 0, 1000);
  expect(entries.filter(({ action }) => action === 'files.forgotten').map(({ detail }) => detail)).toMatchObject([
    { files: unused, days: 30 },
  ]);
});

test('the application itself can take away no file, in use or not', async () => {
  await expect(at.on.store.pool.query('delete from files')).rejects.toMatchObject({ code: '42501' });
  await expect(at.on.store.pool.query('update files set size = 0')).rejects.toMatchObject({ code: '42501' });
});
