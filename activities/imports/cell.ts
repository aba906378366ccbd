/**
 * A cell as it stands in the file. Everything in a CSV is text; a workbook tells more. `text` of a number is its shortest decimal form, of
 * a date `YYYY-MM-DD`.
 */
export type Cell = string | { readonly kind: 'number' | 'date' | 'boolean' | 'formula' | 'error'; readonly text: string };

/** One row of a table. `line` is the line of the file or the row of the sheet, from 1; blank rows are left out. */
export interface SheetRow {
  readonly line: number;
  readonly cells: readonly Cell[];
}

export const cellText = (cell: Cell | undefined): string => (cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text);

/** Full-width characters made half-width, blanks trimmed. */
export function clean(text: string): string {
  return /[\uFF01-\uFF5E\u3000\u00A0\t]/.test(text)
    ? text
        .replace(/[\uFF01-\uFF5E]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
        .replace(/[\u3000\u00A0\t]/g, ' ')
        .trim()
    : text.trim();
}

/** Headings, labels and unit names are compared without any blank. */
export const squeeze = (text: string): string => clean(text).replace(/\s+/g, '');

/** A Chinese name as compared: no blanks (`王 明` is `王明`), one form for private-use characters that two GB18030 tables map differently. */
export const nameKey = (text: string): string => squeeze(text).replace(/\uE81E/g, '\u9FB4');

const MONEY = /^([+-]?)(?:[￥¥])?(\d{1,3}(?:,\d{3})+|\d{1,13})(?:\.(\d{1,2})0*)?$/;

/** Yuan as offices write it (`1,234.50`, `￥300`, `300元`) to fen; null when it is no amount. */
export function readMoney(text: string): number | null {
  const found = MONEY.exec(squeeze(text).replace(/元$/, ''));
  if (!found) return null;
  const fen = Number((found[2] ?? '').replace(/,/g, '')) * 100 + Number((found[3] ?? '').padEnd(2, '0'));
  return found[1] === '-' && fen !== 0 ? -fen : fen;
}

/** A whole number, with or without 人, 户 or thousands separators; null when it is none. */
export function readCount(text: string): number | null {
  const plain = squeeze(text).replace(/[人户]$/, '');
  return /^(\d{1,9}|\d{1,3}(,\d{3})+)(\.0+)?$/.test(plain) ? Number(plain.replace(/,/g, '')) : null;
}

const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/;

/** `2020-05-25`, `2020/5/25`, `2020年5月25日`, `20200525`, with or without a time, to `YYYY-MM-DD`; null when it is no day. */
export function readDay(text: string): string | null {
  const plain = clean(text);
  const packed = /^(\d{4})(\d{2})(\d{2})$/.exec(plain);
  const found = packed ?? DAY.exec(plain);
  if (!found) return null;
  return `${found[1]}-${(found[2] ?? '').padStart(2, '0')}-${(found[3] ?? '').padStart(2, '0')}`;
}
