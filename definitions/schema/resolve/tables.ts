import { createHash } from 'node:crypto';
import type { Cell, Column, Gap, HitPolicy, Table, Value } from '../../../domain/model/definition.js';
import { parseCell, parseValue } from '../../../domain/rules/cells.js';
import { guessWord } from '../text/guess.js';
import type { Path } from '../text/problem.js';
import { valueTypes } from '../written/words.js';
import { folderOf, textOfFile, tidyPath, type Item } from './book.js';
import { elementOf, typeOf } from './common.js';
import { Reader, type Ledger } from './reader.js';

type WrittenTable = NonNullable<Item<'tables'>['written']>;
type Scalar = string | number | boolean;

export function tableOf(ledger: Ledger, item: Item<'tables'>, written: WrittenTable): Table {
  const reader = Reader.of(ledger, item);
  const headings = typeof written.load === 'object' ? (written.load.columns ?? {}) : {};
  const inputs = columnsOf(reader, 'inputs', written.inputs, headings);
  const outputs = columnsOf(reader, 'outputs', written.outputs, headings);
  const columns = [...inputs, ...outputs];
  for (const id of Object.keys(headings))
    if (!columns.some((column) => column.id === id))
      reader.tell(
        ['load', 'columns', id],
        {
          code: 'column-missing',
          zh: `表中没有列“${id}”`,
          en: `the table has no column '${id}'`,
          expected: columns.map((c) => c.id).join(', '),
          guess: guessWord(
            id,
            columns.map((c) => c.id),
          ),
        },
        'key',
      );
  if ((written.rows === undefined) === (written.load === undefined))
    reader.tell(
      [],
      { code: 'table-source', zh: '表须写“rows”或“load”之一', en: "a table has either 'rows' or 'load'", expected: 'rows | load' },
      'key',
    );
  const rows = (written.rows ?? []).flatMap((row, r) => {
    if (row.length !== columns.length) {
      reader.tell(['rows', r], {
        code: 'row-width',
        zh: `第${r + 1}行有${row.length}格，应有${columns.length}格`,
        en: `row ${r + 1} has ${row.length} cells, not ${columns.length}`,
        expected: columns.map((c) => c.id).join(', '),
      });
      return [];
    }
    return [
      {
        when: inputs.map((column, c) => cellOf(reader, ['rows', r, c], column, row[c] ?? '')),
        then: outputs.map((column, c) => outputOf(reader, ['rows', r, inputs.length + c], column, row[inputs.length + c] ?? '')),
      },
    ];
  });
  return {
    ...elementOf(reader, item.id, written),
    inputs,
    outputs,
    rows,
    load: loadOf(reader, written, columns),
    hit: hitOf(reader, written.hit, outputs),
    else: elseOf(reader, written.else, outputs),
    totals: totalsOf(reader, written.totals, outputs),
    deny: written.deny === undefined ? null : reader.cel(['deny'], written.deny, { kind: 'table', table: item.id }),
    provisional: reader.maybeRef(['provisional'], ['tables'], written.provisional),
  };
}

function columnsOf(
  reader: Reader,
  side: 'inputs' | 'outputs',
  written: Readonly<Record<string, string>>,
  headings: Readonly<Record<string, string>>,
): readonly Column[] {
  return Object.entries(written).map(([id, type]) => {
    if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(id))
      reader.tell(
        [side, id],
        { code: 'bad-id', zh: `“${id}”不能作列标识`, en: `'${id}' cannot be a column id`, expected: 'camelCase' },
        'key',
      );
    const unit = type === 'group' || reader.has('levels', type);
    const known = unit || valueTypes.some((one) => one === type);
    if (known) return { id, type, from: headings[id] ?? null };
    const guess = guessWord(type, [...valueTypes, ...reader.ledger.book.items.levels.keys()]);
    if (guess !== null && !valueTypes.some((one) => one === guess)) {
      reader.tell([side, id], {
        code: 'not-in-list',
        zh: `没有类型或层级“${type}”`,
        en: `there is no type or level '${type}'`,
        expected: valueTypes.join(' | '),
        guess,
      });
      return { id, type: 'text', from: headings[id] ?? null };
    }
    return { id, type: typeOf(reader, [side, id], type), from: headings[id] ?? null };
  });
}

function valueOf(reader: Reader, path: Path, column: Column, written: Scalar): Value {
  if (column.type === 'phase' && typeof written === 'string') return reader.ref(path, ['phases'], written);
  const read = parseValue(written, column.type);
  if (read.ok) return read.value;
  reader.tell(path, { code: 'bad-cell', zh: read.zh, en: read.en, expected: `${column.id}: ${column.type}` });
  return '';
}

/** `300`, `a | b`, `16..19`, `25..`, `16..<20`, `any`, `$parameter`. */
function cellOf(reader: Reader, path: Path, column: Column, written: Scalar): Cell {
  const read = parseCell(written, column.type);
  if (!read.ok) {
    reader.tell(path, {
      code: 'bad-cell',
      zh: read.zh,
      en: read.en,
      expected: `${column.id}: ${column.type}; a | b, 16..19, 25.., 16..<20, any, $parameter`,
    });
    return { kind: 'any' };
  }
  const { cell } = read;
  if (cell.kind === 'parameter') {
    const parameter = reader.parameter(path, cell.parameter);
    reader.parameterType(path, parameter, [column.type]);
    return { kind: 'parameter', parameter };
  }
  if (cell.kind === 'oneOf' && (column.type === 'phase' || column.type === 'group'))
    return {
      kind: 'oneOf',
      values: cell.values.map((value) => reader.ref(path, [column.type === 'phase' ? 'phases' : 'groups'], String(value))),
    };
  return cell;
}

