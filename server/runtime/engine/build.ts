import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { withLock } from '../lock.js';
import { messageOf, RuntimeProblem, type Say } from '../problem.js';

const MODULE = 'go.temporal.io/server/cmd/server';
const GO_NEEDED = [1, 26] as const;

/** Why Go cannot build the engine here; null when it can. */
export function goProblem(): { zh: string; en: string } | null {
  const asked = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (asked.status !== 0) return { zh: '没有安装 Go', en: 'Go is not installed' };
  const found = /go(\d+)\.(\d+)/.exec(asked.stdout);
  const major = Number(found?.[1] ?? 0);
  const minor = Number(found?.[2] ?? 0);
  if (major > GO_NEEDED[0] || (major === GO_NEEDED[0] && minor >= GO_NEEDED[1])) return null;
  return { zh: `Go 的版本是 ${major}.${minor}，需要 1.26 以上`, en: `Go is ${major}.${minor}, 1.26 or newer is needed` };
}

/**
 * Builds the Temporal server into `target`, once for all checkouts of the user: beside it first, then renamed, so that
 * an interrupted build leaves nothing that looks finished. Errors: `cache-not-writable`, `engine-build`.
 */
export async function buildEngine(target: string, version: string, say: Say): Promise<void> {
  const folder = dirname(target);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new RuntimeProblem(
      'cache-not-writable',
      `缓存目录 ${folder} 不可写：${messageOf(cause)}。可用环境变量 XDG_CACHE_HOME 另指目录。`,
      `The cache folder ${folder} cannot be written; XDG_CACHE_HOME can name another.`,
      { cause },
    );
  }
  await withLock(join(folder, 'build.lock'), say, async () => {
    if (existsSync(target)) return;
    const aside = mkdtempSync(join(folder, 'build-'));
    try {
      await install(aside, version, say);
      renameSync(join(aside, 'server'), target);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  });
}

async function install(gobin: string, version: string, say: Say): Promise<void> {
  say(
    `正在编译 Temporal 服务程序 ${version}（只此一次，两个处理器约 4 至 6 分钟）……`,
    `Building the Temporal server ${version} (once; 4 to 6 minutes on two cores).`,
  );
  const started = Date.now();
  const child = spawn('go', ['install', '-v', `${MODULE}@v${version}`], {
    cwd: gobin,
    env: { ...process.env, GOBIN: gobin, GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const tail: string[] = [];
  const count = { fetched: 0, compiled: 0 };
  createInterface({ input: child.stderr }).on('line', (line) => {
    tail.push(line);
    if (tail.length > 20) tail.shift();
    if (line.startsWith('go: downloading')) count.fetched += 1;
    else if (/^[\w./-]+$/.test(line)) count.compiled += 1;
  });
  const report = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    say(
      `  已用 ${seconds} 秒：下载模块 ${count.fetched} 个，编译包 ${count.compiled} 个`,
      `${seconds} s: ${count.fetched} modules fetched, ${count.compiled} packages compiled`,
    );
  }, 10_000);
  try {
    const code = await new Promise<number | null>((done, fail) => {
      child.once('error', fail);
      child.once('close', done);
    });
    if (code === 0) return;
    throw new RuntimeProblem(
      'engine-build',
      `编译 Temporal 服务程序失败：\n${tail.join('\n')}\n请检查网络（Go 模块代理 GOPROXY）后重试，或在 temporal.yaml 写 engine.binary 或 engine.address。`,
      'Building the Temporal server failed, see above. Check the network (GOPROXY) and try again, or set engine.binary or engine.address in temporal.yaml.',
    );
  } finally {
    clearInterval(report);
  }
}
