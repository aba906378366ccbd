import { z } from 'zod';
import { parseDateExpr } from '../../domain/calendar/date-expr.js';
import { readDistance } from '../../domain/calendar/distance.js';
import type { DayKind, Roll } from '../../domain/calendar/working-days.js';
import type { Anchor, Definition, Distance, Response } from '../../domain/model/definition.js';
import type { Act, CoreEvent } from '../../domain/model/event.js';
import type { RowEvent } from '../../domain/process/rows.js';

/** A name in both languages; what a definition names itself has its Chinese title in both. */
export const both = z.strictObject({ zh: z.string(), en: z.string() }).meta({ id: 'Both' });
export type Both = z.output<typeof both>;

const as = (zh: string, en: string): Both => ({ zh, en });
const titled = (title: string): Both => ({ zh: title, en: title });

const ACTS: Readonly<Record<Act['kind'], Both>> = {
  done: as('办结', 'done'),
  step: as('办件办理', 'step of a case'),
  tick: as('勾选清单', 'items ticked'),
  waive: as('免办', 'waived'),
  extend: as('延期', 'extended'),
  suspend: as('暂停', 'suspended'),
  unsuspend: as('恢复', 'taken up again'),
  markBeforeLaunch: as('标明启动前情况', 'marked as of before the launch'),
  release: as('放行', 'released'),
  drop: as('不发', 'dropped'),
  receive: as('签收', 'received'),
  reply: as('反馈', 'replied'),
  strike: as('销号', 'struck off'),
  sendBack: as('退回重办', 'sent back'),
  takeDown: as('撤下公示', 'taken down'),
  judge: as('评定', 'judged'),
  correctSnapshot: as('更正快照', 'snapshot corrected'),
  amendPhase: as('调整阶段', 'phase amended'),
  amendParameter: as('调整参数', 'parameter amended'),
  pause: as('整项工作暂停', 'campaign paused'),
  resume: as('整项工作恢复', 'campaign resumed'),
  stop: as('整项工作停止', 'campaign stopped'),
};

const CHANGED: Readonly<Record<Extract<CoreEvent, { type: 'settingChanged' }>['what'], Both>> = {
  units: as('单位变动', 'units changed'),
  calendar: as('调整放假安排', 'calendar amended'),
  tables: as('更新表', 'tables replaced'),
};

const EVENTS: Readonly<Record<string, Both>> = {
  launched: as('启动', 'launched'),
  woke: as('到时', 'its time came'),
  opened: as('产生', 'came into being'),
  caseOpened: as('开启', 'opened'),
  told: as('得知', 'heard'),
  rowsTurned: as('逐人事项更新', 'rows brought up to date'),
  facts: as('记入数据', 'facts taken in'),
  measured: as('定格', 'measured'),
  counted: as('统计', 'counted'),
  revised: as('换用新版程序', 'taken over by a newer program'),
};

/** What the facts say of a row. */
const SETTLED: Readonly<Record<Extract<RowEvent, { type: 'settled' }>['stands'], Both>> = {
  owed: as('数据显示仍欠', 'the facts say it is owed'),
  done: as('数据显示已办', 'the facts say it is done'),
  none: as('数据显示不再承担', 'the facts say it is no longer owed'),
};

/** What happened, for people. */
export function eventWord(event: CoreEvent | RowEvent): Both {
  if (event.type === 'settled') return SETTLED[event.stands];
  if (event.type === 'acted') return ACTS[event.act.kind];
  if (event.type === 'settingChanged') return CHANGED[event.what];
  return EVENTS[event.type] ?? titled(event.type);
}

const RESPONSES: Readonly<Record<Response['kind'], Both>> = {
  tell: as('通知', 'tell'),
  flag: as('列入通报', 'flag in the bulletin'),
  open: as('开启办件', 'open a case'),
  retry: as('再组织代扣', 'try the deduction again'),
};
export const responseWord = (kind: Response['kind']): Both => RESPONSES[kind];

const DAYS: Readonly<Record<DayKind, Both>> = {
  working: as('工作日', 'working day'),
  makeUp: as('调休上班', 'make-up working day'),
  weekend: as('周末', 'weekend'),
  holiday: as('放假', 'holiday'),
};
export const dayWord = (kind: DayKind): Both => DAYS[kind];

const SUSPENSE: Readonly<Record<string, Both>> = {
  'id-number-invalid': as('身份证号码有误', 'the ID number is wrong'),
  'unknown-unit': as('没有这个单位', 'no such unit'),
  'unknown-person': as('查无此人', 'nobody of that number is known'),
  'not-on-roster': as('不在应缴名册', 'not on the roster'),
  'reversal-unknown': as('找不到被冲正的款项', 'what it reverses is not known'),
  late: as('晚于最后缴费日', 'after the last day of paying'),
  early: as('早于首个缴费日', 'before the first day of paying'),
  twice: as('重复缴费', 'paid twice'),
  'too-much': as('多缴', 'more than is owed'),
};

/** Why money rests in suspense: a reason of the engine, or the rule of the definition that it breaks. */
export function suspenseWord({ rules }: Definition, reason: string): Both {
  const [, rule] = /^rule:(.+)$/.exec(reason) ?? [];
  if (rule !== undefined) return titled(rules[rule]?.title ?? rule);
  return SUSPENSE[reason] ?? titled(reason);
}

