import type { z } from 'zod';
import { guessWord } from '../text/guess.js';
import type { Path, Problem } from '../text/problem.js';
import type { Source } from '../text/source.js';
import { laterWords } from './file.js';
import { kinds } from './words.js';

type AnySchema = z.core.$ZodType;

function inner(schema: AnySchema): AnySchema {
  const def = schema._zod.def as { readonly type: string; readonly innerType?: AnySchema };
  return def.type === 'optional' && def.innerType ? inner(def.innerType) : schema;
}

interface Node {
  readonly type: string;
  readonly shape?: Readonly<Record<string, AnySchema>>;
  readonly element?: AnySchema;
  readonly valueType?: AnySchema;
  readonly options?: readonly AnySchema[];
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string>>;
}
const nodeOf = (schema: AnySchema): Node => inner(schema)._zod.def as Node;

/** The schema that stands at a path; null where the path leaves what the language knows. */
export function schemaAt(schema: AnySchema, path: Path): AnySchema | null {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const node = nodeOf(schema);
  if (node.type === 'object') {
    const next = node.shape?.[String(step)];
    return next ? schemaAt(next, rest) : null;
  }
  if (node.type === 'array' && node.element) return schemaAt(node.element, rest);
  if (node.type === 'record' && node.valueType) return schemaAt(node.valueType, rest);
  if (node.type === 'union')
    for (const option of node.options ?? []) {
      const found = schemaAt(option, path);
      if (found) return found;
    }
  return null;
}

/** What a value may be, in words, Chinese first. */
export function expectedOf(schema: AnySchema): string {
  const plain = inner(schema);
  const known = kinds.get(schema as z.ZodType) ?? kinds.get(plain as z.ZodType);
  if (known) return `${known.zh} / ${known.en}`;
  const node = nodeOf(schema);
  switch (node.type) {
    case 'literal':
      return (node.values ?? []).map(String).join(' | ');
    case 'enum':
      return Object.values(node.entries ?? {}).join(' | ');
    case 'object':
    case 'record':
      return '一张“键: 值”表 / a map of keys and values';
    case 'array':
      return '列表 / a list';
    case 'number':
      return '数 / a number';
    case 'boolean':
      return 'true | false';
    case 'union':
      return (node.options ?? []).map(expectedOf).join(' | ');
    default:
      return '文字 / text';
  }
}

const takesText = (schema: AnySchema): boolean => {
  const { type, options } = nodeOf(schema);
  return type === 'string' || (options ?? []).some(takesText);
};

const scalarText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

const shown = (value: unknown): string => {
  if (value === null || value === undefined) return '（空 empty）';
  if (typeof value === 'object') return Array.isArray(value) ? '[…]' : '{…}';
  return scalarText(value);
};

function valueAt(data: unknown, path: Path): unknown {
  let at: unknown = data;
  for (const step of path)
    at = at !== null && typeof at === 'object' ? (at as Readonly<Record<string | number, unknown>>)[step] : undefined;
  return at;
}

/** Checks data against a shape and says each mistake with its place. `path` is where the data stands in the file. */
export function checkShape<T extends z.ZodType>(
  schema: T,
  data: unknown,
  source: Source,
  path: Path,
): { readonly value: z.infer<T> | null; readonly problems: readonly Problem[] } {
  const parsed = schema.safeParse(data);
  if (parsed.success) return { value: parsed.data, problems: [] };
  return { value: null, problems: parsed.error.issues.flatMap((issue) => issueProblems(schema, data, source, path, issue)) };
}

function issueProblems(schema: z.ZodType, data: unknown, source: Source, base: Path, issue: z.core.$ZodIssue): readonly Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const full = [...base, ...path];
  const at = schemaAt(schema, path);
  const expected = at ? expectedOf(at) : null;
  const value = valueAt(data, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const keys = at ? Object.keys(nodeOf(at).shape ?? {}) : [];
      return issue.keys.map((key) => unknownKey(source, [...full, key], key, keys));
    }
    case 'invalid_key':
      return [
        source.problem(
          full,
          {
            code: 'bad-id',
            zh: `“${String(path.at(-1))}”不能作标识`,
            en: `'${String(path.at(-1))}' cannot be an id`,
            expected: '小驼峰英文标识 / id in ASCII camelCase',
          },
          'key',
        ),
      ];
    case 'invalid_union': {
      // The union's own branch that got furthest says more than "none of them".
      const deeper = issue.errors.flat().filter((one) => one.path.length > 0);
      if (deeper.length > 0 && value !== null && typeof value === 'object')
        return deeper.flatMap((one) => issueProblems(schema, data, source, base, { ...one, path: [...issue.path, ...one.path] }));
      break;
    }
    case 'invalid_value': {
      const choices = issue.values.map(String);
      if (value !== undefined && value !== null)
        return [
          source.problem(full, {
            code: 'not-in-list',
            zh: `“${shown(value)}”不在可选值中`,
            en: `'${shown(value)}' is not one of the choices`,
            expected: choices.join(' | '),
            guess: guessWord(scalarText(value), choices),
          }),
        ];
      break;
    }
    case 'invalid_format':
      return [
        source.problem(full, {
          code: 'bad-value',
          zh: `“${shown(value)}”写法不对`,
          en: `'${shown(value)}' is not written as it must be`,
          expected,
        }),
      ];
    case 'too_big':
    case 'too_small':
      return [
        source.problem(full, {
          code: 'bad-value',
          zh: `“${shown(value)}”太大、太小、太长或太短`,
          en: `'${shown(value)}' is out of bounds`,
          expected,
        }),
      ];
    default:
      break;
  }
  const key = String(path.at(-1) ?? base.at(-1) ?? '');
  if (value === undefined)
    return [
      source.problem(
        full.slice(0, -1),
        { code: 'missing-key', zh: `缺少“${key}”`, en: `'${key}' is missing`, expected: expected === null ? key : `${key}: ${expected}` },
        'key',
      ),
    ];
  return [
    source.problem(full, {
      code: 'wrong-type',
      zh: `“${key}”的值“${shown(value)}”类型不对`,
      en: `'${key}' has the wrong type: '${shown(value)}'`,
      expected,
      guess:
        (typeof value === 'number' || typeof value === 'boolean') && at !== null && takesText(at)
          ? `"${source.written(full) ?? String(value)}"`
          : null,
    }),
  ];
}

/** An unknown key, or a word of the language that this version does not carry yet. */
export function unknownKey(source: Source, path: Path, key: string, known: readonly string[]): Problem {
  const later = laterWords[key];
  if (later)
    return source.problem(
      path,
      {
        code: 'later-word',
        zh: `本版本还不认识“${key}”：${later.zh}`,
        en: `this version does not know '${key}' yet: ${later.en}`,
        expected: known.join(', '),
      },
      'key',
    );
  return source.problem(
    path,
    { code: 'unknown-key', zh: `没有“${key}”这个词`, en: `unknown key '${key}'`, expected: known.join(', '), guess: guessWord(key, known) },
    'key',
  );
}
