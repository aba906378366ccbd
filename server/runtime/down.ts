import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stopEngine } from './engine/serve.js';
import { withLock } from './lock.js';
import { pathsOf, type Paths } from './paths.js';
import { stopPostgres, strayPostmaster } from './postgres/cluster.js';
import { placedFolder } from './postgres/placement.js';
import { sayToStderr, type Say } from './problem.js';
import { stopService } from './services.js';
import { clearRunState, PARTS, readRunState, type Part, type RunState } from './state.js';

/**
 * Stops everything of this home that still runs, services first, the database last; works after a crash too. Processes are
 * recognised by their start token, never by their id alone. Returns what was really stopped.
 */
export async function down(options: { paths?: Paths; say?: Say } = {}): Promise<readonly Part[]> {
  const paths = options.paths ?? pathsOf();
  if (!existsSync(paths.home)) return [];
  return withLock(paths.lockFile, options.say ?? sayToStderr, async () => {
    const stopped = await stopParts(readRunState(paths), PARTS);
    const folder = placedFolder(paths);
    const stray = folder === null ? null : strayPostmaster(join(folder, 'data'));
    if (stray !== null && (await stopPostgres(stray))) stopped.push('database');
    clearRunState(paths);
    return stopped;
  });
}

/** Stops the named parts, whatever their order in `parts`, in the reverse order of starting. */
export async function stopParts(state: RunState, parts: readonly Part[]): Promise<Part[]> {
  const stopped: Part[] = [];
  for (const part of PARTS.toReversed()) {
    const mark = state[part];
    if (mark === undefined || !parts.includes(part)) continue;
    if (await STOPPERS[part](mark)) stopped.push(part);
  }
  return stopped;
}

const STOPPERS = { database: stopPostgres, engine: stopEngine, worker: stopService, api: stopService } as const;
