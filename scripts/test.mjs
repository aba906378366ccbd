/**
 * `npm test`: prepares, gets the engine, runs the checks and then jest; the last line counts all of it. Arguments go to jest
 * (`npm test -- test/domain`), and then the checks are left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { orExplain, prepare, root } from './prepare.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const rooms = [
  'domain',
  'definitions/schema',
  'rehearsal',
  'workflows',
  'activities',
  'store',
  'server',
  'cli',
  'bench',
  'test',
  'scripts',
];

const CHECKS = [
  { name: '类型 typecheck', command: bin('tsc'), args: ['-p', 'tsconfig.json', '--noEmit'] },
  { name: '静态检查 lint', command: bin('oxlint'), args: ['--max-warnings=0'] },
  { name: '格式 format', command: bin('prettier'), args: ['--check', '.', '--log-level=warn'] },
  { name: '未用代码 unused code', command: bin('knip'), args: [] },
  {
    name: '导入方向 import directions',
    command: bin('depcruise'),
    args: ['--config', '.dependency-cruiser.cjs', ...rooms.filter((room) => existsSync(join(root, room)))],
  },
];

await orExplain(prepare);
await getEngine();

const selection = process.argv.slice(2);
const results = join(root, '.duban', 'test-results.json');
const count = { passed: 0, failed: 0 };
if (selection.length === 0) for (const check of CHECKS) count[runCheck(check) ? 'passed' : 'failed'] += 1;
runJest(selection);
process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);

/** Before jest, because building the engine the first time takes minutes and its progress should be seen. */
async function getEngine() {
  const { ensureEngineBinary, RuntimeProblem, sayToStderr } = await import(
    pathToFileURL(join(root, 'dist', 'server', 'runtime', 'index.js')).href
  );
  try {
    await ensureEngineBinary(process.env.TEMPORAL_SERVER_BINARY, sayToStderr);
  } catch (error) {
    if (!(error instanceof RuntimeProblem)) throw error;
    process.stderr.write(`${error.zh}\n${error.en}\n`);
    process.exit(1);
  }
}

function runCheck({ name, command, args }) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 256 * 1024 * 1024 });
  const passed = done.status === 0;
  process.stdout.write(`${passed ? '通过 pass' : '失败 FAIL'}  ${name}\n`);
  if (!passed) process.stdout.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}\n`);
  return passed;
}

/** A test file that cannot even be loaded, and a jest that breaks off, count as failures too. */
function runJest(arguments_) {
  mkdirSync(join(root, '.duban'), { recursive: true });
  rmSync(results, { force: true });
  const done = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest'), '--json', `--outputFile=${results}`, ...arguments_],
    {
      cwd: root,
      env: {
        ...process.env,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
      },
      // Jest's report is on standard error; its JSON goes to the file.
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const report = readReport();
  count.passed += report?.numPassedTests ?? 0;
  count.failed += (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  if (skipped > 0) process.stdout.write(`跳过 skipped: ${skipped}\n`);
  const told = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0) > 0;
  if (report === null || (done.status !== 0 && !told)) {
    process.stdout.write(`jest 中途退出（${done.status ?? done.signal}）  jest broke off\n`);
    count.failed += 1;
  }
}

function readReport() {
  try {
    return JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return null;
  }
}
