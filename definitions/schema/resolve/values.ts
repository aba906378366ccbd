import { parseDateExpr } from '../../../domain/calendar/date-expr.js';
import type { Value } from '../../../domain/model/definition.js';
import { parseValue, type ValueParse } from '../../../domain/rules/cells.js';

/** A date as a parameter may hold it: a day, a month and day, or a month's end. */
const isParameterDate = (text: string): boolean => {
  const parsed = parseDateExpr(text);
  return parsed.ok && parsed.expr.distances.length === 0 && ['date', 'monthDay', 'monthEnd'].includes(parsed.expr.anchor.kind);
};

const wrong = (written: string | number | boolean, zh: string, en: string): ValueParse => ({
  ok: false,
  zh: `“${String(written)}”应为${zh}`,
  en: `'${String(written)}' should be ${en}`,
});
const good = (value: Value): ValueParse => ({ ok: true, value });

/** The written value of a parameter as data of its type: money in fen, percent as decimal text, a duration as `30d`. */
export function readValue(type: string, written: string | number | boolean): ValueParse {
  if (type === 'text' || type === 'code' || type === 'serial' || type === 'phase')
    return typeof written === 'string' && written !== ''
      ? good(written)
      : wrong(written, '文字，数字请加引号', 'text; put a number in quotes');
  if (type === 'date')
    return typeof written === 'string' && isParameterDate(written)
      ? good(written)
      : wrong(written, '日期 YYYY-MM-DD、MM-DD 或 MM-end', 'a day YYYY-MM-DD, MM-DD or MM-end');
  const read = parseValue(written, type);
  if (read.ok && type === 'count' && typeof read.value === 'number' && read.value < 0)
    return wrong(written, '零或正整数', 'zero or a positive whole number');
  return read;
}
