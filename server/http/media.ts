import { z } from 'zod';
import { csvOf } from '../../activities/reports/render/csv.js';
import type { Sheet } from '../../activities/reports/render/sheet.js';
import { xlsxOf } from '../../activities/reports/render/xlsx.js';

/** Files that the API hands out, by their kind. */
export const MEDIA = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  png: 'image/png',
} as const;
export type SheetKind = Exclude<keyof typeof MEDIA, 'png'>;

/** Bytes; published as a binary string. */
export const bytes = z.custom<Buffer>((value) => Buffer.isBuffer(value)).meta({ override: { type: 'string', format: 'binary' } });

/** A file to keep under this name. */
export const attached = (name: string, kind: keyof typeof MEDIA): Record<string, string> => ({
  'Content-Disposition': `attachment; filename="${name}.${kind}"`,
});

export const sheetFile = (sheet: Sheet, kind: SheetKind): Promise<Buffer> =>
  kind === 'csv' ? Promise.resolve(csvOf(sheet)) : xlsxOf(sheet);
