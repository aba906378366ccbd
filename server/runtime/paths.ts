import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, RuntimeProblem } from './problem.js';

/** Where everything of one running Duban lives. `home` is `.duban` of the checkout, or what `DUBAN_HOME` names. */
export type Paths = {
  /** The checkout: holds package.json, dist/ and temporal.yaml. */
  readonly root: string;
  readonly home: string;
  readonly log: string;
  readonly engine: string;
  readonly runFile: string;
  readonly lockFile: string;
  readonly secretsFile: string;
  /** Says where database files lie when they are not below `home` (see docs/adr/0012). */
  readonly placementFile: string;
};

/** The checkout this code runs from, found upwards from the file: sources and `dist/` lie at different depths. */
export function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"name": "duban"')) return folder;
    const parent = dirname(folder);
    if (parent === folder) {
      throw new RuntimeProblem('checkout-not-found', '找不到督办的安装目录（package.json）。', 'No package.json of duban above this file.');
    }
    folder = parent;
  }
}

export function pathsOf(home?: string): Paths {
  const root = findRoot();
  const base = resolve(root, home ?? process.env['DUBAN_HOME'] ?? '.duban');
  return {
    root,
    home: base,
    log: join(base, 'log'),
    engine: join(base, 'engine'),
    runFile: join(base, 'run.json'),
    lockFile: join(base, 'up.lock'),
    secretsFile: process.env['DUBAN_SECRETS_FILE'] ?? join(base, 'secrets.json'),
    placementFile: join(base, 'postgres.json'),
  };
}

/** A short stable name for this home: ports and folders outside the checkout are derived from it. */
export function homeHash(paths: Paths): string {
  return createHash('sha256').update(paths.home).digest('hex').slice(0, 12);
}

/** The user's cache, shared by all checkouts: engine binaries by version. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'duban');
}

/** Makes the folders; refuses clearly where they cannot be written. Root's home stays passable for the database's user. */
export function makeHome(paths: Paths): void {
  try {
    mkdirSync(paths.home, { recursive: true });
    chmodSync(paths.home, process.getuid?.() === 0 ? 0o711 : 0o700);
    for (const folder of [paths.log, paths.engine]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(paths.home, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new RuntimeProblem(
      'home-not-writable',
      `目录 ${paths.home} 不可写：${messageOf(cause)}。请改权限，或用环境变量 DUBAN_HOME 另指一个可写目录。`,
      `${paths.home} cannot be written. Change its permissions, or set DUBAN_HOME to a folder that can be written.`,
      { cause },
    );
  }
}
