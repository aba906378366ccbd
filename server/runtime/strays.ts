import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Paths } from './paths.js';
import { placedFolder } from './postgres/placement.js';
import { markOf, type ProcessMark } from './process.js';
import { PARTS, type Part, type RunState } from './state.js';

/**
 * Living processes of this home that run.json does not know (whoever started them was killed before writing them down, or the
 * file was lost). Recognised by the folder of this home on their command line.
 */
export function findStrays(paths: Paths, known: RunState): ReadonlyMap<Part, ProcessMark> {
  const marks = signs(paths);
  const strays = new Map<Part, ProcessMark>();
  const ps = spawnSync('ps', ['-ww', '-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  for (const line of (ps.stdout ?? '').split('\n')) {
    const found = /^\s*(\d+)\s(.*)$/.exec(line);
    const args = `${found?.[2] ?? ''} `;
    const part = PARTS.find((name) => args.includes(marks[name]));
    if (part === undefined || strays.has(part)) continue;
    const mark = markOf(Number(found?.[1]));
    if (mark !== null && known[part]?.token !== mark.token) strays.set(part, mark);
  }
  return strays;
}

function signs(paths: Paths): Readonly<Record<Part, string>> {
  const home = ` ${homeArgument(paths)} `;
  return {
    database: ` -D ${join(placedFolder(paths) ?? join(paths.home, 'postgres'), 'data')} -p `,
    engine: ` --config-file ${join(paths.engine, 'server.yaml')} `,
    worker: `/worker.js${home}`,
    api: `/api.js${home}`,
  };
}

/** Given to the services for this purpose only; they do not read it. */
export function homeArgument(paths: Paths): string {
  return `--home=${paths.home}`;
}
