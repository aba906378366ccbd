import type { z } from 'zod';
import type { Fault } from './problems.js';

type Issue = z.core.$ZodIssue;

const printPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`),
    '',
  );

const TYPES: Readonly<Record<string, string>> = {
  string: '文本',
  number: '数字',
  int: '整数',
  boolean: '是/否',
  object: '对象',
  array: '列表',
  record: '对象',
  date: '日期',
  null: '空值',
};
const typeZh = (name: string): string => TYPES[name] ?? name;

/** zod's findings as faults with stable codes: `unknown-key`, `missing-key`, `wrong-type`, `too-long`, `too-short`, `too-large`, `too-small`, `bad-format`, `not-in-list`, `bad-value`. */
export function faultsOf(where: Fault['in'], issues: readonly Issue[]): Fault[] {
  return issues.flatMap((issue) => faults(where, issue, []));
}

function faults(where: Fault['in'], issue: Issue, above: readonly PropertyKey[]): Fault[] {
  const path = [...above, ...issue.path];
  const one = (code: string, zh: string, en: string, at = path): Fault[] => [{ in: where, path: printPath(at), code, zh, en }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.flatMap((key) => one('unknown-key', `没有名为“${key}”的项`, `unknown key '${key}'`, [...path, key]));
    case 'invalid_type':
      return issue.input === undefined
        ? one('missing-key', '缺少此项', 'is missing')
        : one('wrong-type', `应为${typeZh(issue.expected)}`, `expected ${issue.expected}`);
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? one('too-long', `长度不得超过 ${issue.maximum}`, `at most ${issue.maximum} long`)
        : one('too-large', `不得大于 ${issue.maximum}`, `at most ${issue.maximum}`);
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? one('too-short', `长度不得少于 ${issue.minimum}`, `at least ${issue.minimum} long`)
        : one('too-small', `不得小于 ${issue.minimum}`, `at least ${issue.minimum}`);
    case 'invalid_format':
      return one('bad-format', '格式不正确', issue.message);
    case 'invalid_value':
      return one(
        'not-in-list',
        `应为其中之一：${issue.values.map(String).join('、')}`,
        `expected one of ${issue.values.map(String).join(', ')}`,
      );
    case 'invalid_union':
      return unionFaults(where, issue, path);
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => faults(where, inner, path));
    case 'not_multiple_of':
      return one('bad-value', `应为 ${issue.divisor} 的倍数`, `expected a multiple of ${issue.divisor}`);
    case 'custom':
      return one('bad-value', issue.message, issue.message);
    default: {
      const never: never = issue;
      return never;
    }
  }
}

/** A wrong discriminator has no branches: name the choice. Else the branch that came closest (deepest first mistake) speaks. */
function unionFaults(where: Fault['in'], issue: Extract<Issue, { code: 'invalid_union' }>, path: readonly PropertyKey[]): Fault[] {
  const depth = (branch: readonly Issue[]): number => Math.max(0, ...branch.map((i) => i.path.length));
  const best = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
  if (best === undefined || best.length === 0)
    return [{ in: where, path: printPath(path), code: 'not-in-list', zh: '不是可用的种类', en: 'is not one of the possible kinds' }];
  return best.flatMap((inner) => faults(where, inner, path));
}
