import { HOLDS, REQUEST_FILE, REQUEST_LINE, RETURN_LINE, type ColumnHolds } from '../../../domain/deduction/columns.js';
import { recordsOf } from '../../../domain/formats/records.js';
import { controlledColumns } from '../../../domain/formats/totals.js';
import { UNKNOWN_OUTCOME, type Format, type FormatColumn } from '../../../domain/model/format.js';
import { REFUND_EVENTS, type Deduction } from '../../../domain/model/deduction.js';
import type { Definition } from '../../../domain/model/definition.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import { guessWord } from '../text/guess.js';
import type { Path } from '../text/problem.js';

/** Columns by which a line is told apart and taken; `batch` may stand in the header instead. */
const REQUEST = ['line', 'account', 'amount'];
const RETURN = ['line'];

/** Every code becomes an outcome, every outcome leads somewhere, and both files carry what tells a line apart. */
export function checkDeductions(ledger: Ledger, definition: Definition): void {
  for (const deduction of Object.values(definition.deductions ?? {})) {
    const item = ledger.book.items.deductions.get(deduction.id);
    if (!item) continue;
    const reader = Reader.of(ledger, item);
    checkCodes(reader, definition, deduction);
    checkRoutes(reader, deduction);
    checkColumns(reader, 'gives', definition.formats?.[deduction.request], REQUEST);
    checkColumns(reader, 'takes', definition.formats?.[deduction.return], RETURN);
    checkRequest(ledger, definition.formats?.[deduction.request]);
    checkReturn(ledger, reader, definition.formats?.[deduction.return]);
  }
}

function checkCodes(reader: Reader, definition: Definition, deduction: Deduction): void {
  const { outcomes } = deduction;
  if (outcomes[UNKNOWN_OUTCOME]?.class !== 'unknown')
    reader.tell(
      ['outcomes'],
      {
        code: 'outcome-missing',
        zh: '回盘结果须有“unknown”，类别为unknown：表中没有的代码都归它',
        en: "the outcomes need 'unknown' of class unknown: a code that no table lists becomes it",
        expected: 'unknown: { class: unknown, open: … }',
      },
      'key',
    );
  const format = definition.formats?.[deduction.return];
  if (!format) return;
  const table = format.codes === null ? undefined : definition.tables[format.codes];
  if (format.codes === null)
    reader.tell(['takes'], {
      code: 'outcome-missing',
      zh: `格式“${format.id}”没有代码表（codes），回盘得不出结果`,
      en: `format '${format.id}' has no table of codes: no return would have an outcome`,
      expected: 'codes: …',
    });
  const at = table?.outputs.findIndex(({ id }) => id === 'outcome') ?? -1;
  const known = Object.keys(outcomes);
  for (const named of new Set(table?.rows.map(({ then }) => then[at]) ?? []))
    if (typeof named === 'string' && !known.includes(named))
      reader.tell(
        ['outcomes'],
        {
          code: 'outcome-missing',
          zh: `代码表“${format.codes}”得出“${named}”，回盘结果中没有它`,
          en: `table '${format.codes}' gives '${named}', which is none of the outcomes`,
          expected: `${named}: { class: … }`,
          guess: guessWord(named, known),
        },
        'key',
      );
}

/** What a deduction tells by itself: no outcome may be called so. */
const TOLD: readonly string[] = ['sent', 'returned', 'done', 'late', ...REFUND_EVENTS];

function checkRoutes(reader: Reader, deduction: Deduction): void {
  for (const { id, class: kind, if: condition, open, else: other } of Object.values(deduction.outcomes)) {
    const refuse = (word: string | null, zh: string, en: string, expected: string): void =>
      reader.tell(['outcomes', id, ...(word === null ? [] : [word])], { code: 'outcome-route', zh, en, expected }, 'key');
    if (TOLD.includes(id))
      refuse(
        null,
        `“${id}”是代扣自己的事件，结果须另取名`,
        `'${id}' is an event of every deduction: call the outcome otherwise`,
        'outcomes: …',
      );
    if (condition !== null && open === null && other === null)
      refuse('if', '有“if”却没有去向', "'if' chooses between nothing", 'open: … | else: …');
    if (condition === null && other !== null) refuse('else', '没有“if”，不会走“else”', "without 'if' there is no 'else'", 'if: …');
    if (kind === 'success' && (open !== null || other !== null))
      refuse(
        open === null ? 'else' : 'open',
        '已扣的不开办件：到账即结',
        'what was taken opens no case: it ends when the money arrives',
        'class: success',
      );
    if (kind === 'stop' && (open === null || (condition !== null && other === null)))
      refuse(
        null,
        '停扣的须都开启办件，否则无人能放行',
        'what stops must open a case in every case, else nobody could free it',
        'open: … (else: …)',
      );
  }
}

