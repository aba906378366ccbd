import { z } from 'zod';
import { cel, codes, date, element, key, may, name, nameList, names, rhythm, text } from './words.js';
import { fields, publish } from './figures.js';
import { responses } from './when.js';

export const duty = element({
  owes: key(
    names,
    '谁负责；列表为共同负责；逐人任务可写 person（本人）',
    'who owes it; a list means all of them jointly; a duty about persons may say person',
  ),
  per: may(
    names,
    '每个一份：层级，可加 insurance；due 为逐人（每笔应缴一份）',
    'one for each: level, with insurance if needed; due = about each person, one for each due of the year',
    '负责角色的层级 / level of the owing role',
  ),
  if: may(
    cel,
    '逐人任务对谁（row 为应缴）',
    "for whom, in a duty about persons ('row' is the due)",
    '名册上每个人 / everybody on the roster',
  ),
  during: may(name, '在哪个阶段', 'phase', '有效期内 / the validity'),
  every: may(rhythm, '每期一次', 'once a period', '一次 / once'),
  after: may(names, '事件之后', 'after these events'),
  over: may(
    z.literal('held'),
    'held：自最早未缴存的一笔起，一个单位只开一项',
    'held: one obligation stands open per unit, since its oldest held payment',
  ),
  due: key(date, '最后一天（含）', 'last good day'),
  roll: may(text, '遇休息日：none、before、after 或 $参数', 'on days off: none, before, after or $parameter', 'none'),
  dueIf: may(cel, '成立之日即到期（与 due 取早）', 'due on the day it becomes true, if earlier than due'),
  doneIf: may(cel, '由事实自动完成（逐人任务看 row）', "discharged by the fact itself (a duty about persons sees 'row')"),
  needs: may(nameList, '须先完成的任务', 'duties that must be done first'),
  wants: may(nameList, '应先完成；缺的照记照印，不拦', 'should be done first; who is missing is recorded and printed'),
  nil: may(z.literal('explicit'), '“无”须明确签报', 'none is a signed answer; silence is late', '不得空报 / an empty answer is refused'),
  fields: may(fields, '答复填什么', 'what the answer states'),
  compare: may(nameList, '各方所报须完全相等的栏位', 'fields in which all parts must agree exactly'),
  missed: may(responses, '各方不一致时', 'when the parts differ'),
  items: may(codes, '清单，逐项勾选', 'checklist, ticked one by one'),
  evidence: may(nameList, '须附的材料', 'papers that must be given'),
  gives: may(nameList, '交出的材料、报表或文件', 'papers, reports or files handed over'),
  for: may(names, '交给谁', 'to whom'),
  publish: may(publish, '公示', 'publication'),
  table: may(name, '以里程碑结果查表得分', 'table over milestone results that proposes the answer'),
  of: may(nameList, '哪些里程碑', 'the milestones, in the order of the inputs'),
  checker: may(name, '由谁核查', 'role that checks it'),
  ladder: key(text, '用哪个梯次', 'ladder'),
});
