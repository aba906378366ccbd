import type { FileRow } from './columns.js';
import { recogniseName } from './file-name.js';
import { titleOfColumn, type Layout } from './layout.js';
import { short, type FormatProblem, type FormatProblemCode } from './problem.js';

/** A file whose name is not of the pattern, or says another batch or day than the file itself: it was renamed. */
export function nameProblems(
  layout: Layout,
  name: string,
  inside: { readonly header: FileRow | null; readonly batch: string | null },
): readonly { readonly code: FormatProblemCode; readonly params: FormatProblem['params'] }[] {
  if (layout.name === null) return [];
  const told = recogniseName(layout.name, name);
  if (told === null) return [{ code: 'file-name', params: { found: short(name) } }];
  return Object.entries(told.columns).flatMap(([id, found]) => {
    const expected = writtenInside(layout, id, inside);
    return expected === null || expected.toLowerCase() === found.toLowerCase()
      ? []
      : [
          {
            code: 'name-differs' as const,
            params: { column: id, title: titleOfColumn(layout, id), found: short(found), expected: short(expected) },
          },
        ];
  });
}

/** A column of the header as the file writes it; `batch` may stand in the lines. null = it is not there. */
function writtenInside(
  layout: Layout,
  id: string,
  { header, batch }: { readonly header: FileRow | null; readonly batch: string | null },
): string | null {
  const column = layout.header?.columns.find((one) => one.id === id);
  if (!column) return id === 'batch' ? batch : null;
  if (column.constant !== null) return column.constant;
  const value = header?.[id] ?? null;
  const written = value === null ? null : column.write(value);
  return typeof written === 'string' ? written : null;
}
