import type { Refusal } from '../model/effect.js';
import type { Value } from '../model/definition.js';

/** Every reason for which an act is refused, with its way out. `{x}` is filled from the parameters. */
const REFUSALS = {
  'unknown-obligation': [
    '没有事项“{obligation}”；请在“我的事项”中重新选择',
    "there is no obligation '{obligation}'; choose it again from the list",
  ],
  'already-closed': ['事项已于{on}办结，无需再办', 'this obligation was closed on {on}; nothing is left to do'],
  'not-yours': [
    '该事项由{roles}办理，您在{unit}没有这个角色；请转交或由有权者办理',
    '{roles} owes this at {unit} and you do not hold that role there; pass it on',
  ],
  'not-granted': ['“{act}”在本方案中只授权给{roles}', "'{act}' is granted only to {roles} in this definition"],
  'never-granted': [
    '本方案没有授权任何人“{act}”；需在方案的 may 中写明',
    "this definition grants '{act}' to nobody; it must be written under may",
  ],
  'second-person': ['须由另一人确认，不得自己提出自己确认', 'another person than the one who proposed it must confirm'],
  'campaign-paused': ['工作已暂停（{reason}）；请先恢复', 'the campaign is paused ({reason}); resume it first'],
  'campaign-ended': ['工作已结束，不再受理', 'the campaign has ended and takes no more acts'],
  'mark-before-launch': [
    '该事项在启动前已到期；请由牵头单位标明已办、仍需办（新期限）或不适用',
    'this was due before the launch; the leading role marks it as done, still owed with a new date, or not applicable',
  ],
  'not-before-launch': ['只有启动前到期的事项可以这样标明', 'only what was due before the launch can be marked so'],
  'phase-not-open': ['“{phase}”自{start}开始，现在还不能办理', "'{phase}' begins on {start}; this cannot be done yet"],
  'gate-closed': ['“{phase}”对{unit}尚未开放，还缺：{missing}', "'{phase}' is not open for {unit} yet; missing: {missing}"],
  'needs-open': ['须先完成：{missing}', 'first to be done: {missing}'],
  'future-date': ['办理日期{on}在今天（{today}）之后', 'the day {on} lies after today ({today})'],
  'date-before-start': ['办理日期{on}早于事项开始日{since}', 'the day {on} lies before the obligation began ({since})'],
  'items-missing': ['清单还有未勾选的项目：{missing}', 'items still to be ticked: {missing}'],
  'unknown-item': ['清单中没有“{item}”', "the checklist has no item '{item}'"],
  'fields-missing': ['还需填写：{missing}', 'still to be filled in: {missing}'],
  'unknown-field': ['没有“{field}”这一栏', "there is no field '{field}'"],
  'wrong-field': ['“{field}”应为{expected}', "'{field}' must be {expected}"],
  'nil-not-allowed': ['该事项不接受“零报告”', 'this obligation does not take a nil answer'],
  'evidence-missing': ['还缺证明材料：{missing}', 'evidence still missing: {missing}'],
  'unknown-evidence': ['该事项不要求材料“{paper}”', "this obligation does not ask for '{paper}'"],
  'reason-missing': ['请写明理由', 'give a reason'],
  'rule-denies': ['{title}（依据{clause}）', '{title} (clause {clause})'],
  apart: ['同一人不得兼办：您已办理“{other}”', "one person may not do both: you did '{other}'"],
  'remittance-short': ['应交{held}元，实交{given}元，差{missing}元', 'held {held} yuan, handed over {given}, {missing} missing'],
  'milestones-open': ['考核节点尚未全部定格，暂不能评分', 'not all milestones are judged yet, points cannot be given'],
  'decision-needed': ['通知未规定此种情形的分数，请填写分数并说明理由', 'the notice leaves this case open: enter the points and a reason'],
  'points-fixed': ['按通知应得{points}，不得另填', 'the table gives {points}; another figure is not accepted'],
  'not-a-follow-up': ['该事项不能这样办理：{act}', "'{act}' does not fit this obligation"],
  'wrong-state': ['事项现为“{status}”，不能“{act}”', "the obligation is '{status}'; '{act}' does not fit"],
  'clock-stands': ['事项正停止计时；请先恢复计时，再延期', 'the clock of this obligation stands still; let it go on before extending it'],
  'date-not-later': ['新期限{due}须晚于今天且晚于原期限', 'the new date {due} must lie after today and after the old one'],
  'too-often': ['最多{most}次', 'at most {most} times'],
  'too-early-down': ['公示不足{days}天，最早{earliest}可撤下', 'posted for less than {days} days; it may come down on {earliest}'],
  'not-posted': ['没有正在公示的名单', 'nothing is posted'],
  'date-impossible': ['日期无法计算：{why}', 'the date cannot be computed: {why}'],
  'unknown-milestone': ['没有考核节点“{milestone}”', "there is no milestone '{milestone}'"],
  'milestone-not-reached': ['考核节点{due}尚未到期', 'the milestone of {due} has not been reached'],
  'unknown-phase': ['没有阶段“{phase}”', "there is no phase '{phase}'"],
  'unknown-deduction': ['没有代扣“{deduction}”', "there is no deduction '{deduction}'"],
  'phase-undated': ['“{phase}”的日期尚未确定，现在还不能代扣', "the days of '{phase}' are not fixed yet: nothing can be deducted"],
  'phase-over': ['“{phase}”已于{end}结束，不能再代扣', "'{phase}' ended on {end}: nothing more is deducted"],
  'phase-order': ['阶段结束日早于开始日', 'the phase would end before it begins'],
  'phase-reached': ['该日期已经过去，不能再改', 'that date has passed and cannot be changed'],
  'phase-begun': ['“{phase}”已于{start}开始，开始日不能再改', "'{phase}' began on {start}; its first day can no longer be changed"],
  'phase-cut-short': [
    '“{phase}”将随之在{end}结束，早于今天（{today}）；请先调整“{phase}”本身',
    "'{phase}' would thereby end on {end}, before today ({today}); amend '{phase}' itself first",
  ],
  'phase-outside': [
    '“{phase}”将到{end}才结束，超出本方案的有效期（至{to}）',
    "'{phase}' would last until {end}, beyond the validity of this definition ({to})",
  ],
  'nothing-amended': ['新的日期与现行的相同，没有可调整的', 'the dates are what they are already; there is nothing to amend'],
  'unknown-parameter': ['没有参数“{parameter}”', "there is no parameter '{parameter}'"],
  'parameter-refused': ['参数“{parameter}”不接受该值：{why}', "parameter '{parameter}' does not take this value: {why}"],
  'unknown-case-act': ['本办件没有“{act}”这一办理', "this case has no act '{act}'"],
  'engine-act': ['“{act}”由事实自动办理，不用人办', "'{act}' is done by the facts themselves, not by hand"],
  'wrong-case-state': ['办件现处于“{state}”，不能“{act}”', "the case stands at '{state}'; '{act}' does not fit there"],
  'case-condition': ['现在还不能“{act}”：条件未满足', "'{act}' is not possible yet: its condition is not met"],
  'forbidden-act': ['{title}（依据{clause}），不得办理', '{title} (clause {clause}) is forbidden'],
  'core-failed': [
    '系统未能办理，已报告管理员，内容未改变',
    'this could not be carried out; the administrator has been told and nothing was changed',
  ],
} as const satisfies Readonly<Record<string, readonly [zh: string, en: string]>>;

