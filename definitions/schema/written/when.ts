import { z } from 'zod';
import { cel, date, distance, element, key, may, name, nameList, names, text, yes } from './words.js';

export const phase = element({
  from: may(date, '第一天', 'first day', '启动日起 / from the launch'),
  to: may(date, '最后一天（含）', 'last day, included', '无终点 / open end'),
  runs: may(text, 'later：另发方案，启动时列为未定', 'later: a definition still to come, listed as open at launch'),
  per: may(name, '该层每个单位各有一个', 'one for each unit of this level'),
  needs: may(
    nameList,
    '门槛：这些任务在该单位完成后，本阶段对它才开放',
    'gates: the phase is open for a unit when these duties are done for it',
  ),
});

/** A response: exactly one verb. */
export const response = z.strictObject({
  tell: may(names, '通知谁：owner、person 或角色', 'whom to tell: owner, person or roles'),
  text: may(name, '用哪段文字', 'text to send'),
  flag: may(name, '在哪份报表中标记', 'report in which a line is flagged'),
  open: may(name, '开启哪种办件（只在办件及其梯次中）', 'kind of case to open; only in a case and its ladders'),
  retry: may(
    name,
    '为该笔应缴再组织一次哪项代扣（只在办件及其梯次中）',
    'deduction to try again for the due; only in a case and its ladders',
  ),
  if: may(cel, '仅当成立', 'only if true'),
  confirm: may(name, '先由谁确认放行', 'role that releases it first'),
  mandatory: may(yes, '休息日也发', 'goes out on days off too', 'false'),
});

export const responses = z.array(response).min(1).max(20);

export const rung = z.strictObject({
  at: key(distance, '离到期日多远；+1d 为逾期第一天', 'distance from the due date; +1d is the first day late'),
  ...response.shape,
});

export const ladder = element({
  rungs: key(
    z.array(rung).max(30),
    '各级，按距到期日远近排列；[] 只用于办件的状态：另由任务按计数催办',
    'rungs in order of distance from the due date; [] only for a state of a case that a duty over a count speaks for',
  ),
});

export const message = element({
  say: key(
    z.strictObject({ zh: key(text, '中文', 'Chinese'), en: may(text, '英文', 'English') }),
    '正文；{unit} 等为栏位',
    'what is said; {unit} and the like are fields',
  ),
  via: may(z.array(z.enum(['inbox', 'sms', 'email', 'webhook', 'paper'])).min(1), '渠道', 'channels', '[inbox]'),
  receive: may(distance, '签收时限', 'must be received within'),
  reply: may(distance, '反馈时限', 'must be replied to within'),
  checker: may(name, '由谁核查、销号', 'role that checks the reply and strikes it off'),
});