function checkColumns(reader: Reader, word: 'gives' | 'takes', format: Format | undefined, wanted: readonly string[]): void {
  if (!format) return;
  const detail = format.detail.map(({ id }) => id);
  const missing = wanted.filter((id) => !detail.includes(id));
  if (!detail.includes('batch') && format.header?.some(({ id }) => id === 'batch') !== true) missing.push('batch');
  if (missing.length > 0)
    reader.tell([word], {
      code: 'column-missing',
      zh: `格式“${format.id}”缺少列：${missing.join('、')}`,
      en: `format '${format.id}' has no column ${missing.join(', ')}`,
      expected: [...wanted, 'batch'].join(', '),
    });
}

/** Whatever a request holds is written by the cycle: each column is a constant, may be empty, is stated by a control total, or is one that the cycle knows. */
function checkRequest(ledger: Ledger, format: Format | undefined): void {
  const item = format && ledger.book.items.formats.get(format.id);
  if (!item) return;
  const reader = Reader.of(ledger, item);
  for (const { kind, columns } of recordsOf(format)) {
    const known: Readonly<Record<string, ColumnHolds>> = kind === 'detail' ? REQUEST_LINE : REQUEST_FILE;
    const stated = kind === 'detail' ? [] : statedColumns(format, kind);
    columns.forEach((column, i) => {
      const { id, value, empty } = column;
      const holds = known[id];
      if (value !== null || stated === null || stated.includes(id)) return;
      if (holds !== undefined) return checkHolds(reader, [kind, i], column, holds);
      if (empty === null)
        reader.tell([kind, i, 'id'], {
          code: 'column-sourceless',
          zh: `代扣没有“${id}”可写：用所列标识之一，或写常值 value、空值 empty，或由控制合计得出`,
          en: `a deduction has nothing to write in '${id}': call it one of these, or give it a \`value\`, an \`empty\`, or a control total`,
          expected: Object.keys(known).join(', '),
          guess: guessWord(id, Object.keys(known)),
        });
    });
  }
  const parts = new Set(format.file?.map((part) => (part.kind === 'column' ? `column ${part.column}` : part.kind)) ?? ['column batch']);
  if (!parts.has('column batch') && !(parts.has('seq') && parts.has('date')))
    reader.tell(['file'], {
      code: 'bad-pattern',
      zh: '请求文件会重名：文件名须含 {batch}，或同时含 {yyyyMMdd} 和 {seq:3}',
      en: 'two requests would have one name: it needs {batch}, or both {yyyyMMdd} and {seq:3}',
      expected: 'DK{yyyyMMdd}{seq:3}.txt',
    });
}

/** null = the control totals cannot be read, which is told elsewhere. */
function statedColumns(format: Format, record: 'header' | 'trailer'): readonly string[] | null {
  try {
    return controlledColumns({ format }, record);
  } catch {
    return null;
  }
}

function checkHolds(reader: Reader, path: Path, { id, type }: FormatColumn, holds: ColumnHolds): void {
  const fits = HOLDS[holds];
  if (!fits.includes(type))
    reader.tell([...path, 'type'], {
      code: 'value-unfit',
      zh: `代扣的“${id}”类型应为 ${fits.join('、')}`,
      en: `'${id}' of a deduction is of type ${fits.join(' or ')}`,
      expected: `type: ${fits.join(' | ')}`,
    });
}

/** Each of these is held against what was sent, by the first that the return has. */
const COMPARED: readonly (readonly (keyof typeof RETURN_LINE)[])[] = [['account'], ['name'], ['amount', 'due', 'taken']];

/** What the return says of a line can be read; what it does not carry is not compared, and that is told. */
function checkReturn(ledger: Ledger, reader: Reader, format: Format | undefined): void {
  const item = format && ledger.book.items.formats.get(format.id);
  if (!item) return;
  const known: Readonly<Record<string, ColumnHolds>> = RETURN_LINE;
  format.detail.forEach((column, i) => {
    const holds = known[column.id];
    // A constant says nothing of a line; the type of `line` is checked with the format.
    if (holds !== undefined && column.id !== 'line' && column.value === null)
      checkHolds(Reader.of(ledger, item), ['detail', i], column, holds);
  });
  const own = format.detail.filter(({ value, type }) => value === null && type !== 'code').map(({ id }) => id);
  const missing = COMPARED.filter((any) => !any.some((id) => own.includes(id))).map(([id]) => id);
  if (missing.length === 0) return;
  const others = own.filter((id) => known[id] === undefined && id !== 'batch');
  const also = (before: string, between: string): string => (others.length === 0 ? '' : `${before}${others.join(between)}`);
  reader.warn(['takes'], {
    code: 'not-compared',
    zh: `格式“${format.id}”没有列 ${missing.join('、')}：回盘的这些不与所送核对${also('；不认识的列：', '、')}`,
    en: `format '${format.id}' has no column ${missing.join(', ')}: they are not compared with what was sent${also('; columns that a deduction does not know: ', ', ')}`,
    expected: missing.join(', '),
  });
}
