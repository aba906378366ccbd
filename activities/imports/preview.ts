import type { Table } from '../../domain/model/definition.js';
import type { ImportKind } from '../../domain/model/import-kind.js';
import { fieldsOf, type Field } from './fields.js';
import { tellRowProblem, type RowProblem } from './problem.js';
import { guessProfile, type ImportProfile } from './profile.js';
import { readRows } from './read-rows.js';
import { inspectSource, type ImportSource, type SourceFacts } from './source.js';
import { checkCharset, firstRows, openTable, type TableRecord } from './table.js';

export interface ImportPreview {
  readonly profile: ImportProfile;
  readonly facts: SourceFacts;
  /** Headings as found, by field id where one is known. */
  readonly headings: readonly { readonly heading: string; readonly field: string | null }[];
  readonly headerLine: number;
  /** The first rows as they would be read. ID numbers are masked by the caller's right, never here. */
  readonly sample: readonly TableRecord[];
  /** Fields that are required, are not in the file and need a constant. */
  readonly missing: readonly Field[];
  readonly warnings: readonly { readonly code: string; readonly zh: string; readonly en: string }[];
}

const SAMPLE_ROWS = 10;

/**
 * What a file of `kind` looks like and how it would be read: a guessed profile to correct, store and run. Reads the head of the file only.
 * Errors: those of the readers, `header-not-found`.
 */
export async function previewImport(
  source: ImportSource,
  kind: ImportKind,
  options: { readonly table?: Table | null; readonly sourceName?: string } = {},
): Promise<ImportPreview> {
  const facts = await inspectSource(source);
  const table = options.table ?? null;
  const fields = fieldsOf(kind, table);
  const rows = readRows(source, facts);
  try {
    const head = await firstRows(rows, 40);
    checkCharset(head);
    const { profile, header } = guessProfile(head, kind, table, options.sourceName ?? source.name.replace(/\.[^.]*$/, ''));
    const byHeading = new Map(Object.entries(profile.columns).map(([field, heading]) => [heading, field]));
    const missing = fields.filter(({ id, required }) => required && profile.columns[id] === undefined);
    // What is missing may still be given as a constant: the sample is read without it.
    const readable = fields.filter(({ id }) => profile.columns[id] !== undefined);
    const opened = await openTable(asAsync(head), profile, readable, false);
    const sample: TableRecord[] = [];
    for await (const record of opened.records) if (sample.push(record) >= SAMPLE_ROWS) break;
    return {
      profile,
      facts,
      headings: header.headings.map((heading) => ({ heading, field: byHeading.get(heading) ?? null })),
      headerLine: header.line,
      sample,
      missing,
      warnings: [...sample.flatMap(({ problems }) => problems).map(warn), ...missing.map(lacking)],
    };
  } finally {
    await rows.return(undefined);
  }
}

const warn = (problem: RowProblem): { code: string; zh: string; en: string } => ({ code: problem.code, ...tellRowProblem(problem) });
const lacking = (field: Field): { code: string; zh: string; en: string } => ({
  code: 'missing-columns',
  zh: `没有“${field.names[0] ?? field.id}”列，请指定列或给出固定值`,
  en: `no column '${field.names[0] ?? field.id}': name one or give a constant`,
});

async function* asAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
