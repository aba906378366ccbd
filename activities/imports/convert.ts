import { isDate } from '../../domain/calendar/dates.js';
import type { Value } from '../../domain/model/definition.js';
import { readAccountNumber } from '../../domain/people/bank-account.js';
import { checkResidentId } from '../../domain/people/resident-id.js';
import { clean, nameKey, readCount, readDay, readMoney, squeeze, type Cell } from './cell.js';
import type { Field } from './fields.js';
import type { RowProblemCode } from './problem.js';

export type Converted =
  | { readonly ok: true; readonly value: string | number | null }
  | { readonly ok: false; readonly code: RowProblemCode; readonly params: Readonly<Record<string, Value>> };

const EMPTY: Converted = { ok: true, value: null };
const bad = (code: RowProblemCode, params: Readonly<Record<string, Value>> = {}): Converted => ({ ok: false, code, params });
/** What is echoed of a cell; ID numbers, accounts and phones never are. */
const shown = (text: string): Readonly<Record<string, Value>> => ({ text: text.slice(0, 40) });

/**
 * A cell as a value of its field: money in fen, counts and years as numbers, days as `YYYY-MM-DD`, ID numbers checked and normalised, lists
 * joined with `,`. Null for an empty cell. `lenientId`: a wrong ID number is handed on as `!code` (money has moved: the row stays readable).
 */
export function convert(field: Field, cell: Cell | undefined, money: 'yuan' | 'fen', lenientId = false): Converted {
  if (cell === undefined || cell === '') return EMPTY;
  if (typeof cell !== 'string') {
    if (cell.kind === 'formula') return bad('formula-cell');
    if (cell.kind === 'error') return bad('error-cell', shown(cell.text));
    if (cell.kind === 'number' && (field.type === 'idNumber' || field.type === 'account')) return bad('number-cell');
    if (cell.kind === 'number' && (field.type === 'text' || field.type === 'phone') && !/^\d{1,15}$/.test(cell.text))
      return bad('number-cell');
  }
  const raw = typeof cell === 'string' ? cell : cell.text;
  if (raw.includes('\uFFFD')) return bad('bad-character');
  const text = clean(raw);
  if (text === '') return EMPTY;
  switch (field.type) {
    case 'text':
      return { ok: true, value: field.id === 'name' ? nameKey(text) : text };
    case 'phone':
      return { ok: true, value: squeeze(text).replace(/-/g, '') };
    case 'idNumber': {
      const checked = checkResidentId(text);
      if (checked.ok) return { ok: true, value: checked.id };
      return lenientId ? { ok: true, value: `!${checked.code}` } : bad('id-number', { reason: checked.code });
    }
    case 'account': {
      const number = readAccountNumber(text);
      return number === null ? bad('bad-account') : { ok: true, value: number };
    }
    case 'grade': {
      const grade = readGrade(text);
      return grade === null ? bad('not-grade', shown(text)) : { ok: true, value: grade };
    }
    case 'money': {
      const amount = money === 'yuan' ? readMoney(text) : /^-?\d{1,15}$/.test(text) ? Number(text) : null;
      // A workbook's 0.1 + 0.2 is no amount: its cell is rounded to fen only when that changes nothing visible.
      const rounded = amount ?? (typeof cell !== 'string' && cell.kind === 'number' ? nearFen(cell.text) : null);
      return rounded === null ? bad('not-money', shown(text)) : { ok: true, value: rounded };
    }
    case 'count': {
      const count = readCount(text);
      return count === null ? bad('not-count', shown(text)) : { ok: true, value: count };
    }
    case 'date': {
      const day = readDay(text);
      return day !== null && isDate(day) ? { ok: true, value: day } : bad('not-date', shown(text));
    }
    case 'year': {
      const found = /^((?:19|20)\d{2})(?:年度?)?$/.exec(text);
      return found ? { ok: true, value: Number(found[1]) } : bad('not-date', shown(text));
    }
    case 'yesno':
      if (/^(是|有|已缴|√|1|yes|true|y)$/i.test(text)) return { ok: true, value: 1 };
      return /^(否|无|未缴|×|0|no|false|n)$/i.test(text) ? { ok: true, value: 0 } : bad('not-code', shown(text));
    case 'list':
      return {
        ok: true,
        value: text
          .split(/[,，、;；|]/)
          .map(squeeze)
          .filter((item) => item !== '')
          .join(','),
      };
    default:
      return never(field.type);
  }
}

/** `2`, `2级`, `二级`, `死亡` (counts as the gravest): 1 to 10. */
function readGrade(text: string): number | null {
  if (text === '死亡') return 1;
  const bare = squeeze(text).replace(/级$/, '');
  const chinese = '一二三四五六七八九十'.indexOf(bare) + 1;
  if (bare.length === 1 && chinese > 0) return chinese;
  return /^([1-9]|10)$/.test(bare) ? Number(bare) : null;
}

/** `300.00000000000006` is 300 yuan: a double's noise below a thousandth of a fen. */
function nearFen(text: string): number | null {
  const fen = Number(text) * 100;
  const whole = Math.round(fen);
  return Number.isSafeInteger(whole) && Math.abs(fen - whole) < 1e-3 ? whole : null;
}

function never(type: never): never {
  throw new Error(`unknown field type ${String(type)}`);
}
