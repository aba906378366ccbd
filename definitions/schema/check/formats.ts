import type { Definition } from '../../../domain/model/definition.js';
import { UNKNOWN_OUTCOME, type Format, type FormatColumn } from '../../../domain/model/format.js';
import { recognition, recordsOf, tagOf } from '../../../domain/formats/records.js';
import type { Path } from '../text/problem.js';
import { Reader, type Ledger } from '../resolve/reader.js';

/** What concerns several columns of a format, or a format and its table. */
export function checkFormats(ledger: Ledger, definition: Definition): void {
  for (const format of Object.values(definition.formats ?? {})) {
    const item = ledger.book.items.formats.get(format.id);
    if (!item) continue;
    const reader = Reader.of(ledger, item);
    for (const { kind, columns } of recordsOf(format)) {
      checkIds(reader, [kind], columns);
      columns.forEach((column, i) => checkColumn(reader, [kind, i], format, column));
      if (format.separator === null) checkBytes(reader, [kind], columns);
    }
    checkTags(reader, format);
    checkSeparator(reader, format);
    checkCodes(reader, definition, format);
    if (format.bom && format.charset === 'GBK')
      reader.tell(['bom'], { code: 'value-unfit', zh: 'GBK没有字节序标记', en: 'GBK has no byte order mark', expected: 'false' });
  }
}

function checkIds(reader: Reader, path: Path, columns: readonly FormatColumn[]): void {
  const seen = new Map<string, number>();
  columns.forEach(({ id, type }, i) => {
    const before = seen.get(id);
    if (before !== undefined)
      reader.tell([...path, i, 'id'], {
        code: 'column-twice',
        zh: `列“${id}”已是第${before + 1}列`,
        en: `column '${id}' is already column ${before + 1}`,
      });
    seen.set(id, i);
    if (id === 'line' && type !== 'count')
      reader.tell([...path, i, 'id'], {
        code: 'value-unfit',
        zh: '“line”是行号，类型应为 count',
        en: "'line' is the line's number",
        expected: 'type: count',
      });
  });
}

/** Bytes follow each other from 1 without gap or overlap, in written order. */
function checkBytes(reader: Reader, path: Path, columns: readonly FormatColumn[]): void {
  let next = 1;
  for (const [i, { id, bytes }] of columns.entries()) {
    if (bytes === null) return;
    const expected = `bytes: ${next}-${next + bytes.to - bytes.from}`;
    if (bytes.from > next)
      reader.tell([...path, i, 'bytes'], {
        code: 'bytes-gap',
        zh: `“${id}”之前空出第${next}至${bytes.from - 1}字节（留空请写一列 value: ""）`,
        en: `bytes ${next} to ${bytes.from - 1} before '${id}' belong to no column (a filler is a column with value: "")`,
        expected,
      });
    else if (bytes.from < next)
      reader.tell([...path, i, 'bytes'], {
        code: 'bytes-overlap',
        zh: `“${id}”从第${bytes.from}字节起，与前一列重叠（前一列到第${next - 1}字节）`,
        en: `'${id}' begins at byte ${bytes.from}, the column before it ends at ${next - 1}`,
        expected,
      });
    next = Math.max(next, bytes.to + 1);
  }
}

const ASCII = /^[\x20-\x7e]*$/;

function checkColumn(reader: Reader, path: Path, format: Format, column: FormatColumn): void {
  const { fill, align, type, value, bytes, empty } = column;
  const figure = type !== 'text' && type !== 'code';
  if (bytes !== null && (!ASCII.test(fill) || (figure && /[1-9.+-]/.test(fill))))
    reader.tell([...path, 'fill'], {
      code: 'bad-fill',
      zh: `不能以“${fill}”补位`,
      en: `'${fill}' cannot fill a column up`,
      expected: '" " | "0"',
    });
  else if (figure && fill === '0' && align === 'left')
    reader.tell([...path, 'align'], {
      code: 'bad-fill',
      zh: '数字靠左补零后无法读回（12 与 1200 分不清）',
      en: 'a figure on the left filled with zeros cannot be read back (12 and 1200 look alike)',
      expected: 'align: right | fill: " "',
    });
  if (empty !== null && /^0*\d+$/.test(empty) && ['count', 'fen', 'money'].includes(type))
    reader.tell([...path, 'empty'], {
      code: 'value-unfit',
      zh: `“${empty}”是一个数，不能表示无内容`,
      en: `'${empty}' is a figure and cannot mean nothing`,
      expected: '""',
    });
  const written = typeof value === 'string' ? value : empty;
  if (written !== null && bytes !== null && ASCII.test(written) && written.length > bytes.to - bytes.from + 1)
    reader.tell([...path, typeof value === 'string' ? 'value' : 'empty'], {
      code: 'value-unfit',
      zh: `“${written}”有${written.length}字节，列只有${bytes.to - bytes.from + 1}字节`,
      en: `'${written}' has ${written.length} bytes, the column ${bytes.to - bytes.from + 1}`,
    });
  if (written !== null && format.separator !== null && written.includes(format.separator))
    reader.tell([...path, typeof value === 'string' ? 'value' : 'empty'], {
      code: 'value-unfit',
      zh: `“${written}”含有分隔符`,
      en: `'${written}' holds the separator`,
    });
}

