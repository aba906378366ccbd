import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { findRoot, pathsOf, type Paths } from './runtime/paths.js';
import { messageOf, RuntimeProblem } from './runtime/problem.js';
import { liveKeys, type Keys } from './keys.js';
import { readSecrets, type Secrets } from './secrets.js';

const port = z.coerce.number().int().min(1).max(65_535);
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'postgres://...')
  .refine(
    (text) => URL.canParse(text) && new URL(text).username !== '' && new URL(text).pathname.length > 1,
    '应为 postgres://用户:口令@主机:端口/数据库，口令中的特殊字符写成 %XX（with user, host and database; special characters of the password as %XX）',
  );

/** The one shape of all settings: the engine's come from temporal.yaml and TEMPORAL_* variables, the rest from the environment alone. */
const settingsSchema = z.strictObject({
  engine: z.strictObject({
    /** host:port of an external cluster; absent: the embedded engine. */
    address: z
      .string()
      .regex(/^[^\s:/]+:\d+$/, 'host:port')
      .optional(),
    namespace: z.string().min(1).default('duban'),
    taskQueue: z.string().min(1).default('duban'),
    retentionDays: z.coerce.number().int().min(1).max(3650).default(30),
    binary: z.string().optional(),
    tls: z
      .strictObject({
        ca: z.string().optional(),
        cert: z.string().optional(),
        key: z.string().optional(),
        serverName: z.string().optional(),
      })
      .refine((tls) => (tls.cert === undefined) === (tls.key === undefined), 'cert and key belong together')
      .optional(),
    apiKey: z.string().optional(),
    port: port.optional(),
  }),
  database: z
    .strictObject({
      /** The application's role, which owns nothing. Absent: the embedded database. */
      url: postgresUrl.optional(),
      /** The owner, which migrates. With `url` alone nothing is migrated. */
      adminUrl: postgresUrl.optional(),
      port: port.optional(),
    })
    .refine((database) => database.adminUrl === undefined || database.url !== undefined, {
      path: ['adminUrl'],
      message: '须同时设置 DATABASE_URL（set DATABASE_URL too）',
    }),
  api: z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port: port.optional() }),
  worker: z.strictObject({
    port: port.optional(),
    /** Folder of a fault drill (see server/worker/drill.ts); absent: none. */
    drill: z.string().min(1).optional(),
  }),
  /** Which services this home runs; on a further machine perhaps only a worker. */
  services: z
    .string()
    .default('worker,api')
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
    .pipe(z.array(z.enum(['worker', 'api'])).min(1)),
  /** Files uploaded as evidence. */
  files: z.strictObject({
    /** What one user may have uploaded and not yet used. */
    userMb: z.coerce.number().int().min(1).default(200),
    /** What may be evidence in one campaign. */
    campaignMb: z.coerce.number().int().min(1).default(20_480),
    /** Days after which a file that is evidence for nothing is removed. */
    keepDays: z.coerce.number().int().min(1).default(30),
    /** Folder in which the bank looks for request files; absent: they are downloaded. */
    handOver: z.string().min(1).optional(),
  }),
  notices: z.strictObject({
    /** smtp(s)://user:password@host:port; absent: no mail is sent. */
    smtpUrl: z
      .string()
      .regex(/^smtps?:\/\//, 'an smtp:// or smtps:// URL')
      .optional(),
    mailFrom: z.string().min(3).optional(),
    webhookUrl: z.httpUrl().optional(),
    /** Signs webhook calls (Standard Webhooks, `whsec_...`). */
    webhookSecret: z
      .string()
      .regex(/^whsec_/, 'whsec_...')
      .optional(),
  }),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** What the user has set; parts that are absent run embedded, with ports chosen for them. */
export type Settings = z.infer<typeof settingsSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Which variable sets which key. */
const VARIABLES = {
  TEMPORAL_ADDRESS: ['engine', 'address'],
  TEMPORAL_NAMESPACE: ['engine', 'namespace'],
  TEMPORAL_TASK_QUEUE: ['engine', 'taskQueue'],
  TEMPORAL_RETENTION_DAYS: ['engine', 'retentionDays'],
  TEMPORAL_SERVER_BINARY: ['engine', 'binary'],
  TEMPORAL_API_KEY: ['engine', 'apiKey'],
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: ['engine', 'tls', 'ca'],
  TEMPORAL_TLS_CLIENT_CERT_PATH: ['engine', 'tls', 'cert'],
  TEMPORAL_TLS_CLIENT_KEY_PATH: ['engine', 'tls', 'key'],
  TEMPORAL_TLS_SERVER_NAME: ['engine', 'tls', 'serverName'],
  DATABASE_URL: ['database', 'url'],
  DATABASE_ADMIN_URL: ['database', 'adminUrl'],
  DUBAN_DATABASE_PORT: ['database', 'port'],
  DUBAN_ENGINE_PORT: ['engine', 'port'],
  DUBAN_API_HOST: ['api', 'host'],
  DUBAN_API_PORT: ['api', 'port'],
  DUBAN_WORKER_PORT: ['worker', 'port'],
  DUBAN_DRILL: ['worker', 'drill'],
  DUBAN_SERVICES: ['services'],
  DUBAN_FILES_USER_MB: ['files', 'userMb'],
  DUBAN_FILES_CAMPAIGN_MB: ['files', 'campaignMb'],
  DUBAN_FILES_KEEP_DAYS: ['files', 'keepDays'],
  DUBAN_HAND_OVER: ['files', 'handOver'],
  SMTP_URL: ['notices', 'smtpUrl'],
  DUBAN_MAIL_FROM: ['notices', 'mailFrom'],
  DUBAN_WEBHOOK_URL: ['notices', 'webhookUrl'],
  DUBAN_WEBHOOK_SECRET: ['notices', 'webhookSecret'],
  DUBAN_LOG_LEVEL: ['logLevel'],
} as const satisfies Record<string, readonly string[]>;

/** `true`: TLS, with the system's authorities unless more is set; `false`: none, whatever is set. */
const TLS_SWITCH = 'TEMPORAL_TLS';

type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings from temporal.yaml (of the checkout) and the environment. Errors: `settings-invalid`, naming every wrong key at once. */
export function loadSettings(env: Environment = process.env, file = resolve(findRoot(), 'temporal.yaml')): Settings {
  const tree: Tree = { engine: engineSection(file), database: {}, api: {}, worker: {}, files: {}, notices: {} };
  for (const [name, path] of Object.entries(VARIABLES)) {
    const value = env[name];
    if (value !== undefined && value !== '') put(tree, path, value);
  }
  if (env[TLS_SWITCH] !== undefined && env[TLS_SWITCH] !== '') switchTls(tree, env[TLS_SWITCH]);
  const parsed = settingsSchema.safeParse(tree);
  if (!parsed.success) {
    const list = parsed.error.issues.map((issue) => `${variableFor(issue.path)}: ${issue.message}`).join('; ');
    throw new RuntimeProblem('settings-invalid', `设置有误：${list}`, `Settings are wrong, see above (temporal.yaml or environment).`);
  }
  const tls = parsed.data.engine.tls;
  if (tls === undefined) return parsed.data;
  const beside = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(file, '..', path));
  return {
    ...parsed.data,
    engine: { ...parsed.data.engine, tls: { ...tls, ca: beside(tls.ca), cert: beside(tls.cert), key: beside(tls.key) } },
  };
}

