import type { LocalDate } from '../model/ids.js';
import type { Charset } from './charset.js';
import type { FileRow, FileValue } from './columns.js';
import type { Layout, LayoutColumn } from './layout.js';
import { controlledColumns } from './totals.js';
import type { FileGiven } from './write.js';

const NAMES = ['张三', '李四', '王小明', '赵钱孙李', '欧阳春晓'];

/** An invented file with which an office and a bank agree a layout: names and accounts of nobody, every known code, empty columns now and then. */
export function sampleContent(
  layout: Layout,
  charset: Charset,
  lines: number,
  day: LocalDate,
): FileGiven & { readonly rows: readonly FileRow[] } {
  const codes = knownCodes(layout);
  const record = (kind: 'header' | 'trailer'): FileRow => {
    const controlled = controlledColumns(layout, kind);
    const own = (layout[kind]?.columns ?? []).filter(({ constant, id }) => constant === null && !controlled.includes(id));
    return Object.fromEntries(own.map((column) => [column.id, valueOf(column, charset, 0, day, codes)]));
  };
  const columns = layout.detail.columns.filter(({ constant }) => constant === null);
  const rows = Array.from({ length: lines }, (_, n) =>
    Object.fromEntries(columns.map((column) => [column.id, valueOf(column, charset, n, day, codes)])),
  );
  return { header: record('header'), trailer: record('trailer'), rows };
}

function valueOf({ column, id, from, to }: LayoutColumn, charset: Charset, n: number, day: LocalDate, codes: readonly string[]): FileValue {
  const { type, empty, bytes } = column;
  const room = bytes === null ? 30 : to - from;
  if (empty !== null && type !== 'code' && n % 4 === 3) return null;
  switch (type) {
    case 'count':
      return n + 1;
    case 'fen':
    case 'money':
      return 20_000 + n * 100;
    case 'date':
    case 'yyyyMMdd':
      return day;
    case 'code':
      return codes[n % codes.length] ?? '0'.repeat(Math.min(room, 4));
    case 'text':
      return fitting(textOf(id, column.title, n, day), room, charset);
    default: {
      const never: never = type;
      return never;
    }
  }
}

function textOf(id: string, title: string, n: number, day: LocalDate): string {
  if (id === 'batch') return `PC${day.replaceAll('-', '')}01`;
  if (/account|card|bank/i.test(id) || /[账帐卡]/.test(title)) return `62${String(n + 1).padStart(17, '0')}`;
  if (/name|holder/i.test(id) || title.includes('名')) return NAMES[n % NAMES.length] ?? '';
  return `S${n + 1}`;
}

/** Shortened at its end until it fits; a batch keeps its own length. */
function fitting(text: string, room: number, charset: Charset): string {
  let cut = text;
  while (cut.length > 1 && charset.measure(cut) > room) cut = cut.slice(0, -1);
  return cut;
}

/** Codes that the table lists one by one. */
export function knownCodes({ format, setting }: Layout): readonly string[] {
  const table = format.codes === null ? undefined : setting.definition.tables[format.codes];
  const input = table?.inputs[0]?.id;
  if (!table || input === undefined) return [];
  const printed = table.rows.flatMap(({ when: [cell] }) => (cell?.kind === 'oneOf' ? cell.values : []));
  const loaded = (setting.tables[table.id] ?? []).flatMap((row) => (row[input] === undefined ? [] : [row[input]]));
  return [...printed, ...loaded].filter((code): code is string => typeof code === 'string' && !/\||\.\./.test(code));
}
