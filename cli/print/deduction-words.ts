import type { Standing } from '../../domain/deduction/classes.js';
import { both, say, type Both, type Language } from '../texts.js';

/* The words of a deduction in both languages. A code that a definition has of its own (an outcome) is printed as it stands there. */

const STANDING = {
  success: both('扣款成功', 'taken'),
  'failed-retryable': both('失败，下轮再扣', 'failed, tried again'),
  'failed-permanent': both('失败，停扣待办', 'failed, not tried again until its case is done'),
  unknown: both('结果不明', 'not known'),
  'duplicate-reported': both('银行称已扣过', 'the bank says that it took it before'),
  pending: both('未回盘', 'not answered'),
} as const satisfies Readonly<Record<Standing, Both>>;

/** How something is settled, and why money is owed back. */
const CHOICES = {
  keep: both('维持', 'keep'),
  reverse: both('冲正', 'reverse'),
  taken: both('实已扣款', 'taken after all'),
  paid: both('已退还', 'paid back'),
  credited: both('转作缴费', 'credited'),
  late: both('失败后又扣成', 'taken after a failure'),
  excess: both('已另行缴纳', 'paid otherwise meanwhile'),
} as const;
const KINDS = {
  line: both('结果待定', 'answer to be settled'),
  quarantine: both('回盘矛盾', 'contradiction'),
  refund: both('应退款', 'owed back'),
} as const;

const wordIn =
  (words: Readonly<Record<string, Both>>) =>
  (code: string, language: Language): string => {
    const known = words[code];
    return known === undefined ? code : say(known, language);
  };

export const standingWord = wordIn(STANDING);
export const choiceWord = wordIn(CHOICES);
export const settledKind = wordIn(KINDS);
