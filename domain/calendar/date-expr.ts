import type { Anchor, DateExpr, Distance, Phase } from '../model/definition.js';
import { daysInMonth, isDate } from './dates.js';
import { readDistance } from './distance.js';

/**
 * Reads a date as a definition writes it (language section 3): an anchor, then distances, then the word `outside` when the day may lie
 * beyond the definition's validity.
 *
 *   2020-05-25   05-25   02-end   start(x)   end(x)   day(10)   day($n)   due(x)   done(x)   since   opened   fact(x)
 *   birthday(60)   nextMonth(<anchor>)   $parameter        then e.g.   +10d -5wd +1m +$listWithin
 */
export type DateParse = { readonly ok: true; readonly expr: DateExpr } | { readonly ok: false; readonly error: DateParseError };

export interface DateParseError {
  readonly code: 'no-such-day' | 'bad-date-expression' | 'bad-distance';
  readonly zh: string;
  readonly en: string;
  /** 0-based place in the text. */
  readonly at: number;
  /** What would have been right here, in the words of the grammar. */
  readonly expected: string;
}

export interface DateOptions {
  readonly roll?: DateExpr['roll'];
  readonly outside?: boolean;
}

const ANCHORS =
  '2020-05-25, 05-25, 02-end, start(phase), end(phase), end(period), day(n), due(duty), done(duty), since, opened, fact(field), birthday(n), nextMonth(date) or $parameter';
const ID = '[A-Za-z][A-Za-z0-9]*';
const CALL = new RegExp(`^(start|end|due|done|fact)\\(\\s*(${ID})\\s*\\)$`);

/** `roll` and `outside` may also come from the element's own keys. Nothing is thrown: the loader reports all mistakes at once. */
export function parseDateExpr(text: string, options: DateOptions = {}): DateParse {
  const words = wordsOf(text);
  const [first, ...rest] = words;
  if (!first) return failed('bad-date-expression', '日期为空', 'empty date', 0, ANCHORS);
  const anchor = parseAnchor(first.text, first.at);
  if (!anchor.ok) return anchor;
  const distances: Distance[] = [];
  let outside = options.outside ?? false;
  for (const word of rest) {
    if (word.text === 'outside' && word === rest.at(-1)) outside = true;
    else {
      const distance = /^[+-]/.test(word.text) ? readDistance(word.text) : null;
      if (!distance)
        return failed(
          'bad-distance',
          `不是有效的时长：“${word.text}”`,
          `not a distance: '${word.text}'`,
          word.at,
          '+10d, -1m, +1y, +5wd or +$parameter',
        );
      distances.push(distance);
    }
  }
  return { ok: true, expr: { text: text.trim(), anchor: anchor.anchor, distances, roll: options.roll ?? 'none', outside } };
}

/** The phases, duties, parameters and fields a date names: the loader checks them and looks for circles. */
export function referencesOf(expr: DateExpr): {
  readonly phases: readonly Phase['id'][];
  readonly due: readonly string[];
  readonly done: readonly string[];
  readonly parameters: readonly string[];
  readonly facts: readonly string[];
  readonly period: boolean;
} {
  const found = {
    phases: [] as string[],
    due: [] as string[],
    done: [] as string[],
    parameters: [] as string[],
    facts: [] as string[],
    period: false,
  };
  let anchor = expr.anchor;
  while (anchor.kind === 'nextMonth') anchor = anchor.date;
  if (anchor.kind === 'start' || anchor.kind === 'end') {
    if (anchor.of === 'period') found.period = true;
    else found.phases.push(anchor.of);
  } else if (anchor.kind === 'day') {
    found.period = true;
    if (typeof anchor.day !== 'number') found.parameters.push(anchor.day.parameter);
  } else if (anchor.kind === 'due') found.due.push(anchor.of);
  else if (anchor.kind === 'done') found.done.push(anchor.of);
  else if (anchor.kind === 'fact') found.facts.push(anchor.field);
  else if (anchor.kind === 'parameter') found.parameters.push(anchor.parameter);
  for (const distance of expr.distances) if (distance.kind === 'parameter') found.parameters.push(distance.parameter);
  if (typeof expr.roll !== 'string') found.parameters.push(expr.roll.parameter);
  return found;
}

