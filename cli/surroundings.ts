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

/** Reads one line; typed at a terminal it is not shown. */
async function ask(prompt: string): Promise<string | null> {
  process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  try {
    for await (const line of lines) return line;
    return null;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
