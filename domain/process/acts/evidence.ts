import { isDate } from '../../calendar/dates.js';
import type { Field, Value, ValueType } from '../../model/definition.js';
import type { EvidenceGiven } from '../../model/state.js';
import type { Frame } from '../frame.js';
import { refuse } from '../refusals.js';

/** Every named paper must be given, each with all its fields; papers nobody asked for are refused. */
export function checkEvidence(frame: Frame, papers: readonly string[], given: readonly EvidenceGiven[]): void {
  for (const { paper } of given)
    if (!papers.includes(paper)) refuse('unknown-evidence', { paper: frame.definition.papers[paper]?.title ?? paper });
  const missing = papers.filter((paper) => !given.some((one) => one.paper === paper));
  if (missing.length > 0)
    refuse('evidence-missing', {
      missing: missing.map((paper) => frame.definition.papers[paper]?.title ?? paper),
      papers: missing,
      fields: missing.flatMap((paper) => (frame.definition.papers[paper]?.fields ?? []).map(({ id }) => `${paper}.${id}`)),
    });
  for (const one of given) checkFields(frame.definition.papers[one.paper]?.fields ?? [], one.fields);
}

/** All fields filled, none unknown, each of its type. */
export function checkFields(fields: readonly Field[], answer: Readonly<Record<string, Value>>): void {
  for (const field of Object.keys(answer)) if (!fields.some(({ id }) => id === field)) refuse('unknown-field', { field });
  const missing = fields.filter(({ id }) => answer[id] === undefined || answer[id] === '');
  if (missing.length > 0)
    refuse('fields-missing', { missing: missing.map(({ id, title }) => title || id), fields: missing.map(({ id }) => id) });
  for (const field of fields) {
    const value = answer[field.id];
    const expected = value === undefined ? null : mismatch(field, value);
    if (expected !== null) refuse('wrong-field', { field: field.title || field.id, expected });
  }
}

const wholeNumber = (value: Value): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const textual = (value: Value): boolean => typeof value === 'string' && value.length <= 2000;

const TYPES: Readonly<Record<ValueType, readonly [fits: (value: Value) => boolean, expected: string]>> = {
  text: [textual, '文字 (text)'],
  count: [wholeNumber, '不小于0的整数 (a whole number)'],
  money: [wholeNumber, '以分计的整数 (whole fen)'],
  instalments: [wholeNumber, '以分计的整数 (whole fen)'],
  percent: [(value) => typeof value === 'string' && /^\d+(\.\d+)?$/.test(value), '百分数，如96或97.5 (a percentage as text)'],
  date: [(value) => typeof value === 'string' && isDate(value), '日期，如2020-05-25 (a day)'],
  expiry: [(value) => typeof value === 'string' && isDate(value), '到期日，如2020-12-31 (a day)'],
  month: [(value) => typeof value === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(value), '月份，如2020-05 (a month)'],
  duration: [(value) => typeof value === 'string' && /^\d{1,4}(wd|d|m|y)$/.test(value), '时长，如10d、5wd (a duration)'],
  roll: [(value) => value === 'none' || value === 'before' || value === 'after', 'none、before 或 after'],
  yesno: [(value) => typeof value === 'boolean', '是或否 (yes or no)'],
  code: [textual, '代码 (a code)'],
  serial: [(value) => typeof value === 'string' && /\S/.test(value) && value.length <= 100, '编号 (a number as text)'],
  result: [(value) => value === 'met' || value === 'missed' || value === 'open', 'met、missed 或 open'],
  phase: [textual, '阶段 (a phase)'],
};

/** Whether a value is of a field's type, and one of its codes. */
export const fits = (field: Field, value: Value): boolean => mismatch(field, value) === null;

function mismatch(field: Field, value: Value): string | null {
  const [fits, expected] = TYPES[field.type];
  if (!fits(value)) return expected;
  if (field.type === 'code' && field.codes[String(value)] === undefined)
    return Object.entries(field.codes)
      .map(([code, title]) => `${code}（${title}）`)
      .join('、');
  return null;
}