function checkTags(reader: Reader, format: Format): void {
  if (recognition(format) === 'tags' || (recognition(format) !== null && format.trailer === null && !tagsMeant(format))) return;
  const [first, ...others] = recordsOf(format);
  const [tag, known] = [first ? tagOf(first.columns) : null, new Map<string, string>()];
  for (const { kind, columns } of [...(first ? [first] : []), ...others]) {
    const own = tagOf(columns);
    const moved =
      own !== null && tag !== null && (format.separator === null ? own.from !== tag.from || own.to !== tag.to : own.index !== tag.index);
    if (own === null || moved)
      reader.tell(
        [kind],
        {
          code: 'tag-missing',
          zh: moved ? `“${kind}”的记录标志与“${first?.kind}”不在同一位置` : `“${kind}”没有记录标志，各种记录无法区分`,
          en: moved
            ? `the tag of '${kind}' stands elsewhere than that of '${first?.kind}'`
            : `'${kind}' has no tag: the records cannot be told apart`,
          expected: '{ id: tag, value: "D" }',
        },
        'key',
      );
    else if (known.has(own.text))
      reader.tell([kind, own.index, 'value'], {
        code: 'tag-shared',
        zh: `“${known.get(own.text)}”也以“${own.text}”为记录标志`,
        en: `'${known.get(own.text)}' has the tag '${own.text}' too`,
      });
    if (own !== null) known.set(own.text, kind);
  }
}

/** A header whose tag the detail lines share was meant to be told apart by it. */
function tagsMeant(format: Format): boolean {
  const [header, detail] = [format.header && tagOf(format.header), tagOf(format.detail)];
  return header != null && detail !== null;
}

function checkSeparator(reader: Reader, { separator, quotes, detail, header, trailer }: Format): void {
  if (separator === null) return;
  if (!/^[\x20-\x7e\t]{1,5}$/.test(separator) || /[A-Za-z0-9]/.test(separator) || (quotes !== null && separator.includes(quotes)))
    reader.tell(['separator'], {
      code: 'bad-separator',
      zh: `“${separator}”不能作分隔符`,
      en: `'${separator}' cannot separate columns`,
      expected: '1-5 个符号 / 1 to 5 signs: "|", ",", "\\t", "@|@"',
    });
  if (quotes !== null && !/^["'`^~]$/.test(quotes))
    reader.tell(['quotes'], { code: 'bad-separator', zh: `“${quotes}”不能作引号`, en: `'${quotes}' cannot be a quote`, expected: '"' });
  if (
    ['.', '-', '+'].includes(separator) &&
    [...(header ?? []), ...detail, ...(trailer ?? [])].some(({ type }) => type === 'money' || type === 'date')
  )
    reader.tell(['separator'], {
      code: 'bad-separator',
      zh: `“${separator}”也出现在金额或日期中`,
      en: `'${separator}' stands in amounts or days too`,
      expected: '"|"',
    });
}

function checkCodes(reader: Reader, definition: Definition, format: Format): void {
  const others = recordsOf(format).filter(({ kind }) => kind !== 'detail');
  for (const { kind, columns } of others)
    columns.forEach(({ type }, i) => {
      if (type === 'code')
        reader.tell([kind, i, 'type'], {
          code: 'code-column',
          zh: '返回码只在明细中',
          en: 'only a detail line has a code',
          expected: 'text',
        });
    });
  const [first, second] = format.detail.flatMap(({ type }, i) => (type === 'code' ? [i] : []));
  if (second !== undefined)
    reader.tell(['detail', second, 'type'], {
      code: 'code-column',
      zh: '只能有一列返回码',
      en: 'only one column is the code',
      expected: 'text',
    });
  if (first !== undefined && format.codes === null)
    reader.tell(['detail', first, 'type'], {
      code: 'code-column',
      zh: '有返回码列，须写代码表 codes',
      en: "a code column needs the table in 'codes'",
      expected: 'codes: …',
    });
  if (format.codes === null) return;
  if (first === undefined)
    reader.tell(['codes'], {
      code: 'code-column',
      zh: '写了代码表，明细中却没有返回码列',
      en: 'there is a table of codes but no code column in the detail',
      expected: '{ id: code, type: code }',
    });
  const table = definition.tables[format.codes];
  if (!table) return;
  const [input, ...more] = table.inputs;
  const outcome = table.outputs.find(({ id }) => id === 'outcome');
  const fallback = table.else === null || (table.else.kind === 'value' && table.else.values['outcome'] === UNKNOWN_OUTCOME);
  if (input?.type !== 'text' || more.length > 0 || outcome?.type !== 'text' || !fallback || table.hit.kind !== 'one')
    reader.tell(['codes'], {
      code: 'codes-table',
      zh: `“${format.codes}”不是代码表：应由一列 text 得出 outcome，未列者为 unknown`,
      en: `'${format.codes}' is no table of codes: one text input, an output 'outcome', and unlisted codes unknown`,
      expected: 'inputs: { code: text }, outputs: { outcome: text }, else: unknown',
    });
}
