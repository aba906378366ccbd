import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../paths.js';
import { RuntimeProblem, type Say } from '../problem.js';
import { buildEngine, goProblem } from './build.js';
import { ENGINE_VERSION, judgeVersion } from './version.js';

export type FoundBinary = { readonly path: string; readonly from: 'settings' | 'path' | 'cache' | 'built' };

export function cachedBinary(): string {
  return join(cacheFolder(), 'engine', ENGINE_VERSION, 'temporal-server');
}

/** Looks in the settings, on PATH and in the user's cache, in this order; null when it would have to be built. Error: `engine-binary`. */
export function findEngine(binary: string | undefined, say: Say): FoundBinary | null {
  if (binary !== undefined) {
    const version = versionOf(binary);
    if (version === null) {
      throw new RuntimeProblem(
        'engine-binary',
        `设置中的 Temporal 程序 ${binary} 不存在或无法运行（temporal.yaml 的 engine.binary 或 TEMPORAL_SERVER_BINARY）。`,
        `The Temporal binary ${binary} of the settings is not there or does not run.`,
      );
    }
    if (judgeVersion(version) === 'too-old')
      throw new RuntimeProblem(
        'engine-binary',
        `设置中的 Temporal 程序 ${binary} 是 ${version} 版，太旧；督办按 ${ENGINE_VERSION} 版测试。`,
        `The Temporal binary ${binary} of the settings is ${version}, which is too old; Duban is tested with ${ENGINE_VERSION}.`,
      );
    if (version !== ENGINE_VERSION)
      say(
        `注意：${binary} 是 ${version} 版，督办按 ${ENGINE_VERSION} 版测试。`,
        `Note: ${binary} is ${version}; Duban is tested with ${ENGINE_VERSION}.`,
      );
    return { path: binary, from: 'settings' };
  }
  const onPath = searchPath('temporal-server');
  if (onPath !== null) {
    const version = versionOf(onPath);
    if (version === ENGINE_VERSION) return { path: onPath, from: 'path' };
    say(
      `跳过 ${onPath}：版本是 ${version ?? '?'}，需要 ${ENGINE_VERSION}。`,
      `Skipping ${onPath}: it is ${version ?? '?'}, not ${ENGINE_VERSION}.`,
    );
  }
  const cached = cachedBinary();
  return existsSync(cached) ? { path: cached, from: 'cache' } : null;
}

/** The engine's program, built with Go when it is nowhere to be found. Errors: `engine-binary`, `engine-missing`, `engine-build`. */
export async function ensureEngineBinary(binary: string | undefined, say: Say): Promise<FoundBinary> {
  const found = findEngine(binary, say);
  if (found !== null) return found;
  const problem = goProblem();
  if (problem !== null) throw engineMissing(problem);
  await buildEngine(cachedBinary(), ENGINE_VERSION, say);
  return { path: cachedBinary(), from: 'built' };
}

function engineMissing(why: { zh: string; en: string }): RuntimeProblem {
  return new RuntimeProblem(
    'engine-missing',
    [
      `找不到 Temporal 服务程序（${ENGINE_VERSION} 版），也无法自行编译：${why.zh}。三种办法，任选其一：`,
      '  1. 安装 Go 1.26 或更新版本，再运行一次：会自动编译并缓存（约 4 分钟，只此一次）；',
      `  2. 取得 Temporal ${ENGINE_VERSION} 官方发布包，把其中的 temporal-server 放进 PATH，或在 temporal.yaml 写 engine.binary；`,
      '  3. 使用已有的 Temporal 集群：在 temporal.yaml 写 engine.address，或设置 TEMPORAL_ADDRESS。',
    ].join('\n'),
    [
      `No Temporal server ${ENGINE_VERSION} was found and none can be built: ${why.en}. Either`,
      '  1. install Go 1.26 or newer and run this again (built and cached once, about 4 minutes);',
      `  2. take temporal-server from the official ${ENGINE_VERSION} release, put it on PATH or name it in temporal.yaml (engine.binary);`,
      '  3. use a Temporal cluster: engine.address in temporal.yaml, or TEMPORAL_ADDRESS.',
    ].join('\n'),
  );
}

function versionOf(path: string): string | null {
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  if (asked.status !== 0) return null;
  return /(\d+\.\d+\.\d+)/.exec(asked.stdout)?.[1] ?? null;
}

function searchPath(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here.
    }
  }
  return null;
}
