import { formatYuan, fen } from '../../domain/money/fen.js';
import { cellText, readCount, readMoney, squeeze, type Cell, type SheetRow } from './cell.js';
import { convert } from './convert.js';
import type { Field } from './fields.js';
import { ImportRefusal, type RowProblem } from './problem.js';
import { locate, TOTAL_LABEL, type Header, type ImportProfile } from './profile.js';

/** One row as values by field id (absent = empty cell), or what is wrong with it. */
export interface TableRecord {
  readonly line: number;
  readonly values: Readonly<Record<string, string | number>>;
  readonly problems: readonly RowProblem[];
}

/** A column's sum over the rows; money in fen. `total`: what the total row says, null when the file has none or leaves it empty. */
export interface ColumnSum {
  readonly field: string;
  readonly heading: string;
  readonly type: 'money' | 'count';
  readonly sum: number;
  readonly total: number | null;
  /** False when a cell of the column could not be read: then the total proves nothing. */
  readonly complete: boolean;
}

/** A table within a file: titles above, one or two header rows, records, subtotals and a total, notes below. */
export interface ImportTable {
  readonly header: Header;
  readonly records: AsyncIterable<TableRecord>;
  /** After the last record: the sums. Throws `wrong-total`, `total-row-missing`. */
  finish(): readonly ColumnSum[];
}

const LOOK_AHEAD = 40;
const NOTE = /^(注|备注|说明|填表|制表|审核|打印|填报|单位负责人|负责人|经办|复核|联系人|备 注)/;

/** Reads the head of the file, finds the header and gives the rest as records. Errors: those of `locate`, `wrong-charset`, `empty-file`. */
export async function openTable(
  rows: AsyncIterator<SheetRow>,
  profile: ImportProfile,
  fields: readonly Field[],
  lenientId: boolean,
): Promise<ImportTable> {
  const head = await firstRows(rows, LOOK_AHEAD);
  if (head.length === 0) throw new ImportRefusal('empty-file', '文件里没有任何行', 'the file holds no row');
  checkCharset(head);
  const { header, at } = locate(head, profile, fields);
  const reader = new RecordReader(header, at, profile, fields, lenientId);
  const begin = head.findIndex((row) => row.line === header.line) + header.rows;
  return { header, records: reader.records(head.slice(begin), rows), finish: () => reader.finish() };
}

export async function firstRows(rows: AsyncIterator<SheetRow>, count: number): Promise<readonly SheetRow[]> {
  const head: SheetRow[] = [];
  while (head.length < count) {
    const next = await rows.next();
    if (next.done === true) break;
    head.push(next.value);
  }
  return head;
}

/** Half of the first rows or more with unreadable characters: the charset is another one, no row can be trusted. Throws `wrong-charset`. */
export function checkCharset(head: readonly SheetRow[]): void {
  const spoilt = head.filter((row) => row.cells.some((cell) => cellText(cell).includes('\uFFFD'))).length;
  if (spoilt * 2 >= head.length)
    throw new ImportRefusal(
      'wrong-charset',
      '文件编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8 CSV',
      'the file is neither UTF-8 nor GB18030: save as UTF-8 CSV',
      { rows: spoilt },
    );
}

/** Constants of a profile as values of their fields. Throws `bad-profile`. */
export function readConstants(profile: ImportProfile, fields: readonly Field[]): Readonly<Record<string, string | number>> {
  const values: Record<string, string | number> = {};
  for (const [id, text] of Object.entries(profile.constants)) {
    const field = fields.find((candidate) => candidate.id === id);
    const read = field ? convert(field, text, profile.money) : null;
    if (!read?.ok || read.value === null)
      throw new ImportRefusal('bad-profile', `导入方案中“${id}”的固定值无法使用`, `the constant of '${id}' in the profile cannot be used`, {
        field: id,
      });
    values[id] = read.value;
  }
  return values;
}

interface Sum {
  readonly field: Field;
  readonly index: number;
  all: number;
  sinceSubtotal: number;
  total: number | null;
  complete: boolean;
}

class RecordReader {
  readonly #fields: readonly { readonly field: Field; readonly index: number; readonly heading: string }[];
  readonly #sums: readonly Sum[];
  readonly #width: number;
  readonly #constants: Readonly<Record<string, string | number>>;
  #total = false;
  #records = 0;

