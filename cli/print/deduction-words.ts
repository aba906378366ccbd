import { LEFT_OUT } from '../../domain/deduction/round.js';
import { OWED_BACK_WORDS, STANDING_WORDS, STEP_WORDS, VERDICT_WORDS } from '../../domain/deduction/words.js';
import { both, say, type Both, type Language } from '../texts.js';

/* The words of a deduction in both languages. A code that a definition has of its own (an outcome) is printed as it stands there. */

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

const ORDERS = {
  make: both('组织代扣', 'round'),
  return: both('回盘', 'return'),
} as const;
const ORDER_STATUS = {
  proposed: both('待第二人确认', 'to be confirmed'),
  waiting: both('排队', 'waits'),
  working: both('正在办理', 'being worked on'),
  staged: both('已读完或制作完', 'read or made'),
  posted: both('已入账', 'posted'),
  done: both('办结', 'done'),
  refused: both('未受理', 'refused'),
  dropped: both('已撤回', 'taken back'),
} as const;
const BATCHES = {
  made: both('已制作', 'made'),
  sent: both('已送出', 'sent'),
  answered: both('已有回盘', 'answered'),
  cleared: both('已到账', 'money has come'),
  closed: both('已结清', 'closed'),
} as const;
const COUNTERS = {
  sent: both('送出', 'sent'),
  succeeded: both('成功', 'succeeded'),
  failed: both('失败', 'failed'),
  unknown: both('不明', 'unknown'),
  pending: both('未回', 'pending'),
} as const;

const wordIn =
  (words: Readonly<Record<string, Both>>) =>
  (code: string, language: Language): string => {
    const known = words[code];
    return known === undefined ? code : say(known, language);
  };

/** Words that the core has as pairs. */
const pairs = (words: Readonly<Record<string, readonly [string, string]>>): Readonly<Record<string, Both>> =>
  Object.fromEntries(Object.entries(words).map(([code, [zh, en]]) => [code, both(zh, en)]));

export const standingWord = wordIn(pairs(STANDING_WORDS));
export const owedBackWord = (language: Language): string => say(both(...OWED_BACK_WORDS), language);
export const choiceWord = wordIn(CHOICES);
export const settledKind = wordIn(KINDS);
export const orderKind = wordIn(ORDERS);
export const orderStatus = wordIn(ORDER_STATUS);
export const batchStatus = wordIn(BATCHES);
export const counterWord = wordIn(COUNTERS);
export const stepWord = wordIn(pairs(STEP_WORDS));
export const verdictWord = wordIn(pairs(VERDICT_WORDS));
export const leftOutWord = wordIn(pairs(LEFT_OUT));

/** How each outcome of a deduction is called, and where it leaves a line. */
export type Outcomes = Readonly<Record<string, { readonly title: string; readonly standing: string }>>;
/** An outcome by its title in the definition, with what it means. */
export const outcomeWord =
  (outcomes: Outcomes) =>
  (id: string, language: Language): string => {
    const known = outcomes[id];
    if (known === undefined) return id;
    const { title } = known;
    const means = standingWord(known.standing, language);
    return language === 'en' ? `${title} (${means})` : title === means ? title : `${title}（${means}）`;
  };
