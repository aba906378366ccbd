import { ACTIVITY_ROWS } from '../../../domain/rules/columns.js';
import type { AboutDue, Element, Field, Response, ValueType } from '../../../domain/model/definition.js';
import type { Place } from '../../../domain/rules/scope.js';
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
  | string
  | {
      readonly type: string;
      readonly title?: string | undefined;
      readonly codes?: Readonly<Record<string, string>> | undefined;
      readonly own?: boolean | undefined;
    };

export function fieldsOf(
  reader: Reader,
  path: Path,
  written: Readonly<Record<string, WrittenField>> | undefined,
  signed = false,
): readonly Field[] {
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
    if (full.own === true && !signed)
      reader.tell([...path, id, 'own'], {
        code: 'bad-value',
        zh: '只有办件的栏位可以各填各的',
        en: "only fields of a case can be each signer's own",
        expected: 'cases: { …: { fields: … } }',
      });
    return { id, title: full.title ?? id, type: typeOf(reader, at, full.type), codes, ...(full.own === true ? { own: true } : {}) };
  });
}

interface WrittenResponse {
  readonly tell?: string | readonly string[] | undefined;
  readonly text?: string | undefined;
  readonly flag?: string | undefined;
  readonly open?: string | undefined;
  readonly retry?: string | undefined;
  readonly if?: string | undefined;
  readonly confirm?: string | undefined;
  readonly mandatory?: boolean | undefined;
}
const VERBS = ['tell', 'flag', 'open', 'retry'] as const;

/** Where a response stands: what its `if` sees, and whether there is a due that it may open a case or ask for a round about. */
export interface ResponsePlace {
  readonly sees: Place;
  readonly due: boolean;
}
export const OF_AN_OFFICE: ResponsePlace = { sees: { kind: 'plain' }, due: false };

/** A response has exactly one verb: `tell` with its text, `flag`, `open` or `retry`. */
export function responseOf(reader: Reader, path: Path, written: WrittenResponse, place: ResponsePlace = OF_AN_OFFICE): Response {
  const condition = written.if === undefined ? null : reader.cel([...path, 'if'], written.if, place.sees);
  const verbs = VERBS.filter((verb) => written[verb] !== undefined);
  if (verbs.length !== 1)
    reader.tell(path, {
      code: 'rung-verb',
      zh: verbs.length === 0 ? '缺少动作：tell、flag、open 或 retry' : `${verbs.join('和')}只能写一个`,
      en: verbs.length === 0 ? 'no verb: tell, flag, open or retry' : `only one of ${verbs.join(' and ')}`,
      expected: VERBS.join(' | '),
    });
  if (written.tell === undefined) {
    const verb = verbs[0] ?? 'flag';
    for (const word of ['text', 'mandatory', ...(verb === 'flag' ? [] : ['confirm'])] as const)
      if (verbs.length > 0 && written[word as 'text' | 'mandatory' | 'confirm'] !== undefined)
        reader.tell(
          [...path, word],
          {
            code: 'unknown-key',
            zh: `${verb}没有“${word}”`,
            en: `'${verb}' has no '${word}'`,
            expected: verb === 'flag' ? 'flag, if, confirm' : `${verb}, if`,
          },
          'key',
        );
    if (written.open !== undefined || written.retry !== undefined) return aboutDue(reader, path, written, place, condition);
  }
  const confirm = reader.maybeRef([...path, 'confirm'], ['roles'], written.confirm);
  if (written.flag !== undefined)
    return { kind: 'flag', report: reader.ref([...path, 'flag'], ['reports'], written.flag), if: condition, confirm };
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

function aboutDue(reader: Reader, path: Path, written: WrittenResponse, place: ResponsePlace, condition: string | null): AboutDue {
  const verb = written.open === undefined ? 'retry' : 'open';
  if (!place.due)
    reader.tell(
      [...path, verb],
      {
        code: 'later-word',
        zh: `“${verb}”只用于办件及其梯次；单位的任务开启办件属第3部分，目前请用 tell 通知有权开启的人`,
        en: `'${verb}' belongs to a case and its ladders; opening a case from an office's duty comes with part 3: for now 'tell' whoever may open it`,
        expected: 'tell | flag',
      },
      'key',
    );
  return written.open === undefined
    ? { kind: 'retry', deduction: reader.ref([...path, 'retry'], ['deductions'], written.retry ?? ''), if: condition, confirm: null }
    : { kind: 'open', case: reader.ref([...path, 'open'], ['cases'], written.open), if: condition, confirm: null };
}

export const responsesOf = (
  reader: Reader,
  path: Path,
  written: readonly WrittenResponse[] | undefined,
  place: ResponsePlace = OF_AN_OFFICE,
): readonly Response[] => (written ?? []).map((one, i) => responseOf(reader, [...path, i], one, place));

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
