import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../../server/config.js';
import { ensureNamespace } from '../../server/runtime/engine/namespace.js';
import { judgeVersion } from '../../server/runtime/engine/version.js';
import { down, examine, pathsOf, removeDatabase, saySilently, up, type Paths } from '../../server/runtime/index.js';
import { listIncidents } from '../../store/incidents.js';
import { campaignWorkflowId } from '../../workflows/contract/campaign.js';
import { OutsideEngine, type EngineVariables } from '../support/outside-engine.js';
import { sharedRuntime } from '../support/runtime.js';
import { collector, COUNTY, done, smallSetting, Stage } from '../workflows/support/stage.js';

/* A cluster that others run: reached by settings alone, its campaigns are the same. */

let office: OutsideEngine;
beforeAll(async () => {
  // Services run compiled: what is stale is compiled with it.
  await sharedRuntime();
  office = await OutsideEngine.start();
});
afterAll(() => office.stop());

const NAMESPACE = 'county-work';
const asDuban = (other: EngineVariables = {}): EngineVariables =>
  office.variables([`${NAMESPACE}:write`], { TEMPORAL_NAMESPACE: NAMESPACE, ...other });

/** What its administrator does with the command that we print. */
const makeNamespace = async (): Promise<unknown> =>
  ensureNamespace(office.connection(office.variables(['temporal-system:admin'])), NAMESPACE, { register: true, retentionDays: 1 });

const look = (variables: EngineVariables): Promise<string> => {
  const { engine } = loadSettings(variables, 'no-such-file.yaml');
  return ensureNamespace(office.connection(variables), engine.namespace, { register: false, retentionDays: 30 });
};

describe('what stands in the way is said', () => {
  test('a namespace that is not there, with the command that makes it', async () => {
    await expect(look(asDuban())).rejects.toMatchObject({
      code: 'namespace-missing',
      en: expect.stringContaining(`namespace create --address ${office.address} --namespace ${NAMESPACE} --retention 30d`),
    });
  });

  test.each([
    ['no key', { TEMPORAL_API_KEY: '' }, 'engine-denied', /TEMPORAL_API_KEY/],
    ['a key that is none', { TEMPORAL_API_KEY: 'scribble' }, 'engine-denied', /TEMPORAL_API_KEY/],
    ['a port on which nothing listens', { TEMPORAL_ADDRESS: '127.0.0.1:9' }, 'engine-unreachable', /nothing listens/],
    ['a host that is not known', { TEMPORAL_ADDRESS: 'temporal.invalid:7233' }, 'engine-unreachable', /not known/],
    ['no TLS', { TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: '' }, 'engine-unreachable', /speaks TLS/],
    ['another name', { TEMPORAL_TLS_SERVER_NAME: 'other.test' }, 'engine-unreachable', /serverName/],
    ['a file that is not there', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'none.pem' }, 'settings-invalid', /TEMPORAL_TLS_SERVER_CA_CERT_PATH/],
  ])('%s', async (_what, other, code, says) => {
    const looking = (async () => look(asDuban(other)))();
    await expect(looking).rejects.toMatchObject({ code, en: expect.stringMatching(says) });
  });

  test.each([
    ['an authority that did not sign it', 'client', 'other', /engine\.tls\.ca/],
    ['a client certificate of another authority', 'stranger', 'ca', /does not accept/],
    ['a client certificate whose days are over', 'expired', 'ca', /has expired/],
    ['no client certificate', '', 'ca', /is wanted/],
  ])('%s', async (_what, client, authority, says) => {
    const of = (ending: string): string => (client === '' ? '' : office.file(`${client}.${ending}`));
    const variables = asDuban({
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: office.file(`${authority}.pem`),
      TEMPORAL_TLS_CLIENT_CERT_PATH: of('pem'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: of('key'),
    });
    await expect(look(variables)).rejects.toMatchObject({ code: 'engine-unreachable', en: expect.stringMatching(says) });
  });

  test('TLS in the settings where the server has none', async () => {
    const { engineAddress } = await sharedRuntime();
    await expect(look(asDuban({ TEMPORAL_ADDRESS: engineAddress, TEMPORAL_API_KEY: '' }))).rejects.toMatchObject({
      code: 'engine-unreachable',
      en: expect.stringMatching(/does not speak TLS/),
    });
  });

  test.each([
    ['1.27.4', 'too-old'],
    ['1.28.0', 'tried'],
    ['1.32.7', 'tried'],
    ['1.33.0', 'untried'],
    ['2.0.0', 'untried'],
    ['', 'unknown'],
  ])('version %s is %s', (version, judged) => {
    expect(judgeVersion(version)).toBe(judged);
  });
});

