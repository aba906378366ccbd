import { ACTIVITY_ROWS } from '../../../domain/rules/columns.js';
import type { Element, Field, Response, ValueType } from '../../../domain/model/definition.js';
import type { Path } from '../text/problem.js';
import { guessWord } from '../text/guess.js';
import { laterTypes, valueTypes } from '../written/words.js';
import type { Reader } from './reader.js';

/** Acts on persons' money and data that rules guard; what `row` is there says `ACTIVITY_ROWS`. */
export const guardedActivities: readonly string[] = Object.keys(ACTIVITY_ROWS);

export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

interface Common {
  readonly title?: string | undefined;
  readonly clause?: string | readonly string[] | undefined;
  readonly reading?: string | readonly string[] | undefined;
}

/** What every element carries; an element that names neither clause nor reading is warned of. */
export function elementOf(reader: Reader, id: string, written: Common): Element {
  const clause = listOf(written.clause);
  const readings = listOf(written.reading);
  if (clause.length === 0 && readings.length === 0)
    reader.warn(
      [],
      {
        code: 'no-clause',
        zh: `“${id}”没有写依据条款（clause），通知未列的请写 ours`,
        en: `'${id}' names no clause; write 'ours' where the notice is silent`,
        expected: 'clause: …',
      },
      'key',
    );
  return { id, title: written.title ?? id, clause, readings };
}

/** A value type; words that come later are refused with that said. */
export function typeOf(reader: Reader, path: Path, written: string): ValueType {
  const known = valueTypes.find((type) => type === written);
  if (known) return known;
  if (laterTypes.some((type) => type === written))
    reader.tell(path, {
      code: 'later-word',
      zh: `本版本还不认识类型“${written}”`,
      en: `this version does not know the type '${written}' yet`,
      expected: valueTypes.join(' | '),
    });
  else
    reader.tell(path, {
      code: 'not-in-list',
      zh: `没有类型“${written}”`,
      en: `there is no type '${written}'`,
      expected: valueTypes.join(' | '),
      guess: guessWord(written, valueTypes),
    });
  return 'text';
}

type WrittenField =
  string | { readonly type: string; readonly title?: string | undefined; readonly codes?: Readonly<Record<string, string>> | undefined };

export function fieldsOf(reader: Reader, path: Path, written: Readonly<Record<string, WrittenField>> | undefined): readonly Field[] {
  return Object.entries(written ?? {}).map(([id, field]) => {
    const full = typeof field === 'string' ? { type: field } : field;
    const at = typeof field === 'string' ? [...path, id] : [...path, id, 'type'];
    const codes = full.codes ?? {};
    if (full.type === 'code' && Object.keys(codes).length === 0)
      reader.tell(
        [...path, id],
        {
          code: 'missing-key',
          zh: `“${id}”的类型是code，须列出codes`,
          en: `'${id}' is of type code and needs codes`,
          expected: 'codes: { … }',
        },
        'key',
      );
    return { id, title: full.title ?? id, type: typeOf(reader, at, full.type), codes };
  });
}

interface WrittenResponse {
  readonly tell?: string | readonly string[] | undefined;
  readonly text?: string | undefined;
  readonly flag?: string | undefined;
  readonly if?: string | undefined;
  readonly confirm?: string | undefined;
  readonly mandatory?: boolean | undefined;
}

/** A response has exactly one verb: `tell` with its text, or `flag`. */
export function responseOf(reader: Reader, path: Path, written: WrittenResponse): Response {
  const condition = written.if === undefined ? null : reader.cel([...path, 'if'], written.if, { kind: 'plain' });
  const confirm = reader.maybeRef([...path, 'confirm'], ['roles'], written.confirm);
  const verbs = [written.tell, written.flag].filter((verb) => verb !== undefined).length;
  if (verbs !== 1)
    reader.tell(path, {
      code: 'rung-verb',
      zh: verbs === 0 ? '缺少动作：tell 或 flag' : 'tell 和 flag 只能写一个',
      en: verbs === 0 ? 'no verb: tell or flag' : 'only one of tell and flag',
      expected: 'tell | flag',
    });
  if (written.flag !== undefined) {
    if (written.text !== undefined)
      reader.tell(
        [...path, 'text'],
        { code: 'unknown-key', zh: 'flag 没有文字', en: "'flag' has no text", expected: 'flag, if, confirm' },
        'key',
      );
    return { kind: 'flag', report: reader.ref([...path, 'flag'], ['reports'], written.flag), if: condition, confirm };
  }
  if (written.text === undefined)
    reader.tell(path, { code: 'missing-key', zh: 'tell 缺少“text”', en: "'tell' needs 'text'", expected: 'text: …' });
  return {
    kind: 'tell',
    to: reader.refs([...path, 'tell'], ['roles'], written.tell, ['owner', 'person']),
    text: written.text === undefined ? '' : reader.ref([...path, 'text'], ['texts'], written.text),
    if: condition,
    confirm,
    mandatory: written.mandatory ?? false,
  };
}

export const responsesOf = (reader: Reader, path: Path, written: readonly WrittenResponse[] | undefined): readonly Response[] =>
  (written ?? []).map((one, i) => responseOf(reader, [...path, i], one));

/** `per`: a level, with `insurance` beside it when there is one for each kind. */
export function perOf(
  reader: Reader,
  path: Path,
  written: string | readonly string[] | undefined,
): { readonly level: string | null; readonly perInsurance: boolean } {
  const names = listOf(written);
  const levels = names.filter((name) => name !== 'insurance');
  const [level] = levels;
  if (levels.length > 1) reader.tell(path, { code: 'bad-value', zh: '只能写一个层级', en: 'only one level', expected: 'level, insurance' });
  const at = typeof written === 'string' ? path : [...path, names.indexOf(level ?? '')];
  return { level: level === undefined ? null : reader.ref(at, ['levels'], level), perInsurance: names.includes('insurance') };
}
