import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from './paths.js';
import { placedFolder } from './postgres/placement.js';
import { markOf, type ProcessMark } from './process.js';
import { PARTS, type Part, type RunState } from './state.js';

export type Stray = { readonly part: Part; readonly mark: ProcessMark };

/**
 * Living processes of this home that run.json does not know (whoever started them was killed before writing them down, or the
 * file was lost). Recognised by the folder of this home on their command line.
 */
export function findStrays(paths: Paths, known: RunState): readonly Stray[] {
  const marks = signs(paths);
  const strays: Stray[] = [];
  for (const { pid, args } of commandLines()) {
    const part = PARTS.find((name) => `${args} `.includes(marks[name]));
    if (part === undefined) continue;
    const mark = markOf(pid);
    if (mark !== null && known[part]?.token !== mark.token) strays.push({ part, mark });
  }
  return strays;
}

/** Command lines of all processes; on Linux from /proc, because slim containers have no `ps`. */
function commandLines(): { pid: number; args: string }[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), args: commandLine(name) }));
  }
  const ps = spawnSync('ps', ['-ww', '-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return (ps.stdout ?? '').split('\n').map((line) => {
    const found = /^\s*(\d+)\s(.*)$/.exec(line);
    return { pid: Number(found?.[1] ?? 0), args: found?.[2] ?? '' };
  });
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
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