type RefusalCode = keyof typeof REFUSALS;

/** What `may` grants, as the Chinese text calls it; the English text has the id, which stands in the definition. */
const ACTS: Readonly<Record<string, string>> = {
  makeRun: '组织一轮代扣',
  waive: '免办',
  extend: '延期',
  suspend: '停止计时',
  unsuspend: '恢复计时',
  correctSnapshot: '更正定格数据',
  amendPhase: '调整阶段日期',
  amendParameter: '调整参数',
  pause: '暂停整项工作',
  resume: '恢复整项工作',
  stop: '停止整项工作',
  markBeforeLaunch: '标明启动前情况',
  judge: '评定',
};

/** Thrown inside a step and caught by it: nothing of the act remains. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

export function refusal(code: RefusalCode, params: Readonly<Record<string, Value | readonly string[]>> = {}): Refusal {
  const [zh, en] = REFUSALS[code];
  const fill = (text: string, and: string, named: Readonly<Record<string, string>>): string =>
    text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => {
      const value = params[key];
      if (value === undefined) return whole;
      return typeof value === 'object' ? value.join(and) : ((key === 'act' ? named[String(value)] : undefined) ?? String(value));
    });
  return { code, zh: fill(zh, '、', ACTS), en: fill(en, ', ', {}), params };
}

export const refuse = (code: RefusalCode, params: Readonly<Record<string, Value | readonly string[]>> = {}): never => {
  throw new Refused(refusal(code, params));
};
