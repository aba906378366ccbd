import { existsSync } from 'node:fs';
import { loadSettings } from '../config.js';
import { stopEngine } from './engine/serve.js';
import { withLock } from './lock.js';
import { pathsOf, type Paths } from './paths.js';
import { stopPostgres } from './postgres/cluster.js';
import { isAlive, type ProcessMark } from './process.js';
import { sayToStderr, type Say } from './problem.js';
import { stopService } from './services.js';
import { findStrays } from './strays.js';
import { clearRunState, PARTS, readRunState, type Part, type RunState } from './state.js';

/**
 * Stops everything of this home that still runs, services first, the database last; works after a crash too. Processes are
 * recognised by their start token, never by their id alone. Returns what was really stopped.
 */
export async function down(options: { paths?: Paths; say?: Say } = {}): Promise<readonly Part[]> {
  const paths = options.paths ?? pathsOf();
  if (!existsSync(paths.home)) return [];
  return withLock(paths.lockFile, options.say ?? sayToStderr, async () => {
    const state = readRunState(paths);
    const stopped = [...(await stopStrays(paths, state)), ...(await stopParts(state, PARTS))];
    clearRunState(paths);
    return stopped;
  });
}

/** Ends what runs for this home without being written down; only the named parts. */
export async function stopStrays(paths: Paths, state: RunState, parts: readonly Part[] = PARTS): Promise<readonly Part[]> {
  const strays = findStrays(paths, state).filter(({ part }) => parts.includes(part));
  const stopped: Part[] = [];
  for (const { part, mark } of PARTS.toReversed().flatMap((name) => strays.filter((stray) => stray.part === name))) {
    if (await STOPPERS[part](mark)) stopped.push(part);
  }
  return stopped;
}

/** Stops the named parts, whatever their order in `parts`, in the reverse order of starting. */
export async function stopParts(state: { readonly [P in Part]?: ProcessMark | undefined }, parts: readonly Part[]): Promise<Part[]> {
  const stopped: Part[] = [];
  for (const part of PARTS.toReversed()) {
    const mark = state[part];
    if (mark === undefined || !parts.includes(part)) continue;
    if (await STOPPERS[part](mark)) stopped.push(part);
  }
  return stopped;
}

const STOPPERS = { database: stopPostgres, engine: stopEngine, worker: stopService, api: stopService } as const;

/** Which parts of this home live, which do not; a part that the settings place elsewhere is never ours to start or stop. */
export function standing(paths: Paths = pathsOf()): { readonly running: readonly Part[]; readonly missing: readonly Part[] } {
  const { database, engine, services } = loadSettings();
  const state = readRunState(paths);
  const ours = PARTS.filter(
    (part) =>
      !(part === 'database' && database.url !== undefined) &&
      !(part === 'engine' && engine.address !== undefined) &&
      !((part === 'worker' || part === 'api') && !services.includes(part)),
  );
  return { running: ours.filter((part) => isAlive(state[part])), missing: ours.filter((part) => !isAlive(state[part])) };
}
