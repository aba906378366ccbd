import type { FormatProblem, FormatProblemCode } from './problem.js';

/** What is wrong with a line that cannot be read. A class, so that it is told apart from a row whatever its columns are called. */
export class Fault {
  constructor(
    readonly code: FormatProblemCode,
    readonly params: FormatProblem['params'] = {},
    readonly column: string | null = null,
    /** What stands before the mistake in its line: text, a number of bytes, or how to count them (only for problems that are kept); null = the whole line. */
    readonly before: string | number | (() => number) | null = null,
  ) {}
}
