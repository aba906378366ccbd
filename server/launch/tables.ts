import type { Column, Definition, Table, Value } from '../../domain/model/definition.js';
import type { TableRow } from '../../domain/model/setting.js';
import { parseValue } from '../../domain/rules/cells.js';
import { targetFields, type Field, type FieldType } from '../../activities/imports/fields.js';
import { ImportRefusal, tellRowProblem } from '../../activities/imports/problem.js';
import { findHeader, type ImportProfile } from '../../activities/imports/profile.js';
import { readRows } from '../../activities/imports/read-rows.js';
import { inspectSource, type ImportSource } from '../../activities/imports/source.js';
import { firstRows, openTable } from '../../activities/imports/table.js';
import type { Fault } from '../http/problems.js';

/** Files of a released definition by path, as they were written. */
export interface Bundle {
  readonly file: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A table that is measured as `table.column`, or stands in for one that is: its rows are targets, kept by version in the store. */
export function isTargetTable(definition: Definition, table: string): boolean {
  const measured = (id: string): boolean =>
    Object.values(definition.measures).some(({ part, whole }) => part.startsWith(`${id}.`) || (whole?.startsWith(`${id}.`) ?? false));
  return measured(table) || Object.values(definition.tables).some(({ id, provisional }) => provisional === table && measured(id));
}

/** A table whose rows are the units of a level. */
export const isLevelTable = (definition: Definition, table: string): boolean =>
  Object.values(definition.levels).some((level) => level.table === table);

/** The file of a table that comes with the definition; null when the county supplies it. */
export function bundledSource(bundle: Bundle, table: Table): ImportSource | null {
  if (table.load?.kind !== 'file') return null;
  const { file } = table.load;
  const found = Object.entries(bundle.files).find(([path]) => path === file || path.endsWith(`/${file}`));
  return found === undefined ? null : { name: file, content: Buffer.from(found[1], 'utf8') };
}

const FIELD_TYPES: Readonly<Record<string, FieldType>> = { money: 'money', count: 'count', date: 'date' };

/** Columns as the file readers know them: under their heading, their id, or what offices usually call them. */
function fieldsOfTable(table: Table): readonly Field[] {
  const usual = targetFields(table);
  const names = (column: Column, index: number): readonly string[] => {
    const known = index === 0 ? usual[0]?.names : usual.find((field) => field.id === column.id)?.names;
    return [...(column.from === null ? [] : [column.from]), column.id, ...(known ?? [])];
  };
  return [...table.inputs, ...table.outputs].map((column, index) => {
    const type = FIELD_TYPES[column.type] ?? 'text';
    const figure = type === 'money' || type === 'count';
    return { id: column.id, type, required: index < table.inputs.length || figure, names: names(column, index), summed: figure };
  });
}

/**
 * Reads a table's file as its rows; money in fen. All that is wrong is told at once: unreadable rows by line, a wrong total row, figures that do not
 * add up to the printed totals.
 */
export async function readTable(
  table: Table,
  source: ImportSource,
): Promise<{ readonly rows: readonly TableRow[]; readonly faults: readonly Fault[] }> {
  const faults: Fault[] = [];
  const fault = (place: string, code: string, zh: string, en: string): void =>
    void faults.push({ in: 'file', path: `${table.id}${place}`, code, zh, en });
  const rows: TableRow[] = [];
  try {
    const fields = fieldsOfTable(table);
    const facts = await inspectSource(source);
    const head = readRows(source, facts);
    const header = findHeader(await firstRows(head, 40), fields);
    await head.return(undefined);
    const opened = await openTable(readRows(source, facts), profileOf(header.columns, header.rows, source.name), fields, false);
    for await (const record of opened.records) {
      for (const problem of record.problems) {
        const told = tellRowProblem(problem);
        fault(`:${record.line}`, problem.code, told.zh, told.en);
      }
      if (record.problems.length === 0)
        rows.push(rowOf(table, record.values, (column, zh, en) => fault(`:${record.line}.${column}`, 'wrong-type', zh, en)));
    }
    opened.finish();
  } catch (error) {
    if (!(error instanceof ImportRefusal)) throw error;
    fault('', error.code, error.zh, error.en);
  }
  if (faults.length === 0) checkTotals(table, rows, fault);
  return { rows, faults };
}

const profileOf = (columns: Readonly<Record<string, string>>, headerRows: 1 | 2, source: string): ImportProfile => ({
  kind: 'targets',
  headerLine: null,
  headerRows,
  columns: { ...columns },
  totalRow: 'checked',
  constants: {},
  mode: 'daily',
  money: 'yuan',
  source: source.slice(0, 100) || 'launch',
});

function rowOf(
  table: Table,
  values: Readonly<Record<string, string | number>>,
  wrong: (column: string, zh: string, en: string) => void,
): TableRow {
  const row: Record<string, Value> = {};
  for (const column of [...table.inputs, ...table.outputs]) {
    const cell = values[column.id];
    if (cell === undefined) continue;
    if (typeof cell === 'number' || FIELD_TYPES[column.type] !== undefined) {
      row[column.id] = cell;
      continue;
    }
    const read = parseValue(cell, column.type);
    if (read.ok) row[column.id] = read.value;
    else wrong(column.id, read.zh, read.en);
  }
  return row;
}

function checkTotals(table: Table, rows: readonly TableRow[], fault: (place: string, code: string, zh: string, en: string) => void): void {
  for (const [column, printed] of Object.entries(table.totals)) {
    const sum = rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
    if (sum !== printed)
      fault(
        `.${column}`,
        'total-differs',
        `${column} 各行合计 ${sum}，与通知印的 ${printed} 不符`,
        `${column} adds up to ${sum}, the notice prints ${printed}`,
      );
  }
}

/** A bundle as it was kept with the release. */
export function readBundle(source: string): Bundle {
  const value: unknown = JSON.parse(source);
  if (typeof value !== 'object' || value === null || !('file' in value) || !('files' in value))
    throw new Error('the source of a release cannot be read');
  const { file, files } = value;
  if (typeof file !== 'string' || typeof files !== 'object' || files === null) throw new Error('the source of a release cannot be read');
  return {
    file,
    files: Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  };
}
