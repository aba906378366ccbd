import { clean } from './clean.js';
import { cut, pad, widthOf } from './width.js';

/** A column of a printed table. `right` for figures; `most` = cells at most, the rest is cut. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string | number | null | undefined;
  readonly right?: boolean;
  readonly most?: number;
}

/** Rows as aligned columns with a rule under the heading; ends in a newline. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) =>
    columns.map((column) => {
      const value = column.cell(row);
      const text = clean(value === null || value === undefined ? '' : String(value));
      return column.most === undefined ? text : cut(text, column.most);
    }),
  );
  const widths = columns.map((column, index) => Math.max(widthOf(column.head), ...cells.map((line) => widthOf(line[index] ?? ''))));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, columns[index]?.right === true ? 'right' : 'left'))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[line(columns.map((column) => column.head)), rule, ...cells.map(line)].join('\n')}\n`;
}
