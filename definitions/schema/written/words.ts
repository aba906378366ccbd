import { z } from 'zod';

/**
 * How the words of the language are described. `kind` names a type of value (told in error messages and in the reference), `word` a key:
 * its meaning and default. The reference page and the editors' JSON Schema are made from these, never written by hand.
 */
export interface Kind {
  readonly zh: string;
  readonly en: string;
}
export interface Word {
  readonly zh: string;
  readonly en: string;
  /** What holds when the key is not written; null = it must be written, or its absence means nothing. */
  readonly fallback: string | null;
}
export const kinds = z.registry<Kind>();
export const words = z.registry<Word>();

export function kind<T extends z.ZodType>(schema: T, zh: string, en: string): T {
  const named = schema.meta({ description: `${zh} / ${en}` });
  kinds.add(named, { zh, en });
  return named;
}

/** A required key. */
export function key<T extends z.ZodType>(schema: T, zh: string, en: string): T {
  const named = schema.meta({ description: `${zh} / ${en}` });
  const known = kinds.get(schema);
  if (known) kinds.add(named, known);
  words.add(named, { zh, en, fallback: null });
  return named;
}

/** A key that may be left out; `fallback` says what then holds. */
export function may<T extends z.ZodType>(schema: T, zh: string, en: string, fallback: string | null = null): z.ZodOptional<T> {
  const optional = schema.optional();
  const named = optional.meta({ description: `${zh} / ${en}` + (fallback === null ? '' : ` (${fallback})`) });
  const known = kinds.get(schema);
  if (known) kinds.add(named, known);
  words.add(named, { zh, en, fallback });
  return named;
}

const bounded = (length: number): z.ZodString => z.string().min(1).max(length);

export const id = kind(
  z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
  '小驼峰英文标识',
  'id in ASCII camelCase, at most 40 letters and digits',
);
export const name = kind(bounded(80), '标识', 'id');
export const names = kind(z.union([bounded(80), z.array(bounded(80)).min(1).max(60)]), '一个标识或标识列表', 'one id or a list of ids');
export const nameList = kind(z.array(bounded(80)).min(1).max(60), '标识列表', 'list of ids');
export const text = kind(bounded(400), '文字', 'text');
export const texts = kind(z.union([bounded(400), z.array(bounded(400)).min(1).max(60)]), '一段文字或文字列表', 'text or a list of texts');
export const cel = kind(bounded(2000), 'CEL表达式', 'CEL expression');
export const date = kind(
  bounded(80),
  '日期（如 2020-05-25、05-25、02-end、end(阶段)、due(任务) -10d、since +$参数）',
  'date, e.g. 2020-05-25, 05-25, 02-end, end(phase), due(duty) -10d, since +$parameter',
);
export const day = kind(z.string().regex(/^\d{4}-\d{2}-\d{2}$/), '日期 YYYY-MM-DD', 'day YYYY-MM-DD');
export const distance = kind(bounded(40), '间隔（如 +10d、-1m、+5wd、+$参数）', 'distance, e.g. +10d, -1m, +5wd, +$parameter');
export const rhythm = kind(
  bounded(40),
  'day、month、quarter、year，或间隔（7d、$参数）',
  'day, month, quarter, year, or a distance (7d, $parameter)',
);
export const count = kind(z.number().int().min(0).max(1_000_000_000_000), '整数', 'whole number');
export const yes = kind(z.boolean(), 'true 或 false', 'true or false');
export const scalar = kind(z.union([z.string(), z.number(), z.boolean()]), '一个值', 'one value');
export const codes = kind(z.record(z.string(), text), '代码: 名称', 'map code: title');

export const valueTypes = [
  'text',
  'count',
  'money',
  'percent',
  'date',
  'month',
  'duration',
  'roll',
  'yesno',
  'code',
  'serial',
  'result',
  'phase',
] as const;
/** Types of the language that only cases and agreements use. */
export const laterTypes = ['expiry', 'instalments'] as const;

const common = {
  title: may(text, '中文名称，凡出现标识之处印出', 'Chinese title, printed wherever the id would be', '默认为标识 / the id'),
  clause: may(texts, '依据条款（需求号），通知未列的写 ours', 'clause or requirement number; ours where the notice is silent'),
  reading: may(
    texts,
    '解读编号（A-号）：通知未印、由我们解读，启动时请确认',
    'A-number: not printed, our reading; the launch asks for a yes',
  ),
};

/** An element of a section: the common keys beside its own; any other key is refused. */
export const element = <S extends z.ZodRawShape>(shape: S): z.ZodObject<typeof common & S, z.core.$strict> =>
  z.strictObject({ ...common, ...shape });

/** A section: id to element. */
export const section = <T extends z.ZodType>(item: T): z.ZodRecord<typeof id, T> => z.record(id, item);
