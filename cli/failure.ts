import type { Both } from './texts.js';

/** Exit codes of the command: part of its contract. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command: printed with its way out, `exit` becomes the exit code. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly exit: Exclude<ExitCode, 0>,
    readonly code: string,
    readonly text: Both,
    readonly wayOut: Both | null = null,
    /** The problem document as it came, for `--json`. */
    readonly problem: Readonly<Record<string, unknown>> | null = null,
  ) {
    super(`${text.zh} [${code}]`);
  }
}

export const wrongUsage = (code: string, zh: string, en: string): Failure => new Failure(EXIT.usage, code, { zh, en });
