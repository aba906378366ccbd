import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SheetRow } from './cell.js';
import { ImportRefusal } from './problem.js';
import { openSource, type ImportSource } from './source.js';

/** Bytes of a workbook's file; it unpacks to more (see zip.ts). */
const MOST_WORKBOOK_BYTES = 50 * 1024 * 1024;
/** What reading one may cost: memory of the heap, and processor time, which the system itself watches over also when we are gone. */
const LIMITS = { megabytes: 1024, seconds: 120 } as const;
type Limits = { readonly megabytes: number; readonly seconds: number };
/** So many are read at once; others wait their turn. */
const AT_ONCE = 2;

const cell = z.union([z.string(), z.strictObject({ kind: z.enum(['number', 'date', 'boolean', 'formula', 'error']), text: z.string() })]);
/** A line of the child. */
const toldSchema = z.union([
  z.strictObject({ rows: z.array(z.strictObject({ line: z.int(), cells: z.array(cell) })) }),
  z.strictObject({ end: z.literal(true) }),
  z.strictObject({
    refusal: z.strictObject({
      code: z.enum(['half-written', 'zip-bomb', 'not-a-workbook', 'too-many-rows', 'too-wide']),
      zh: z.string(),
      en: z.string(),
      params: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  }),
]);

/**
 * Rows of the first sheet. A workbook is read by a process of its own with bounded memory and time, without our settings or secrets: a hostile one
 * ends that process and nothing else. Throws `file-too-large`, `too-heavy`, and what the sheet itself is refused with (see xlsx-sheet.ts).
 */
export async function* readXlsx(source: ImportSource, size: number, limits: Limits = LIMITS): AsyncGenerator<SheetRow> {
  if (size > MOST_WORKBOOK_BYTES)
    throw new ImportRefusal(
      'file-too-large',
      '工作簿超过50MB，请另存为CSV后导入',
      'the workbook is larger than 50 MB: save as CSV and import that',
      { size },
    );
  const done = await turn();
  const child = startChild(limits);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    // A child that ends early leaves the rest of the file unread.
    pipeline(openSource(source), child.stdin).catch(() => undefined);
    for await (const line of createInterface({ input: child.stdout })) {
      const told = toldSchema.parse(JSON.parse(line));
      if ('end' in told) return;
      if ('refusal' in told) throw new ImportRefusal(told.refusal.code, told.refusal.zh, told.refusal.en, told.refusal.params);
      yield* told.rows;
    }
    throw tooHeavy(limits);
  } finally {
    child.kill('SIGKILL');
    await ended;
    done();
  }
}

const tooHeavy = (limits: Limits): ImportRefusal =>
  new ImportRefusal(
    'too-heavy',
    '工作簿太大或结构异常，读取所需的内存或时间超过上限；请只保留要导入的工作表和列，或另存为CSV后导入',
    'the workbook is too large or strangely built, reading it takes more memory or time than allowed: keep only the sheet and columns to import, or save as CSV',
    { ...limits },
  );

type Child = ChildProcess & { readonly stdin: NonNullable<ChildProcess['stdin']>; readonly stdout: NonNullable<ChildProcess['stdout']> };

function startChild({ megabytes, seconds }: Limits): Child {
  const bounded = `ulimit -t ${seconds}; ulimit -c 0; exec "$0" "$@"`;
  const node = [process.execPath, `--max-old-space-size=${megabytes}`, childFile()];
  return spawn('/bin/sh', ['-c', bounded, ...node], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
}

/** Compiled beside this file; sources that tests run are compiled into dist/. */
function childFile(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, 'xlsx-child.js');
  return existsSync(beside) ? beside : join(here, '..', '..', 'dist', 'activities', 'imports', 'xlsx-child.js');
}

let reading = 0;
const waiting: (() => void)[] = [];

/** Waits until one may read; what it answers gives the turn back. */
async function turn(): Promise<() => void> {
  if (reading >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  else reading += 1;
  return () => {
    const next = waiting.shift();
    if (next === undefined) reading -= 1;
    else next();
  };
}
