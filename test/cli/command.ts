import type { Surroundings } from '../../cli/context.js';
import { registers } from '../../cli/registers.js';
import { run, type Register } from '../../cli/run.js';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface Where {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Lines typed when asked. */
  readonly typed?: readonly string[];
}

/** Runs one command line as a person would, and keeps what it prints. */
export async function duban(args: readonly string[], where: Where = {}, verbs: readonly Register[] = registers): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const typed = [...(where.typed ?? [])];
  const around: Surroundings = {
    env: where.env ?? {},
    cwd: where.cwd ?? process.cwd(),
    out: { write: (text) => out.push(typeof text === 'string' ? text : Buffer.from(text).toString('utf8')) },
    err: { write: (text) => err.push(text) },
    watched: false,
    ask: () => Promise.resolve(typed.shift() ?? null),
  };
  const exit = await run(args, around, verbs);
  return { exit, out: out.join(''), err: err.join('') };
}