  constructor(
    header: Header,
    at: ReadonlyMap<string, number>,
    readonly profile: ImportProfile,
    fields: readonly Field[],
    readonly lenientId: boolean,
  ) {
    this.#fields = fields.flatMap((field) => {
      const index = at.get(field.id);
      return index === undefined ? [] : [{ field, index, heading: header.headings[index] ?? field.id }];
    });
    this.#sums = this.#fields
      .filter(({ field }) => field.summed)
      .map(({ field, index }) => ({ field, index, all: 0, sinceSubtotal: 0, total: null, complete: true }));
    this.#constants = readConstants(profile, fields);
    this.#width = Math.max(...this.#fields.filter(({ field }) => field.required).map(({ index }) => index + 1), 1);
  }

  async *records(head: readonly SheetRow[], rest: AsyncIterator<SheetRow>): AsyncGenerator<TableRecord> {
    for (const row of head) {
      const record = this.#take(row);
      if (record) yield record;
    }
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      const record = this.#take(next.value);
      if (record) yield record;
    }
  }

  finish(): readonly ColumnSum[] {
    if (this.#records === 0 && !this.#total)
      throw new ImportRefusal('empty-file', '表头下面没有任何行', 'there is no row below the header');
    if (!this.#total && this.profile.totalRow === 'required')
      throw new ImportRefusal(
        'total-row-missing',
        '这个来源的文件应有合计行，本文件没有：可能没有写完',
        'files of this source end with a total row, this one does not: it may be cut short',
      );
    for (const sum of this.#sums)
      if (sum.total !== null && sum.complete && sum.total !== sum.all)
        throw wrongTotal(this.#headingOf(sum), sum.field, sum.all, sum.total);
    return this.#sums.map((sum) => ({
      field: sum.field.id,
      heading: this.#headingOf(sum),
      type: sum.field.type === 'money' ? 'money' : 'count',
      sum: sum.all,
      total: sum.total,
      complete: sum.complete,
    }));
  }

  #take(row: SheetRow): TableRecord | null {
    const label = totalLabel(row.cells);
    if (label !== null) {
      this.#checkTotal(row, label === '小计');
      return null;
    }
    if (this.#isNote(row)) return null;
    this.#records += 1;
    const problems: RowProblem[] = [];
    const values: Record<string, string | number> = { ...this.#constants };
    if (row.cells.length < this.#width)
      problems.push({ line: row.line, column: null, code: 'too-few-cells', params: { cells: row.cells.length } });
    else
      for (const { field, index, heading } of this.#fields) {
        const read = convert(field, row.cells[index], this.profile.money, this.lenientId);
        if (!read.ok) problems.push({ line: row.line, column: heading, code: read.code, params: read.params });
        else if (read.value !== null) values[field.id] = read.value;
        else if (field.required && values[field.id] === undefined)
          problems.push({ line: row.line, column: heading, code: 'empty-cell', params: {} });
      }
    this.#add(values, problems.length > 0);
    return { line: row.line, values, problems };
  }

  #add(values: Readonly<Record<string, string | number>>, spoilt: boolean): void {
    for (const sum of this.#sums) {
      const value = values[sum.field.id];
      if (typeof value === 'number') {
        sum.all += value;
        sum.sinceSubtotal += value;
      } else if (spoilt) sum.complete = false;
    }
  }

  #checkTotal(row: SheetRow, sub: boolean): void {
    if (!sub) this.#total = true;
    for (const sum of this.#sums) {
      const text = cellText(row.cells[sum.index]);
      const said =
        text === '' ? null : sum.field.type === 'count' ? readCount(text) : this.profile.money === 'fen' ? Number(text) : readMoney(text);
      if (said === null) continue;
      if (!sub) sum.total = said;
      else if (sum.complete && said !== sum.sinceSubtotal) throw wrongTotal(this.#headingOf(sum), sum.field, sum.sinceSubtotal, said);
    }
    if (sub) for (const sum of this.#sums) sum.sinceSubtotal = 0;
  }

  /** Below the table: a remark, a signature line, or after the total anything that lacks the required cells. */
  #isNote(row: SheetRow): boolean {
    const first = row.cells.find((cell) => cellText(cell) !== '');
    if (first === undefined) return true;
    const filled = this.#fields.filter(({ index }) => cellText(row.cells[index]) !== '').length;
    if (NOTE.test(squeeze(cellText(first))) && filled <= 2) return true;
    return this.#total && this.#fields.some(({ field, index }) => field.required && cellText(row.cells[index]) === '');
  }

  #headingOf(sum: Sum): string {
    return this.#fields.find(({ field }) => field.id === sum.field.id)?.heading ?? sum.field.id;
  }
}

/** 合计, 总计 or 小计 in one of the first cells of a row. */
function totalLabel(cells: readonly Cell[]): string | null {
  for (let i = 0; i < 4 && i < cells.length; i += 1) {
    const text = cellText(cells[i]);
    if (text.length < 2 || text.length > 12) continue;
    const found = TOTAL_LABEL.exec(squeeze(text));
    if (found) return found[1] ?? null;
  }
  return null;
}

export function wrongTotal(heading: string, field: Pick<Field, 'type'>, sum: number, total: number): ImportRefusal {
  const show = (value: number): string => (field.type === 'money' ? formatYuan(fen(value)) : String(value));
  return new ImportRefusal(
    'wrong-total',
    `“${heading}”各行之和为${show(sum)}，合计为${show(total)}，相差${show(Math.abs(sum - total))}：拒绝导入`,
    `sum of '${heading}' ${show(sum)}, total says ${show(total)}: refused, difference ${show(Math.abs(sum - total))}`,
    { column: heading, sum, total, difference: Math.abs(sum - total) },
  );
}
