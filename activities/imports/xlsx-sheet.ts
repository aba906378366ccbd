import { readSheet } from 'read-excel-file/node';
import type { Cell, SheetRow } from './cell.js';
import { ImportRefusal } from './problem.js';
import { checkRealSizes, entryText, readDirectory } from './zip.js';

/** A workbook is read whole, so it has a limit; a county's roster comes as CSV, which has none. */
const MOST_WORKBOOK_ROWS = 100_000;
/** No list of an office is so wide, and no table program writes a longer cell. */
const MOST_COLUMNS = 1_000;
const LONGEST_CELL = 32_767;

/** A number keeps its written digits: the reader hands over the text instead of a double. */
interface WrittenNumber {
  readonly digits: string;
}

/**
 * Rows of the first sheet of a workbook's bytes. Run by xlsx-child.ts alone: what a hostile workbook costs here is bounded there. Throws
 * `too-many-rows`, `too-wide`, `zip-bomb`, `half-written`, `not-a-workbook`; each names the way out.
 */
export async function* sheetRows(file: Buffer): AsyncGenerator<SheetRow> {
  const entries = readDirectory(file);
  const sheet =
    entries.find(({ name }) => name === 'xl/worksheets/sheet1.xml') ??
    entries.find(({ name }) => /^xl\/worksheets\/[^/]+\.xml$/.test(name));
  if (!sheet || !entries.some(({ name }) => name === 'xl/workbook.xml'))
    throw new ImportRefusal('not-a-workbook', '压缩包里没有工作表，请另存为 .xlsx', 'there is no worksheet in this file: save as .xlsx');
  await checkRealSizes(file, entries);
  const xml = entryText(file, sheet);
  const count = xml.match(/<row[\s>/]/g)?.length ?? 0;
  if (count > MOST_WORKBOOK_ROWS)
    throw new ImportRefusal(
      'too-many-rows',
      `工作表超过${MOST_WORKBOOK_ROWS}行，请另存为CSV后导入`,
      `more than ${MOST_WORKBOOK_ROWS} rows: save as CSV and import that`,
      { rows: count },
    );
  if (/\sr="(?:[A-Z]{4,}\d|[A-Z]*\d{8,}")/.test(xml))
    throw new ImportRefusal(
      'not-a-workbook',
      '工作表里有不存在的行列，请另存为 .xlsx',
      'the sheet names cells that cannot be: save as .xlsx',
    );
  const formulas = formulaCells(xml);
  const rows = await parsed(file);
  if (rows.some((row) => row.length > MOST_COLUMNS || row.some((value) => typeof value === 'string' && value.length > LONGEST_CELL)))
    throw new ImportRefusal(
      'too-wide',
      `工作表超过${MOST_COLUMNS}列，或有单元格超过${LONGEST_CELL}字，请只保留要导入的列`,
      `more than ${MOST_COLUMNS} columns, or a cell of more than ${LONGEST_CELL} characters: keep only the columns to import`,
    );
  for (const [index, row] of rows.entries()) {
    const cells = row.map((value, column) => toCell(value, formulas.has(`${letters(column)}${index + 1}`)));
    if (cells.some((cell) => cell !== '')) yield { line: index + 1, cells };
  }
}

type SheetValue = string | boolean | WrittenNumber | Date | null;

async function parsed(file: Buffer): Promise<readonly (readonly SheetValue[])[]> {
  try {
    const rows: readonly (readonly unknown[])[] = await readSheet<WrittenNumber>(file, 1, { parseNumber: (digits) => ({ digits }) });
    return rows.map((row) => row.map(toSheetValue));
  } catch (error) {
    if (error instanceof ImportRefusal) throw error;
    throw new ImportRefusal(
      'not-a-workbook',
      '工作簿无法读取，请另存为 .xlsx 或 CSV',
      'the workbook cannot be read: save as .xlsx or CSV',
      {
        reason: error instanceof Error ? error.message.slice(0, 200) : 'unknown',
      },
    );
  }
}

function toSheetValue(value: unknown): SheetValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value instanceof Date) return value;
  return typeof value === 'object' && value !== null && 'digits' in value && typeof value.digits === 'string'
    ? { digits: value.digits }
    : null;
}

function toCell(value: SheetValue, formula: boolean): Cell {
  if (value === null) return formula ? { kind: 'formula', text: '' } : '';
  const text =
    typeof value === 'string'
      ? value
      : value instanceof Date
        ? value.toISOString().slice(0, 10)
        : typeof value === 'boolean'
          ? String(value)
          : value.digits;
  if (formula) return { kind: 'formula', text };
  if (typeof value === 'string') return /^#(N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!)$/.test(value) ? { kind: 'error', text } : text;
  return { kind: value instanceof Date ? 'date' : typeof value === 'boolean' ? 'boolean' : 'number', text };
}

/** Places (`B5`) of cells with a formula; the reader shows only the value last computed. */
function formulaCells(xml: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const match of xml.matchAll(/<c\s(?:[^>]*\s)?r="([A-Z]+\d+)"[^>]*>\s*<f[\s>/]/g)) if (match[1] !== undefined) found.add(match[1]);
  return found;
}

function letters(column: number): string {
  let [text, rest] = ['', column];
  do {
    text = String.fromCharCode(65 + (rest % 26)) + text;
    rest = Math.floor(rest / 26) - 1;
  } while (rest >= 0);
  return text;
}
