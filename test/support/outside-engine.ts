import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { engineConnectionOptions, loadSettings, type EngineConnectionOptions } from '../../server/config.js';
import { engineAnswers } from '../../server/runtime/engine/namespace.js';
import { renderEngineConfig } from '../../server/runtime/engine/render.js';
import { choosePorts, type Ports } from '../../server/runtime/ports.js';
import type { ProcessMark } from '../../server/runtime/process.js';
import * as runtime from '../../server/runtime/index.js';

/** Engine variables as an administrator sets them. */
export type EngineVariables = Readonly<Record<string, string>>;

/**
 * A Temporal cluster as another office runs it: a process, data and settings of its own, TLS with client certificates, and keys (signed
 * tokens) that say who may do what. Of its own dynamic settings only the length at which a history is renewed is small, so that tests see it.
 */
export class OutsideEngine {
  private constructor(
    readonly address: string,
    private readonly folder: string,
    private readonly process: ProcessMark,
    private readonly signer: KeyObject,
  ) {}

  static async start(): Promise<OutsideEngine> {
    const folder = mkdtempSync(join(tmpdir(), 'duban-outside-'));
    makeCertificates(folder);
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' };
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [jwk] }));
    const ports = await choosePorts(runtime.pathsOf(folder), {});
    writeFileSync(join(folder, 'server.yaml'), configuration(folder, ports), { mode: 0o600 });
    const dynamic = { 'limit.historyCount.suggestContinueAsNew': [{ value: 60 }] };
    writeFileSync(join(folder, 'dynamic.yaml'), stringify(dynamic));
    const { path: command } = await runtime.ensureEngineBinary(process.env['TEMPORAL_SERVER_BINARY'], runtime.saySilently);
    const logFile = join(folder, 'engine.log');
    const services = ['frontend', 'internal-frontend', 'history', 'matching', 'worker'].flatMap((name) => ['--service', name]);
    const args = ['--config-file', join(folder, 'server.yaml'), 'start', ...services];
    const started = await runtime.spawnDetached({ command, args, cwd: folder, env: { PATH: process.env['PATH'] }, logFile });
    const engine = new OutsideEngine(`127.0.0.1:${ports.frontend}`, folder, started, keys.privateKey);
    const until = Date.now() + 90_000;
    while (!(await engineAnswers(engine.connection(engine.variables())))) {
      if (Date.now() > until || !runtime.isAlive(started)) {
        const log = runtime.logTail(logFile, 0, 20);
        await engine.stop();
        throw new Error(`the outside engine did not start:\n${log}`);
      }
      await sleep(100);
    }
    return engine;
  }

  /** What reaches it with these rights (`duban:write`, `temporal-system:admin`); other variables replace or, when empty, remove its own. */
  variables(permissions: readonly string[] = [], other: EngineVariables = {}): EngineVariables {
    const own = {
      TEMPORAL_ADDRESS: this.address,
      TEMPORAL_API_KEY: this.key(permissions),
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: this.file('ca.pem'),
      TEMPORAL_TLS_CLIENT_CERT_PATH: this.file('client.pem'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: this.file('client.key'),
    };
    return { ...own, ...other };
  }

  connection(variables: EngineVariables): EngineConnectionOptions {
    const { engine } = loadSettings(variables, 'no-such-file.yaml');
    return engineConnectionOptions({ ...engine, address: engine.address ?? this.address });
  }

  /** Where a certificate or key lies (see certificates/main.go). */
  file(name: string): string {
    return join(this.folder, name);
  }

  async stop(): Promise<void> {
    await runtime.stopProcess(this.process);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private key(permissions: readonly string[]): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const text = `${part({ alg: 'ES256', typ: 'JWT', kid: KEY_ID })}.${part({ sub: 'duban', exp: expires, permissions })}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: this.signer, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
}

const KEY_ID = 'office';

function makeCertificates(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const made = spawnSync('go', ['run', 'test/support/certificates/main.go', folder], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`no certificates: ${made.stderr}`);
}

/** Of what Duban renders for its own engine only the data and the ports are taken. */
function configuration(folder: string, ports: Ports): string {
  const own = z.looseObject({ global: z.looseObject({}), services: z.looseObject({}) }).parse(parse(renderEngineConfig(folder, ports)));
  const file = (name: string): string => join(folder, name);
  const client = { serverName: 'temporal.test', rootCaFiles: [file('ca.pem')] };
  const server = { certFile: file('server.pem'), keyFile: file('server.key'), requireClientAuth: true, clientCaFiles: [file('ca.pem')] };
  const authorization = {
    jwtKeyProvider: { keySourceURIs: [`file://${file('keys.json')}`], refreshInterval: '1h' },
    permissionsClaimName: 'permissions',
    authorizer: 'default',
    claimMapper: 'default',
  };
  const inner = { rpc: { grpcPort: ports.worker, membershipPort: ports.database, bindOnIP: '127.0.0.1' } };
  return stringify({
    ...own,
    global: { ...own.global, tls: { frontend: { server, client } }, authorization },
    services: { ...own.services, 'internal-frontend': inner },
  });
}
