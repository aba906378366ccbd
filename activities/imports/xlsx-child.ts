import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { cellText, type SheetRow } from './cell.js';
import { ImportRefusal } from './problem.js';
import { sheetRows } from './xlsx-sheet.js';

/* A process of its own, started by read-xlsx.ts: a workbook's bytes on standard input, lines of JSON (see `toldSchema` there) on standard output. */

/** Rows of a line, and characters after which it ends earlier. */
const BATCH = 200;
const BATCH_CHARACTERS = 1_000_000;

async function tell(what: object): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(what)}\n`)) await once(process.stdout, 'drain');
}

async function main(): Promise<void> {
  let [rows, characters]: [SheetRow[], number] = [[], 0];
  for await (const row of sheetRows(await buffer(process.stdin))) {
    for (const cell of row.cells) characters += cellText(cell).length;
    if (rows.push(row) < BATCH && characters < BATCH_CHARACTERS) continue;
    await tell({ rows });
    [rows, characters] = [[], 0];
  }
  await tell({ rows });
  await tell({ end: true });
}

// Whoever read us has enough, or is gone.
process.stdout.on('error', () => process.exit(0));
try {
  await main();
} catch (error) {
  if (!(error instanceof ImportRefusal)) throw error;
  const { code, zh, en, params } = error;
  await tell({ refusal: { code, zh, en, params } });
}