function outputOf(reader: Reader, path: Path, column: Column, written: Scalar): Value | { readonly parameter: string } {
  const name = typeof written === 'string' ? /^\$([A-Za-z]\w*)$/.exec(written.trim())?.[1] : undefined;
  if (name === undefined) return valueOf(reader, path, column, written);
  const parameter = reader.parameter(path, name);
  reader.parameterType(path, parameter, [column.type]);
  return { parameter };
}

function loadOf(reader: Reader, written: WrittenTable, columns: readonly Column[]): Table['load'] {
  const { load } = written;
  if (load === undefined) return null;
  const file = typeof load === 'object' ? load.file : load.endsWith('.csv') ? load : null;
  if (file === null) {
    const role = load as string;
    const leads = reader.ledger.book.head?.leads;
    return { kind: 'role', role: role === 'leads' && leads !== undefined ? leads : reader.ref(['load'], ['roles'], role, ['leads']) };
  }
  const path = typeof load === 'object' ? ['load', 'file'] : ['load'];
  const text = /^[\w.-]+$/.test(file) ? textOfFile(reader.ledger.book.readFile, tidyPath(`${folderOf(reader.source.file)}/${file}`)) : null;
  if (text === null) {
    reader.tell(path, {
      code: 'file-missing',
      zh: `没有文件“${file}”（须与本文件同目录）`,
      en: `there is no file '${file}' beside this one`,
      expected: '*.csv',
    });
    return { kind: 'file', file, digest: '' };
  }
  const headings = (text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '').split(',').map((one) => one.trim().replace(/^"(.*)"$/, '$1'));
  for (const column of columns) {
    const heading = column.from ?? column.id;
    if (headings.includes(heading)) continue;
    reader.tell(path, {
      code: 'column-missing',
      zh: `文件“${file}”没有列“${heading}”`,
      en: `file '${file}' has no column '${heading}'`,
      expected: headings.join(', '),
      guess: guessWord(heading, headings),
    });
  }
  return {
    kind: 'file',
    file,
    digest: createHash('sha256')
      .update(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'), 'utf8')
      .digest('hex'),
  };
}

function hitOf(reader: Reader, written: string | undefined, outputs: readonly Column[]): HitPolicy {
  if (written === undefined || written === 'one') return { kind: 'one' };
  if (written === 'first' || written === 'all') return { kind: written };
  const output = /^highest\s+(\w+)$/.exec(written)?.[1];
  if (output !== undefined && outputs.some((column) => column.id === output)) return { kind: 'highest', output };
  const known = ['one', 'first', 'all', ...outputs.map((column) => `highest ${column.id}`)];
  reader.tell(['hit'], {
    code: 'not-in-list',
    zh: `没有命中规则“${written}”`,
    en: `there is no hit rule '${written}'`,
    expected: known.join(' | '),
    guess: guessWord(written, known),
  });
  return { kind: 'one' };
}

function elseOf(reader: Reader, written: WrittenTable['else'], outputs: readonly Column[]): Gap | null {
  if (written === undefined) return null;
  if (written === 'refuse' || written === 'person') return { kind: written };
  if (typeof written === 'object') {
    const values = Object.entries(written).flatMap(([id, value]) => {
      const column = outputs.find((one) => one.id === id);
      if (column) return [[id, valueOf(reader, ['else', id], column, value)] as const];
      reader.tell(
        ['else', id],
        {
          code: 'column-missing',
          zh: `没有输出列“${id}”`,
          en: `there is no output '${id}'`,
          expected: outputs.map((c) => c.id).join(', '),
          guess: guessWord(
            id,
            outputs.map((c) => c.id),
          ),
        },
        'key',
      );
      return [];
    });
    for (const column of outputs)
      if (!(column.id in written))
        reader.tell(
          ['else'],
          { code: 'missing-key', zh: `缺少输出列“${column.id}”`, en: `output '${column.id}' is missing`, expected: `${column.id}: …` },
          'key',
        );
    return { kind: 'value', values: Object.fromEntries(values) };
  }
  const [only] = outputs;
  if (outputs.length !== 1 || !only) {
    reader.tell(['else'], {
      code: 'bad-value',
      zh: '有几个输出列，须逐列写明',
      en: 'there are several outputs: write a value for each',
      expected: '{ output: value }',
    });
    return null;
  }
  return { kind: 'value', values: { [only.id]: valueOf(reader, ['else'], only, written) } };
}

function totalsOf(
  reader: Reader,
  written: Readonly<Record<string, number>> | undefined,
  outputs: readonly Column[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(written ?? {}).map(([id, total]) => {
      const column = outputs.find((one) => one.id === id && (one.type === 'count' || one.type === 'money'));
      if (column) return [id, Number(valueOf(reader, ['totals', id], column, total))];
      const known = outputs.filter((one) => one.type === 'count' || one.type === 'money').map((one) => one.id);
      reader.tell(
        ['totals', id],
        {
          code: 'column-missing',
          zh: `没有可合计的列“${id}”`,
          en: `there is no column '${id}' to add up`,
          expected: known.join(', '),
          guess: guessWord(id, known),
        },
        'key',
      );
      return [id, 0];
    }),
  );
}