describe('once its administrator has made the namespace', () => {
  let paths: Paths;
  beforeAll(async () => {
    await makeNamespace();
    const home = join(process.env['DUBAN_TEST_HOME'] ?? '', 'outside');
    mkdirSync(home, { recursive: true });
    paths = { ...pathsOf(home), secretsFile: join(home, 'secrets.json') };
  });
  afterAll(async () => {
    await down({ paths, say: saySilently });
    removeDatabase(paths);
    rmSync(paths.home, { recursive: true, force: true });
  });

  test('duban up starts no engine of its own, and its services work there', async () => {
    const settings = loadSettings(asDuban(), 'no-such-file.yaml');
    const running = await up({ paths, settings, say: saySilently });
    expect([...running.started].sort()).toEqual(['api', 'database', 'worker']);
    expect(running.engineAddress).toBe(office.address);
    const findings = await examine(paths, settings);
    expect(findings.filter(({ healthy }) => !healthy)).toEqual([]);
    expect(findings.find(({ check }) => check === 'engine')?.what.en).toContain('1.32.0');
    const denied = await examine(paths, loadSettings(office.variables([], { TEMPORAL_NAMESPACE: NAMESPACE }), 'no-such-file.yaml'));
    expect(denied.find(({ check }) => check === 'engine')).toMatchObject({
      healthy: false,
      what: { en: expect.stringContaining('TEMPORAL_API_KEY') },
    });
  });

  test('a campaign runs from its launch to its last notice, through renewed histories', async () => {
    const stage = await Stage.open(asDuban());
    try {
      await stage.startWorker();
      const world = await stage.virtualWorld('2020-05-01T09:00:00');
      const process = await stage.launch(world, smallSetting(3));
      const run = async (): Promise<string> =>
        (await stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process)).describe()).runId;
      const first = await run();
      expect(await stage.act(process, 'a1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 2 });
      await stage.move(world, '2020-06-16T00:00:00');
      expect(await run()).not.toBe(first);
      expect(await stage.act(process, 'a2', collector('v2'), done('material/v2'), '2020-06-16T00:00:00')).toMatchObject({ ok: true });
      expect(await stage.act(process, 'a1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 2 });

      const rows = await stage.store.db
        .selectFrom('obligations')
        .select(['obligation_id', 'status', 'late'])
        .where('process_id', '=', process)
        .orderBy('obligation_id')
        .execute();
      expect(rows.map((row) => [row.obligation_id, row.status, row.late])).toEqual([
        ['material/v1', 'done', false],
        ['material/v2', 'done', true],
        ['material/v3', 'open', true],
        ['summary/u1', 'open', true],
      ]);
      const notices = await stage.store.db.selectFrom('outbox').select('text_id').where('process_id', '=', process).execute();
      const count = (text: string): number => notices.filter(({ text_id }) => text_id === text).length;
      expect([count('dueSoon'), count('overdue'), count('missed')]).toEqual([3, 6, 1]);
      expect((await listIncidents(stage.store.db, COUNTY, { process })).filter(({ code }) => code !== 'role-without-holder')).toEqual([]);
    } finally {
      await stage.close();
    }
  });
});