function switchTls(tree: Tree, value: string): void {
  const engine = isTree(tree['engine']) ? tree['engine'] : {};
  if (value !== 'true' && value !== 'false')
    throw new RuntimeProblem('settings-invalid', `设置有误：${TLS_SWITCH} 应为 true 或 false`, `${TLS_SWITCH} is true or false.`);
  const { tls = {}, ...rest } = engine;
  tree['engine'] = value === 'true' ? { ...rest, tls } : rest;
}

/** The `engine` section of temporal.yaml. An API key in the file is refused: it is a secret. */
function engineSection(file: string): Tree {
  if (!existsSync(file)) return {};
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new RuntimeProblem('settings-invalid', `读不懂 ${file}：${messageOf(cause)}`, `${file} cannot be read as YAML.`, { cause });
  }
  const unknown = isTree(value) ? Object.keys(value).filter((key) => key !== 'engine') : ['?'];
  const engine = isTree(value) ? (value['engine'] ?? {}) : {};
  if (unknown.length > 0 || !isTree(engine) || 'apiKey' in engine) {
    throw new RuntimeProblem(
      'settings-invalid',
      `${file} 只能有 engine 一节，且不得写 apiKey（请用环境变量 TEMPORAL_API_KEY）。`,
      `${file} has the one section "engine", without apiKey (use TEMPORAL_API_KEY).`,
    );
  }
  return { ...engine };
}

