import { isDate } from '../calendar/dates.js';
import type { NamePart } from '../model/format.js';
import type { LocalDate } from '../model/ids.js';

type Pattern =
  | { readonly ok: true; readonly parts: readonly NamePart[] }
  | { readonly ok: false; readonly zh: string; readonly en: string; readonly at: number; readonly name: string | null };

/** What may stand in a file's name: no folder, no characters that a file system or a shell reads otherwise. */
const PLAIN = /^[^\s/\\:*?"<>|{}$\u0000-\u001f]*$/u; // eslint-disable-line no-control-regex

/**
 * Reads `DK{yyyyMMdd}{seq:3}.txt`. `{column}` is a column of the header, `{$parameter}` a parameter. Two pieces of open length side by side
 * could not be told apart again and are refused. `at`: where the mistake stands.
 */
export function readNamePattern(text: string, columns: readonly string[]): Pattern {
  const parts: NamePart[] = [];
  const wrong = (at: number, zh: string, en: string, name: string | null = null): Pattern => ({ ok: false, zh, en, at, name });
  let at = 0;
  for (const match of text.matchAll(/\{([^{}]*)\}|[^{}]+|[{}]/g)) {
    const [whole, inside] = match;
    at = match.index;
    if (inside === undefined) {
      if (!PLAIN.test(whole)) return wrong(at, `文件名不能含“${whole}”`, `a file name cannot hold '${whole}'`);
      parts.push({ kind: 'text', text: whole });
      continue;
    }
    const part = partOf(inside, columns);
    if (part === null) return wrong(at + 1, `文件名中没有“${inside}”`, `unknown piece '${inside}' in a file name`, inside);
    const before = parts.at(-1);
    if (before && isOpen(before) && isOpen(part))
      return wrong(at, '两个长短不定的部分之间须有文字', 'between two pieces of open length there must be a text');
    if (parts.some((one) => one.kind === part.kind && (part.kind === 'date' || part.kind === 'seq')))
      return wrong(at, `“${inside}”写了两次`, `'${inside}' is written twice`);
    parts.push(part);
  }
  return parts.length === 0 ? wrong(0, '文件名是空的', 'the file name is empty') : { ok: true, parts };
}

function partOf(inside: string, columns: readonly string[]): NamePart | null {
  if (inside === 'yyyyMMdd') return { kind: 'date' };
  const digits = /^seq:([1-9])$/.exec(inside)?.[1];
  if (digits !== undefined) return { kind: 'seq', digits: Number(digits) };
  const parameter = /^\$([A-Za-z]\w*)$/.exec(inside)?.[1];
  if (parameter !== undefined) return { kind: 'parameter', parameter };
  return columns.includes(inside) ? { kind: 'column', column: inside } : null;
}

const isOpen = ({ kind }: NamePart): boolean => kind === 'column' || kind === 'parameter';

/** A name's piece with its parameter filled in. */
export type NamePiece = Exclude<NamePart, { readonly kind: 'parameter' }>;

/** What a file's name carries. */
export interface NameGiven {
  readonly date: LocalDate | null;
  /** Number of the file on its day, from 1. */
  readonly seq: number | null;
  /** Columns as they are written in the file. */
  readonly columns: Readonly<Record<string, string>>;
}

/** The name of a file, or null where a piece is missing, a number too large for its digits, or a column unfit for a name. */
export function writeName(pieces: readonly NamePiece[], given: NameGiven): string | null {
  let name = '';
  for (const piece of pieces) {
    const text = pieceText(piece, given);
    if (text === null || !PLAIN.test(text)) return null;
    name += text;
  }
  return /^\.*$/.test(name) ? null : name;
}

function pieceText(piece: NamePiece, { date, seq, columns }: NameGiven): string | null {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'date':
      return date === null ? null : date.replaceAll('-', '');
    case 'seq':
      return seq === null || seq < 1 || String(seq).length > piece.digits ? null : String(seq).padStart(piece.digits, '0');
    case 'column': {
      const text = columns[piece.column]?.trim();
      return text === undefined || text === '' ? null : text;
    }
    default: {
      const never: never = piece;
      return never;
    }
  }
}

/** What a name says, or null when it is not of this pattern. The case of letters does not matter (banks change it). */
export function recogniseName(pieces: readonly NamePiece[], name: string): NameGiven | null {
  const source = pieces.map((piece) => {
    switch (piece.kind) {
      case 'text':
        return piece.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      case 'date':
        return '(?<yyyyMMdd>\\d{8})';
      case 'seq':
        return `(?<seq>\\d{${piece.digits}})`;
      case 'column':
        return `(?<c_${piece.column}>.+?)`;
      default: {
        const never: never = piece;
        return never;
      }
    }
  });
  const groups = new RegExp(`^${source.join('')}$`, 'iu').exec(name)?.groups;
  if (!groups && !new RegExp(`^${source.join('')}$`, 'iu').test(name)) return null;
  const day = groups?.['yyyyMMdd']?.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  if (day !== undefined && !isDate(day)) return null;
  const seq = groups?.['seq'];
  const columns = Object.entries(groups ?? {}).flatMap(([group, text]) =>
    group.startsWith('c_') ? [[group.slice(2), text] as const] : [],
  );
  return {
    date: day ?? null,
    seq: seq === undefined ? null : Number(seq),
    columns: Object.fromEntries(columns),
  };
}
