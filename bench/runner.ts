import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../server/config.js';
import * as runtime from '../server/runtime/index.js';
import { figureSchema, isOutside, rounded, type Figure } from './figures.js';

/** In the order in which all of them run. */
const BENCHES = [
  'step',
  'process-life',
  'burst',
  'county',
  'memory',
  'replay',
  'overdue',
  'import',
  'format',
  'rows',
  'deduction',
  'deduction-year',
] as const;
type Bench = (typeof BENCHES)[number];

const isBench = (name: string): name is Bench => BENCHES.some((bench) => bench === name);

/** A figure with the bench it comes from and the machine's load average of one minute, when it was told. */
interface Told extends Figure {
  readonly bench: Bench;
  readonly load: number;
  readonly outside: boolean;
}

/** `argv`: names of benches (none = all) and `--json`. Returns the exit code: 0 all within their bounds, 1 not, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  const named = argv.filter((argument) => argument !== '--json');
  const unknown = named.filter((name) => !isBench(name));
  if (unknown.length > 0) {
    process.stderr.write(`没有这样的测速：${unknown.join(' ')}。可用：${BENCHES.join(' ')}  No such bench; see the names above.\n`);
    return 2;
  }
  const chosen = named.length === 0 ? BENCHES : named.filter(isBench);
  try {
    const { told, broken } = await onGround((env) => measure(chosen, env, json));
    if (!json) process.stdout.write(`\n${tableOf(told)}\n`);
    for (const name of broken) process.stderr.write(`${name} 中途退出  broke off\n`);
    return broken.length > 0 || told.some(({ outside }) => outside) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof runtime.RuntimeProblem)) throw error;
    process.stderr.write(`${error.zh}\n${error.en}\n`);
    return 1;
  }
}

/** A real PostgreSQL and a real engine in a home of their own, whatever is set for the developer's own Duban; nothing is left behind. */
async function onGround<T>(work: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const home = join(runtime.pathsOf().root, '.duban', `bench-${process.pid}`);
  const paths = { ...runtime.pathsOf(home), secretsFile: join(home, 'secrets.json') };
  const binary = process.env['TEMPORAL_SERVER_BINARY'];
  const settings = loadSettings(binary === undefined ? {} : { TEMPORAL_SERVER_BINARY: binary }, join(home, 'no-temporal.yaml'));
  try {
    const { database, engineAddress } = await runtime.up({ paths, settings, what: 'ground' });
    if (database.adminUrl === null) throw new Error('the embedded database has an owner');
    return await work({
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DUBAN_HOME: home,
      DUBAN_SECRETS_FILE: paths.secretsFile,
      DUBAN_LOG_LEVEL: 'warn',
      // Fewer rows than a county has, while a bench is being written.
      ...(process.env['BENCH_ROWS'] === undefined ? {} : { BENCH_ROWS: process.env['BENCH_ROWS'] }),
      DATABASE_URL: database.url,
      DATABASE_ADMIN_URL: database.adminUrl,
      TEMPORAL_ADDRESS: engineAddress,
    });
  } finally {
    await runtime.down({ paths });
    runtime.removeDatabase(paths);
    rmSync(home, { recursive: true, force: true });
  }
}

async function measure(
  benches: readonly Bench[],
  env: NodeJS.ProcessEnv,
  json: boolean,
): Promise<{ readonly told: readonly Told[]; readonly broken: readonly Bench[] }> {
  const told: Told[] = [];
  const broken: Bench[] = [];
  // Ctrl-C ends the bench under way; what was started is taken down all the same.
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());
  for (const bench of benches) {
    if (interrupt.signal.aborted) break;
    const before = told.length;
    process.stderr.write(`== ${bench}\n`);
    const code = await run(bench, env, interrupt.signal, (figure) => {
      const line = { bench, ...figure, load: loadavg()[0] ?? 0, outside: isOutside(figure) };
      told.push(line);
      if (json) process.stdout.write(`${JSON.stringify(line)}\n`);
    });
    // A bench that is outside its bound says so by its figures; any other ending is a failure of the bench itself.
    const expected = told.slice(before).some(({ outside }) => outside) ? 1 : 0;
    if (code !== expected || told.length === before) broken.push(bench);
  }
  return { told, broken };
}

/** One bench as a process of its own; its lines go to standard error, its figures come as messages. */
function run(bench: Bench, env: NodeJS.ProcessEnv, signal: AbortSignal, figure: (figure: Figure) => void): Promise<number | null> {
  const file = join(runtime.pathsOf().root, 'dist', 'bench', `${bench}.js`);
  const child = fork(file, [], { env, execArgv: ['--enable-source-maps'], stdio: ['ignore', 2, 2, 'ipc'] });
  child.on('message', (message) => figure(figureSchema.parse(message)));
  signal.addEventListener('abort', () => child.kill(), { once: true });
  return new Promise((done, fail) => child.once('error', fail).once('close', done));
}

function tableOf(told: readonly Told[]): string {
  const rows = told.map(({ bench, name, value, unit, bound, load, outside, detail }) => [
    bench,
    name,
    `${rounded(value)} ${unit}`,
    bound === null ? '—' : `${bound.is} ${bound.value}`,
    outside ? 'OUTSIDE' : 'ok',
    load.toFixed(1),
    detail,
  ]);
  const all = [['bench', 'figure', 'value', 'bound', '', 'load', 'made of'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