/** Splits at blanks outside brackets and before every sign that starts a distance. */
function wordsOf(text: string): { readonly text: string; readonly at: number }[] {
  const words: { text: string; at: number }[] = [];
  let [depth, from] = [0, -1];
  const end = (to: number): void => {
    if (from >= 0) words.push({ text: text.slice(from, to), at: from });
    from = -1;
  };
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    const blank = /\s/.test(char);
    const sign = depth === 0 && (char === '+' || (char === '-' && /[)a-z]/i.test(text.charAt(i - 1))));
    if (depth === 0 && (blank || sign)) end(i);
    if (from < 0 && !blank) from = i;
  }
  end(text.length);
  return words;
}

type AnchorParse = { readonly ok: true; readonly anchor: Anchor } | (DateParse & { readonly ok: false });

function parseAnchor(text: string, at: number): AnchorParse {
  const done = (anchor: Anchor): AnchorParse => ({ ok: true, anchor });
  const noSuchDay = (): AnchorParse =>
    failed('no-such-day', `没有“${text}”这一天`, `no such day: '${text}'`, at, 'a day that exists, YYYY-MM-DD or MM-DD');
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return isDate(text) ? done({ kind: 'date', date: text }) : noSuchDay();
  const monthDay = /^(\d{2})-(\d{2}|end)$/.exec(text);
  if (monthDay) {
    const month = Number(monthDay[1]);
    if (month < 1 || month > 12) return noSuchDay();
    if (monthDay[2] === 'end') return done({ kind: 'monthEnd', month });
    const day = Number(monthDay[2]);
    // 2000 is a leap year: 02-29 is read here and refused when the campaign's year has none.
    return day >= 1 && day <= daysInMonth(2000, month) ? done({ kind: 'monthDay', month, day }) : noSuchDay();
  }
  if (text === 'since' || text === 'opened') return done({ kind: text });
  if (new RegExp(`^\\$${ID}$`).test(text)) return done({ kind: 'parameter', parameter: text.slice(1) });
  const call = CALL.exec(text);
  if (call) {
    const of = call[2] ?? '';
    switch (call[1]) {
      case 'start':
      case 'end':
        return done({ kind: call[1], of });
      case 'due':
      case 'done':
        return done({ kind: call[1], of });
      default:
        return done({ kind: 'fact', field: of });
    }
  }
  const nth = new RegExp(`^(day|birthday)\\(\\s*(?:(\\d{1,3})|\\$(${ID}))\\s*\\)$`).exec(text);
  if (nth) {
    const n = Number(nth[2]);
    if (nth[1] === 'day') {
      if (nth[3] !== undefined) return done({ kind: 'day', day: { parameter: nth[3] } });
      return n >= 1 && n <= 31
        ? done({ kind: 'day', day: n })
        : failed('no-such-day', `一个月没有第${n}日`, `no month has a day ${n}`, at, 'day(1) to day(31)');
    }
    if (nth[3] === undefined) return done({ kind: 'birthday', years: n });
  }
  const next = /^nextMonth\((.*)\)$/.exec(text);
  if (next) {
    const inner = parseAnchor((next[1] ?? '').trim(), at + 'nextMonth('.length);
    return inner.ok ? done({ kind: 'nextMonth', date: inner.anchor }) : inner;
  }
  return failed('bad-date-expression', `无法识别的日期：“${text}”`, `not a date: '${text}'`, at, ANCHORS);
}

function failed(code: DateParseError['code'], zh: string, en: string, at: number, expected: string): DateParse & { readonly ok: false } {
  return { ok: false, error: { code, zh, en: `${en}; expected ${expected}`, at, expected } };
}
