import type { RuleHit } from '../../domain/rules/check-rules.js';
import { ImportRefusal, type ImportRefusalCode } from '../imports/problem.js';

/** Acts of daily work are refused like files: a stable code, two languages, nothing changed. */
export const refuse = (code: ImportRefusalCode, zh: string, en: string, params: ImportRefusal['params'] = {}): ImportRefusal =>
  new ImportRefusal(code, zh, en, params);

/** An act that breaks rules: told by the first, with its title and clauses. */
export function ruleBroken(broken: RuleHit, all: readonly RuleHit[]): ImportRefusal {
  const clauses = broken.clause.length === 0 ? '' : `（${broken.clause.join('、')}）`;
  return refuse('rule-broken', `不符合规则：${broken.title}${clauses}`, `breaks the rule '${broken.rule}' (${broken.clause.join(', ')})`, {
    rule: broken.rule,
    title: broken.title,
    clause: broken.clause,
    rules: all.map(({ rule }) => rule),
  });
}
