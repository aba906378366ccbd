import { z } from 'zod';

/** A text in both languages, as the API sends names. Chinese comes first everywhere. */
export const bothTexts = z.object({ zh: z.string(), en: z.string() });
export type Both = Readonly<z.infer<typeof bothTexts>>;
/** `both`: Chinese with English beside it. */
export type Language = 'zh' | 'en' | 'both';

export const both = (zh: string, en: string): Both => ({ zh, en });

/** The text as the chosen language shows it. */
export function say(text: Both, language: Language): string {
  if (language === 'zh') return text.zh;
  if (language === 'en') return text.en;
  return text.zh === text.en ? text.zh : `${text.zh}  ${text.en}`;
}

/** Heading of a column: short, so English stands close. */
export function head(zh: string, en: string, language: Language): string {
  return language === 'zh' ? zh : language === 'en' ? en : `${zh} ${en}`;
}

const STATES: Readonly<Record<string, Both>> = {
  beforeLaunch: both('启动前到期', 'before launch'),
  waiting: both('待触发', 'waiting'),
  open: both('待办', 'open'),
  checking: both('待核查', 'to be checked'),
  done: both('已办', 'done'),
  waived: both('免办', 'waived'),
  notApplicable: both('不适用', 'not applicable'),
  withdrawn: both('已撤销', 'withdrawn'),
  launching: both('启动中', 'launching'),
  running: both('进行中', 'running'),
  paused: both('已暂停', 'paused'),
  stopped: both('已停止', 'stopped'),
  ended: both('已结束', 'ended'),
  ahead: both('未到', 'ahead'),
  asked: both('统计中', 'being counted'),
  judged: both('已判定', 'judged'),
  met: both('达到', 'met'),
  missed: both('未达到', 'missed'),
  sent: both('已发出', 'sent'),
  failed: both('发送失败', 'failed'),
  noHolder: both('无人任职', 'no holder'),
  closed: both('已关闭', 'closed'),
};

/** Kinds of payments, and states of money in suspense. */
const MONEY: Readonly<Record<string, Both>> = {
  arrived: both('到账', 'arrived'),
  collected: both('已收', 'collected'),
  remitted: both('上缴', 'remitted'),
  reversal: both('冲正', 'reversal'),
  open: both('待处理', 'open'),
  allotted: both('已记入', 'allotted'),
  refunded: both('已退还', 'refunded'),
};
/** A phase is under way while its window is open. */
const PHASES: Readonly<Record<string, Both>> = {
  ahead: both('未开始', 'ahead'),
  open: both('进行中', 'under way'),
  ended: both('已结束', 'over'),
};

/** A state's name; an unknown one is printed as it came. */
export const stateText = (state: string | null | undefined, language: Language): string => named(STATES, state, language);
export const phaseText = (state: string | null | undefined, language: Language): string => named(PHASES, state, language);
export const moneyText = (word: string | null | undefined, language: Language): string => named(MONEY, word, language);

function named(words: Readonly<Record<string, Both>>, state: string | null | undefined, language: Language): string {
  if (state === null || state === undefined) return '';
  const text = words[state];
  return text === undefined ? state : say(text, language);
}

/** What an empty list says, with the next thing to type. */
export const nothing = (zh: string, en: string, language: Language): string => `${say({ zh, en }, language)}\n`;
