import type { FormatColumn } from '../model/format.js';

/** Cells of a delimited line; null = a quote that never closes or stands inside a cell. */
export function splitCells(line: string, separator: string, quotes: string | null): readonly string[] | null {
  if (quotes === null || !line.includes(quotes)) return line.split(separator);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (!line.startsWith(quotes, at)) {
      const end = line.indexOf(separator, at);
      const cell = end < 0 ? line.slice(at) : line.slice(at, end);
      if (cell.includes(quotes)) return null;
      cells.push(cell);
      if (end < 0) return cells;
      at = end + separator.length;
      continue;
    }
    let cell = '';
    at += 1;
    for (;;) {
      const end = line.indexOf(quotes, at);
      if (end < 0) return null;
      cell += line.slice(at, end);
      at = end + 1;
      if (!line.startsWith(quotes, at)) break;
      cell += quotes;
      at += 1;
    }
    cells.push(cell);
    if (at === line.length) return cells;
    if (!line.startsWith(separator, at)) return null;
    at += separator.length;
  }
}

/** Whether a cell would be cut in the wrong place: it holds the separator, or its end begins one that the following separator completes (`@|` before `@|@`). */
export const cutsWrongly = (text: string, separator: string): boolean => (text + separator).indexOf(separator) < text.length;

/** A cell as it is written: quoted when it holds the separator, a quote or begins with one; null = it cannot be written. */
export function quoteCell(text: string, separator: string, quotes: string | null): string | null {
  if (quotes === null) return cutsWrongly(text, separator) ? null : text;
  if (!cutsWrongly(text, separator) && !text.includes(quotes)) return text;
  return quotes + text.replaceAll(quotes, quotes + quotes) + quotes;
}

/** The value in a fixed-width cell: without the fill on its open side. A figure made of fill alone is what it says (`000` is 0). */
export function trimFill(text: string, { fill, align }: Pick<FormatColumn, 'fill' | 'align'>): string {
  if (align === 'left') {
    let end = text.length;
    while (end > 0 && text[end - 1] === fill) end -= 1;
    return end === text.length ? text : text.slice(0, end);
  }
  let start = 0;
  while (start < text.length && text[start] === fill) start += 1;
  return start === 0 ? text : text.slice(start);
}

/** Where the text would lose characters when read back, as they look like fill. */
export const losesEdge = (text: string, { fill, align }: Pick<FormatColumn, 'fill' | 'align'>): boolean =>
  align === 'left' ? text.endsWith(fill) : text.startsWith(fill);
