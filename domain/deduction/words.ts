import type { Standing } from './classes.js';
import type { Verdict } from './judge.js';
import type { ProgressStep } from './order.js';

/** Where a line stands, in both languages. */
export const STANDING_WORDS = {
  success: ['扣款成功', 'taken'],
  'failed-retryable': ['失败，下轮再扣', 'failed, tried again'],
  'failed-permanent': ['失败，停扣待办', 'failed, not tried again until its case is done'],
  unknown: ['结果不明', 'not known'],
  'duplicate-reported': ['银行称已扣过', 'the bank says that it took it before'],
  pending: ['未回盘', 'not answered'],
} as const satisfies Readonly<Record<Standing, readonly [string, string]>>;

/** A line that was said to have failed and was taken all the same, until two people have settled it. */
export const OWED_BACK_WORDS = [
  '失败后又扣成，待退还或转作缴费，勿再存入',
  'taken after a failure: not to be deposited again until that is settled',
] as const;

/** What became of a line that a file or two people answered. */
export const VERDICT_WORDS = {
  post: ['新结果', 'new answers'],
  late: ['失败后又扣成', 'taken after a failure'],
  again: ['与已知相同', 'known before'],
  quarantine: ['与已知矛盾，搁置', 'contradict what is known, set aside'],
} as const satisfies Readonly<Record<Verdict, readonly [string, string]>>;

/** What is being done for an order. */
export const STEP_WORDS = {
  considering: ['审核谁在本轮', 'who is in the round'],
  writing: ['写请求文件', 'writing the request'],
  judging: ['与批次核对', 'held against the batch'],
  posting: ['入账', 'posting'],
  opening: ['开办件', 'opening cases'],
} as const satisfies Readonly<Record<ProgressStep, readonly [string, string]>>;
