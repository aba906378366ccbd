import type { SheetRow } from './cell.js';
import { readCsv } from './read-csv.js';
import { readXlsx } from './read-xlsx.js';
import type { ImportSource, SourceFacts } from './source.js';

/** The one port behind which the file formats differ: rows in order, blank ones left out. */
export function readRows(source: ImportSource, facts: SourceFacts): AsyncGenerator<SheetRow> {
  return facts.format === 'xlsx' ? readXlsx(source, facts.size) : readCsv(source, facts.charset);
}
