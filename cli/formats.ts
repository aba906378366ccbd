import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { readValue, printProblem } from '../definitions/schema/index.js';
import { layoutOf, type Layout } from '../domain/formats/layout.js';
import type { Definition, Table } from '../domain/model/definition.js';
import type { ParameterValue, Setting, TableRow } from '../domain/model/setting.js';
import { parseValue } from '../domain/rules/cells.js';
import { RuleError } from '../domain/rules/errors.js';
import type { Context } from './context.js';
import { isMissing } from './errors.js';
import { EXIT, Failure, wrongUsage } from './failure.js';
import { loadFile } from './verbs/offline.js';

/** How a format is named on the command line. */
export interface FormatWanted {
  readonly definition: string;
  readonly format: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly table?: Readonly<Record<string, string>>;
}

/** A format of a definition file, with the parameters and the table of codes that are given here. `codesKnown`: the bank's codes are at hand. */
export function layoutFor(
  context: Context,
  { definition: file, format: id, set = {}, table = {} }: FormatWanted,
): { readonly layout: Layout; readonly codesKnown: boolean } {
  const loaded = loadFile(context, file);
  if (!loaded.ok) {
    context.around.err.write(`${loaded.problems.map(printProblem).join('\n')}\n`);
    throw new Failure(EXIT.refused, 'definition-refused', {
      zh: '定义文件有误，先改正。',
      en: 'The definition has mistakes: correct them first.',
    });
  }
  const { definition, digest } = loaded;
  const known = Object.keys(definition.formats ?? {});
  if (!known.includes(id))
    throw wrongUsage('unknown-format', `没有文件格式“${id}”，有：${known.join('、')}`, `No format '${id}'; there are: ${known.join(', ')}`);
  const tables = Object.fromEntries(Object.entries(table).map(([name, path]) => [name, tableFrom(context, definition, name, path)]));
  const setting: Setting = {
    definition,
    definitionDigest: digest,
    year: Number(definition.from.slice(0, 4)),
    parameters: parametersFrom(definition, set),
    tables,
    calendar: { id: 'none', years: {} },
    units: [],
  };
  const codes = definition.formats?.[id]?.codes ?? null;
  try {
    return {
      layout: layoutOf(setting, id, 'optional'),
      codesKnown: codes === null || definition.tables[codes]?.load === null || codes in tables,
    };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw wrongUsage(error.code, `${error.zh}（--set 名称=值）`, `${error.en} (--set name=value)`);
  }
}

function parametersFrom(definition: Definition, set: Readonly<Record<string, string>>): Readonly<Record<string, ParameterValue>> {
  return Object.fromEntries(
    Object.entries(set).map(([id, written]) => {
      const parameter = definition.parameters[id];
      if (!parameter) throw wrongUsage('unknown-parameter', `没有参数“${id}”`, `No parameter '${id}'`);
      const read = readValue(parameter.type, written);
      if (!read.ok) throw wrongUsage('bad-parameter', `“${id}”：${read.zh}`, `${id}: ${read.en}`);
      return [id, { value: read.value, perUnit: {} }];
    }),
  );
}

/** A table as CSV with the ids (or `from` names) of its columns as headings, in UTF-8 or GB18030 as a spreadsheet saves it. */
function tableFrom(context: Context, definition: Definition, id: string, path: string): readonly TableRow[] {
  const table = definition.tables[id];
  if (!table) throw wrongUsage('unknown-table', `没有表“${id}”`, `No table '${id}'`);
  const rows: unknown = parse(textOf(context.file(path)), { columns: true, bom: true, skip_empty_lines: true, trim: true });
  if (!Array.isArray(rows)) return [];
  return rows.map((row: unknown, n) => rowFrom(table, row, `${path}:${n + 2}`));
}

function rowFrom(table: Table, row: unknown, place: string): TableRow {
  return Object.fromEntries(
    [...table.inputs, ...table.outputs].map(({ id, type, from }) => {
      const written: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, from ?? id) : undefined;
      if (typeof written !== 'string')
        throw wrongUsage('missing-column', `${place} 没有列“${from ?? id}”`, `${place} has no column '${from ?? id}'`);
      const read = parseValue(written, type);
      if (!read.ok) throw wrongUsage('bad-cell', `${place} ${read.zh}`, `${place} ${read.en}`);
      return [id, read.value];
    }),
  );
}

function textOf(path: string): string {
  const bytes = bytesOf(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw wrongUsage('file-missing', `没有文件：${path}`, `No such file: ${path}`);
  }
}