const INCIDENTS: Readonly<Record<string, Both>> = {
  'role-without-holder': as('岗位无人任职，通知已转给牵头角色', 'nobody holds the role: its notices went to the leading role'),
  'notice-field-missing': as('通知缺少内容，没有发出', 'a notice lacked a value and was not sent'),
  'notice-not-delivered': as('消息多次发送失败，已放弃', 'a message could not be delivered'),
  'channel-failing': as('发送渠道出错，仍在重试', 'a channel fails and is tried again'),
  'activity-failing': as('后台处理反复失败，仍在重试', 'a step keeps failing and is tried again'),
  'inbox-lagging': as('数据积压，尚未记入', 'facts are waiting to be taken in'),
  'core-failed': as('流程遇到无法处理的内容，已停下等待处理', 'a process met what it cannot handle and waits'),
  'cycle-stopped': as('代扣的数目对不上，已停止', 'the figures of a deduction do not add up: it stands still'),
  'world-stuck': as('虚拟时间推进受阻', 'a virtual clock cannot go on'),
  'process-restarted': as('流程已自动重启', 'a process was started again'),
  'journal-conflict': as('流程与记录不一致，已按记录重启', 'a process parted from its journal and starts again from it'),
  'journal-gap': as('流程记录有缺口，已按记录重启', 'the journal had a gap: the process starts again from it'),
};

/** What went wrong; a code without a name of its own is shown as it is. */
export const incidentWord = (code: string): Both => INCIDENTS[code] ?? titled(code);

/** A written date (`end(collection) +5wd`) or distance in words, with the titles of what it names; one that cannot be read stays as it is. */
export function dateWords(definition: Definition, written: string): Both {
  if (/^[+-]/.test(written)) {
    const distance = readDistance(written);
    return distance === null ? titled(written) : distanceWords(definition, distance);
  }
  const read = parseDateExpr(written);
  if (!read.ok) return titled(written);
  const parts = [anchorWords(definition, read.expr.anchor), ...read.expr.distances.map((distance) => distanceWords(definition, distance))];
  if (read.expr.outside) parts.push(as('（有效期之外）', '(outside validity)'));
  return { zh: parts.map(({ zh }) => zh).join(''), en: parts.map(({ en }) => en).join(', ') };
}

function anchorWords(definition: Definition, anchor: Anchor): Both {
  const title = (id: string): string => {
    const { phases, duties, milestones } = definition;
    return phases[id]?.title ?? duties[id]?.title ?? milestones[id]?.title ?? id;
  };
  const parameter = (id: string): string => definition.parameters[id]?.title ?? id;
  switch (anchor.kind) {
    case 'date':
      return titled(anchor.date);
    case 'monthDay':
      return as(`${anchor.month}月${anchor.day}日`, `${two(anchor.month)}-${two(anchor.day)}`);
    case 'monthEnd':
      return as(`${anchor.month}月末日`, `last day of month ${anchor.month}`);
    case 'start':
      return anchor.of === 'period'
        ? as('本期首日', 'first day of the period')
        : as(`“${title(anchor.of)}”首日`, `first day of ${title(anchor.of)}`);
    case 'end':
      return anchor.of === 'period'
        ? as('本期末日', 'last day of the period')
        : as(`“${title(anchor.of)}”末日`, `last day of ${title(anchor.of)}`);
    case 'day':
      return typeof anchor.day === 'number'
        ? as(`当月${anchor.day}日`, `day ${anchor.day} of the month`)
        : as(`当月“${parameter(anchor.day.parameter)}”日`, `day of the month: ${parameter(anchor.day.parameter)}`);
    case 'due':
      return as(`“${title(anchor.of)}”的期限`, `the day ${title(anchor.of)} is due`);
    case 'done':
      return as(`“${title(anchor.of)}”办结之日`, `the day ${title(anchor.of)} is done`);
    case 'since':
      return as('发生之日', 'the day it happened');
    case 'opened':
      return as('立案之日', 'the day the case was opened');
    case 'fact':
      return as(`所记“${anchor.field}”之日`, `the day noted as ${anchor.field}`);
    case 'birthday':
      return as(`满${anchor.years}周岁之日`, `the day of turning ${anchor.years}`);
    case 'nextMonth': {
      const inner = anchorWords(definition, anchor.date);
      return as(`${inner.zh}的次月首日`, `first day of the month after ${inner.en}`);
    }
    case 'parameter':
      return as(`“${parameter(anchor.parameter)}”`, parameter(anchor.parameter));
    default: {
      const never: never = anchor;
      return never;
    }
  }
}

const UNITS = { d: as('天', 'days'), wd: as('个工作日', 'working days'), m: as('个月', 'months'), y: as('年', 'years') } as const;
const two = (n: number): string => String(n).padStart(2, '0');

function distanceWords({ parameters }: Definition, distance: Distance): Both {
  if (distance.kind === 'parameter') {
    const title = parameters[distance.parameter]?.title ?? distance.parameter;
    return distance.sign < 0 ? as(`之前“${title}”`, `before it by ${title}`) : as(`之后“${title}”`, `after it by ${title}`);
  }
  const [n, unit] = [Math.abs(distance.n), UNITS[distance.unit]];
  return distance.n < 0 ? as(`前${n}${unit.zh}`, `${n} ${unit.en} before`) : as(`后${n}${unit.zh}`, `${n} ${unit.en} after`);
}

const ROLLS = {
  before: as('遇休息日提前', 'brought forward from a day off'),
  after: as('遇休息日顺延', 'put off from a day off'),
} as const;
export const rollWord = (roll: Roll): Both => (roll === 'none' ? as('不顺延', 'not moved') : ROLLS[roll]);
