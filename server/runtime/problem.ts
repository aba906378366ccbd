/**
 * A refusal of the runtime: what is wrong and the way out, Chinese first. `code` is stable (kebab-case), the texts are not.
 */
export class RuntimeProblem extends Error {
  override readonly name = 'RuntimeProblem';

  constructor(
    readonly code: string,
    readonly zh: string,
    readonly en: string,
    options?: { cause?: unknown },
  ) {
    super(`${zh}\n${en} [${code}]`, options);
  }
}

/** Tells progress to whoever watches: one line in Chinese with the English beside it. */
export type Say = (zh: string, en: string) => void;

/** Prints progress lines to standard error, so that `--json` output on standard output stays clean. */
export const sayToStderr: Say = (zh, en) => {
  process.stderr.write(`${zh}  ${en}\n`);
};

export const saySilently: Say = () => undefined;

/** The `code` of a system error (`ENOENT`, `EACCES`), or null for anything else. */
export function systemCode(error: unknown): string | null {
  // Not `instanceof Error`: errors of Node itself are of another realm where code runs in a context of its own.
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  return null;
}

export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') return error.message;
  return String(error);
}
