import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Paths } from './paths.js';
import { PORT_NAMES } from './ports.js';
import { RuntimeProblem, systemCode } from './problem.js';

const mark = z.object({ pid: z.number().int(), token: z.string() });

const stateSchema = z.object({
  version: z.literal(1),
  ports: z.record(z.enum(PORT_NAMES), z.number().int()).optional(),
  database: mark.extend({ data: z.string(), owner: z.string() }).optional(),
  engine: mark.extend({ binary: z.string() }).optional(),
  /** `build`: digest of dist/ that the service was started from; `environment`: digest of what it was told. A change of either restarts it. */
  worker: mark.extend({ build: z.string(), environment: z.string() }).optional(),
  api: mark.extend({ build: z.string(), environment: z.string(), url: z.string() }).optional(),
});

/** What of this home was started, by which process. A part listed here may have died since: ask `isAlive`. */
export type RunState = z.infer<typeof stateSchema>;
export type Part = 'database' | 'engine' | 'worker' | 'api';

/** In the order of starting; stopped the other way round. */
export const PARTS: readonly Part[] = ['database', 'engine', 'worker', 'api'];

/** Reads run.json; an absent file is an empty state. Error: `run-state-damaged`. */
export function readRunState(paths: Paths): RunState {
  let text: string;
  try {
    text = readFileSync(paths.runFile, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return { version: 1 };
    throw error;
  }
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RuntimeProblem(
      'run-state-damaged',
      `${paths.runFile} 已损坏。请先手工结束残留进程，再删除该文件。`,
      `${paths.runFile} is damaged. End what is left running by hand, then delete the file.`,
      { cause },
    );
  }
}

/** Replaces run.json whole: a reader never sees half a file. Only its owner can read it. */
export function writeRunState(paths: Paths, state: RunState): void {
  const aside = `${paths.runFile}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, paths.runFile);
}

export function clearRunState(paths: Paths): void {
  rmSync(paths.runFile, { force: true });
}