function put(tree: Tree, path: readonly string[], value: string): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const next = tree[head];
  const branch: Tree = isTree(next) ? { ...next } : {};
  tree[head] = branch;
  put(branch, rest, value);
}

function variableFor(path: readonly PropertyKey[]): string {
  // A place in a list is of the variable that gives the list.
  const key = path.filter((part) => typeof part === 'string').join('.');
  const variable = Object.entries(VARIABLES).find(([, where]) => where.join('.') === key)?.[0];
  return variable === undefined ? key : `${key} (${variable})`;
}

/** What the worker and the API run with: nothing left open. */
export type Config = {
  readonly paths: Paths;
  readonly engine: Settings['engine'] & { readonly address: string };
  /** The application's role. The owner's URL is never given to a service. */
  readonly database: { readonly url: string };
  readonly api: { readonly host: string; readonly port: number };
  /** Where the worker serves `/readyz`, on 127.0.0.1. */
  readonly worker: { readonly port: number; readonly drill: string | null };
  readonly files: Settings['files'];
  readonly notices: Settings['notices'];
  readonly secrets: Pick<Secrets, 'sessionSecret'>;
  readonly keys: Keys;
  readonly logLevel: Settings['logLevel'];
};

/**
 * The configuration of the worker and the API. `duban up` starts both with every address in the environment; a service run by
 * hand needs DATABASE_URL, TEMPORAL_ADDRESS and the ports. Errors: `settings-invalid`, `settings-missing`, `secrets-*`.
 */
export function loadConfig(env: Environment = process.env): Config {
  const settings = loadSettings(env);
  const paths = pathsOf(env['DUBAN_HOME']);
  const secretsFile = env['DUBAN_SECRETS_FILE'] ?? paths.secretsFile;
  return {
    paths,
    engine: { ...settings.engine, address: required(settings.engine.address, 'TEMPORAL_ADDRESS') },
    database: { url: required(settings.database.url, 'DATABASE_URL') },
    api: { host: settings.api.host, port: required(settings.api.port, 'DUBAN_API_PORT') },
    worker: { port: required(settings.worker.port, 'DUBAN_WORKER_PORT'), drill: settings.worker.drill ?? null },
    files: settings.files,
    notices: settings.notices,
    secrets: readSecrets(secretsFile),
    keys: liveKeys(secretsFile),
    logLevel: settings.logLevel,
  };
}

function required<T>(value: T | undefined, variable: string): T {
  if (value !== undefined) return value;
  throw new RuntimeProblem(
    'settings-missing',
    `缺少设置 ${variable}。平时由 duban up 给出；单独运行时请自己设置。`,
    `${variable} is not set. duban up sets it; set it yourself when running a service by hand.`,
  );
}

/** Options for the SDK's `Connection.connect` and `NativeConnection.connect`: address, TLS and API key of the engine. Error of the function below: `settings-invalid` (a file that cannot be read). */
export type EngineConnectionOptions = {
  address: string;
  apiKey?: string;
  tls?: boolean | { serverNameOverride?: string; serverRootCACertificate?: Buffer; clientCertPair?: { crt: Buffer; key: Buffer } };
};

export function engineConnectionOptions(engine: Config['engine']): EngineConnectionOptions {
  const options: EngineConnectionOptions = { address: engine.address };
  if (engine.apiKey !== undefined) options.apiKey = engine.apiKey;
  const tls = engine.tls;
  if (tls === undefined) {
    // An API key never travels in the clear.
    if (engine.apiKey !== undefined) options.tls = true;
    return options;
  }
  options.tls = {
    ...(tls.serverName === undefined ? {} : { serverNameOverride: tls.serverName }),
    ...(tls.ca === undefined ? {} : { serverRootCACertificate: certificateFile('ca', tls.ca) }),
    ...(tls.cert === undefined || tls.key === undefined
      ? {}
      : { clientCertPair: { crt: certificateFile('cert', tls.cert), key: certificateFile('key', tls.key) } }),
  };
  return options;
}

function certificateFile(key: 'ca' | 'cert' | 'key', file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const where = variableFor(['engine', 'tls', key]);
    throw new RuntimeProblem(
      'settings-invalid',
      `设置有误：${where}：读不到 ${file}（${messageOf(cause)}）`,
      `Settings are wrong: ${where}: ${file} cannot be read (${messageOf(cause)}).`,
      { cause },
    );
  }
}
