import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineConnectionOptions, loadConfig, loadSettings } from '../../server/config.js';
import { ensureSecrets, readSecrets } from '../../server/secrets.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'duban-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, `t${Math.floor(performance.now() * 1000)}.yaml`);
  writeFileSync(path, text);
  return path;
}

describe('temporal.yaml and the environment', () => {
  test('the file in the repository is valid and says in its first line who reads it', () => {
    expect(loadSettings({}).engine).toEqual({ namespace: 'duban', taskQueue: 'duban', retentionDays: 30 });
    expect(readFileSync('temporal.yaml', 'utf8').split('\n')[0]).toMatch(/^# Read by .*server\/config\.ts/);
  });

  test('the environment wins over the file', () => {
    const path = file('engine:\n  address: file.example:7233\n  namespace: from-file\n');
    const settings = loadSettings({ TEMPORAL_ADDRESS: 'env.example:7233', DUBAN_API_PORT: '8080' }, path);
    expect(settings.engine).toMatchObject({ address: 'env.example:7233', namespace: 'from-file' });
    expect(settings.api).toEqual({ host: '127.0.0.1', port: 8080 });
  });

  test('every mistake is named at once, with the variable that sets it', () => {
    const load = (): unknown =>
      loadSettings({ TEMPORAL_ADDRESS: 'no port', DUBAN_API_PORT: '99999', DATABASE_URL: 'mysql://x' }, file('engine: {}'));
    expect(load).toThrow(/TEMPORAL_ADDRESS[\s\S]*DATABASE_URL[\s\S]*DUBAN_API_PORT/);
    expect(load).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
  });

  test.each([
    ['an unknown key', 'engine: { adress: "x:1" }'],
    ['another section', 'engine: {}\ndatabase: {}'],
    ['an API key, which is a secret', 'engine: { apiKey: abc }'],
    ['a list', '- engine'],
    ['text that is not YAML', 'engine: ['],
    ['a certificate without its key', 'engine: { tls: { cert: a.pem } }'],
  ])('%s in the file is refused', (_what, text) => {
    expect(() => loadSettings({}, file(text))).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
  });

  test('TLS files are read relative to the file; an API key never travels in the clear', () => {
    writeFileSync(join(folder, 'ca.pem'), 'CA');
    const { engine } = loadSettings({}, file('engine: { address: "a.example:7233", tls: { ca: ca.pem, serverName: a } }'));
    expect(engineConnectionOptions({ ...engine, address: 'a.example:7233' })).toEqual({
      address: 'a.example:7233',
      tls: { serverNameOverride: 'a', serverRootCACertificate: Buffer.from('CA') },
    });
    const keyed = loadSettings({ TEMPORAL_API_KEY: 'k' }, file('engine: {}')).engine;
    expect(engineConnectionOptions({ ...keyed, address: 'b:1' })).toEqual({ address: 'b:1', apiKey: 'k', tls: true });
  });

  test('TLS is switched on with the system’s authorities, or off whatever the file says, by one variable', () => {
    const path = file('engine: { address: "a.example:7233", tls: { ca: ca.pem } }');
    expect(loadSettings({ TEMPORAL_TLS: 'true' }, file('engine: {}')).engine.tls).toEqual({});
    expect(loadSettings({ TEMPORAL_TLS: 'true' }, path).engine.tls).toMatchObject({ ca: join(folder, 'ca.pem') });
    expect(loadSettings({ TEMPORAL_TLS: 'false' }, path).engine.tls).toBeUndefined();
    expect(() => loadSettings({ TEMPORAL_TLS: 'yes' }, path)).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
  });

  test('a certificate that cannot be read is named by its key and variable', () => {
    const { engine } = loadSettings({}, file('engine: { tls: { cert: none.pem, key: none.key } }'));
    expect(() => engineConnectionOptions({ ...engine, address: 'a:1' })).toThrow(/engine\.tls\.cert \(TEMPORAL_TLS_CLIENT_CERT_PATH\)/);
  });

  test('a further machine may run only one of the services; room and days for files are whole numbers', () => {
    expect(loadSettings({}, file('engine: {}'))).toMatchObject({
      services: ['worker', 'api'],
      files: { userMb: 200, campaignMb: 20_480, keepDays: 30 },
    });
    expect(loadSettings({ DUBAN_SERVICES: 'worker' }, file('engine: {}')).services).toEqual(['worker']);
    expect(loadSettings({ DUBAN_SERVICES: 'api, worker,api' }, file('engine: {}')).services).toEqual(['api', 'worker']);
    const load = (): unknown =>
      loadSettings({ DUBAN_SERVICES: 'console', DUBAN_FILES_KEEP_DAYS: '0', DUBAN_FILES_USER_MB: 'much' }, file('engine: {}'));
    expect(load).toThrow(/DUBAN_SERVICES/);
    expect(load).toThrow(/DUBAN_FILES_USER_MB[\s\S]*DUBAN_FILES_KEEP_DAYS/);
  });

  test('a service that is not told its database is refused with the name of the variable', () => {
    expect(() => loadConfig({ TEMPORAL_ADDRESS: 'a:1' })).toThrow(expect.objectContaining({ code: 'settings-missing' }));
    expect(() => loadConfig({ TEMPORAL_ADDRESS: 'a:1' })).toThrow(/DATABASE_URL/);
  });
});

describe('secrets', () => {
  const nothing = (): boolean => false;

  test('are made once, differ from each other, and only their owner can read them', () => {
    const path = join(folder, 'secrets.json');
    const made = ensureSecrets(path, nothing);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(ensureSecrets(path, nothing)).toEqual(made);
    expect(readSecrets(path)).toEqual(made);
    expect(made.payloadCodec.keys['k1']).not.toBe(made.columnCipher.keys['k1']);
  });

  test('that others can read are refused', () => {
    const path = join(folder, 'open.json');
    ensureSecrets(path, nothing);
    chmodSync(path, 0o644);
    expect(() => ensureSecrets(path, nothing)).toThrow(expect.objectContaining({ code: 'secrets-exposed' }));
  });

  test('that are damaged are refused without showing a value', () => {
    const path = join(folder, 'damaged.json');
    const made = ensureSecrets(path, nothing);
    writeFileSync(path, JSON.stringify({ ...made, payloadCodec: { active: 'k9', keys: made.payloadCodec.keys } }));
    expect(() => readSecrets(path)).toThrow(expect.objectContaining({ code: 'secrets-invalid' }));
    expect(() => readSecrets(path)).not.toThrow(new RegExp(made.payloadCodec.keys['k1']?.slice(0, 8).replaceAll(/[+/]/g, '.') ?? 'k1'));
  });
});
