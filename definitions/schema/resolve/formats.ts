import type { Format, FormatColumn } from '../../../domain/model/format.js';
import { readNamePattern } from '../../../domain/formats/file-name.js';
import { guessWord } from '../text/guess.js';
import type { Path } from '../text/problem.js';
import type { Item } from './book.js';
import { elementOf } from './common.js';
import { Reader, type Ledger } from './reader.js';

type WrittenFormat = NonNullable<Item<'formats'>['written']>;
type WrittenColumn = WrittenFormat['detail'][number];

const RECORDS = ['header', 'detail', 'trailer'] as const;
const FIGURES = ['count', 'money', 'fen', 'date', 'yyyyMMdd'];

/** Reads a format: defaults explicit, references checked. What concerns several columns is checked in `check/formats.ts`. */
export function formatOf(ledger: Ledger, item: Item<'formats'>, written: WrittenFormat): Format {
  const reader = Reader.of(ledger, item);
  const fixed = written.separator === undefined;
  const [header = null, detail = [], trailer = null] = RECORDS.map(
    (record) => written[record]?.map((column, i) => columnOf(reader, [record, i], column, fixed)) ?? undefined,
  );
  for (const id of Object.keys(written.totals ?? {}))
    reader.cel(['totals', id], written.totals?.[id] ?? '', { kind: 'format', format: item.id });
  if (fixed && written.quotes !== undefined)
    reader.tell(
      ['quotes'],
      { code: 'unknown-key', zh: '定长格式不用引号', en: 'a fixed-width format has no quotes', expected: 'separator: "|"' },
      'key',
    );
  return {
    ...elementOf(reader, item.id, written),
    charset: written.charset,
    separator: written.separator ?? null,
    quotes: written.quotes ?? null,
    ends: written.ends ?? 'CRLF',
    bom: written.bom ?? false,
    file: written.file === undefined ? null : fileName(reader, written),
    header,
    detail,
    trailer,
    totals: written.totals ?? {},
    codes: reader.maybeRef(['codes'], ['tables'], written.codes),
  };
}

function columnOf(reader: Reader, path: Path, written: WrittenColumn, fixed: boolean): FormatColumn {
  if (written.type === undefined && written.value === undefined)
    reader.tell(
      path,
      {
        code: 'missing-key',
        zh: `列“${written.id}”缺少“type”`,
        en: `column '${written.id}' needs 'type'`,
        expected: 'type: … | value: "…"',
      },
      'key',
    );
  const type = written.type ?? 'text';
  const figure = FIGURES.includes(type);
  const misplaced: readonly (readonly ['fill' | 'align' | 'decimals' | 'empty', boolean, string])[] = [
    ['fill', fixed, '定长格式 / fixed width'],
    ['align', fixed, '定长格式 / fixed width'],
    ['decimals', type === 'money', 'type: money'],
    ['empty', written.value === undefined, '没有 value 的列 / a column without `value`'],
  ];
  for (const [word, fits, where] of misplaced)
    if (written[word] !== undefined && !fits)
      reader.tell(
        [...path, word],
        { code: 'unknown-key', zh: `“${word}”在此无意义`, en: `'${word}' means nothing here`, expected: where },
        'key',
      );
  return {
    id: written.id,
    title: written.title ?? written.id,
    type,
    value: constantOf(reader, path, written.value),
    bytes: bytesOf(reader, path, written, fixed),
    fill: written.fill ?? (figure ? '0' : ' '),
    align: written.align ?? (figure ? 'right' : 'left'),
    decimals: written.decimals ?? 'two',
    empty: written.empty ?? null,
  };
}

function constantOf(reader: Reader, path: Path, written: string | undefined): FormatColumn['value'] {
  const name = written === undefined ? undefined : /^\$([A-Za-z]\w*)$/.exec(written)?.[1];
  if (name === undefined) return written ?? null;
  const parameter = reader.parameter([...path, 'value'], name);
  reader.parameterType([...path, 'value'], parameter, ['text', 'code']);
  return { parameter };
}

function bytesOf(reader: Reader, path: Path, written: WrittenColumn, fixed: boolean): FormatColumn['bytes'] {
  if (fixed !== (written.bytes !== undefined)) {
    const said = fixed
      ? {
          zh: `列“${written.id}”缺少“bytes”（没有 separator 即为定长）`,
          en: `column '${written.id}' needs 'bytes' (no separator: fixed width)`,
        }
      : { zh: '有分隔符的列不写“bytes”', en: "a delimited column has no 'bytes'" };
    reader.tell(fixed ? path : [...path, 'bytes'], { code: 'bytes-needed', ...said, expected: fixed ? 'bytes: 1-12' : null }, 'key');
    return null;
  }
  if (written.bytes === undefined) return null;
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(written.bytes));
  const from = Number(found?.[1] ?? 0);
  const to = Number(found?.[2] ?? from);
  if (from >= 1 && to >= from) return { from, to };
  reader.tell([...path, 'bytes'], {
    code: 'bad-value',
    zh: `“${written.bytes}”不是字节位置`,
    en: `'${written.bytes}' is not a stretch of bytes`,
    expected: '1-12',
    guess: from > to && to >= 1 ? `${to}-${from}` : null,
  });
  return null;
}

function fileName(reader: Reader, written: WrittenFormat): Format['file'] {
  const columns = [...(written.header ?? []), ...written.detail.filter(({ id }) => id === 'batch')].map(({ id }) => id);
  const pattern = readNamePattern(written.file ?? '', columns);
  if (!pattern.ok) {
    const known = [...columns, 'yyyyMMdd', 'seq:3'];
    reader.tell(
      ['file'],
      {
        code: 'bad-pattern',
        zh: pattern.zh,
        en: pattern.en,
        expected: known.map((one) => `{${one}}`).join(', '),
        guess: pattern.name === null ? null : guessWord(pattern.name, known),
      },
      'value',
      pattern.at,
    );
    return null;
  }
  return pattern.parts.map((part) =>
    part.kind === 'parameter' ? { ...part, parameter: reader.parameter(['file'], part.parameter) } : part,
  );
}
