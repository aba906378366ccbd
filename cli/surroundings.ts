import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Surroundings } from './context.js';

/** The process as a command sees it. */
export function processSurroundings(): Surroundings {
  return {
    env: process.env,
    cwd: process.cwd(),
    out: process.stdout,
    err: process.stderr,
    watched: process.stderr.isTTY === true,
    ask,
  };
}

/** Lines of a pipe or file, one at a time: what came in the same piece waits for the next question. Null = it has ended. */
export function pipedLines(input: NodeJS.ReadableStream): () => Promise<string | null> {
  const lines = createInterface({ input });
  const rest = lines[Symbol.asyncIterator]();
  let ended = false;
  lines.once('close', () => {
    ended = true;
  });
  return async () => {
    if (!ended) lines.resume();
    const { value, done } = await rest.next();
    // Held, so that an open pipe does not keep the command alive.
    if (!ended) lines.pause();
    return done === true ? null : value;
  };
}

let piped: (() => Promise<string | null>) | null = null;

/** Reads one line; typed at a terminal it is not shown. */
async function ask(prompt: string): Promise<string | null> {
  process.stderr.write(prompt);
  if (process.stdin.isTTY !== true) {
    piped ??= pipedLines(process.stdin);
    const line = await piped();
    process.stderr.write('\n');
    return line;
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    for await (const line of lines) return line;
    return null;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
