import { z } from 'zod';
import { fields } from './figures.js';
import { cel, count, date, element, id, key, may, name, nameList, names, text } from './words.js';
import { responses } from './when.js';

export const caseState = z.strictObject({
  title: may(text, '中文名称', 'Chinese title', '办件的名称 / the title of the case'),
  clause: may(z.union([text, z.array(text).min(1).max(60)]), '依据条款', 'clause', '办件的依据 / that of the case'),
  owes: may(names, '谁负责；列表为共同负责；不写为终结', 'who owes it, a list jointly; without it the state is final'),
  due: may(
    date,
    '最后一天（含）；since 为进入之日，opened 为开启之日',
    'last good day; `since` the day it was entered, `opened` the day the case was opened',
  ),
  roll: may(text, '遇休息日：none、before、after 或 $参数', 'on days off: none, before, after or $parameter', 'none'),
  ladder: may(text, '用哪个梯次', 'ladder'),
});

export const caseAct = z.strictObject({
  title: may(text, '中文名称', 'Chinese title', '标识 / the id'),
  clause: may(z.union([text, z.array(text).min(1).max(60)]), '依据条款', 'clause', '办件的依据 / that of the case'),
  in: key(names, '在哪些状态', 'states in which it may be done'),
  by: may(names, '由谁；列表为逐一签署，最后一签办成', 'by whom; of a list each signs, and the last signature does it'),
  after: may(names, '由哪些事件自动办；阶段.ended 为阶段结束', 'events on which the engine does it; phase.ended when a phase is over'),
  if: may(cel, '仅当成立（case 为本办件，含所填）', "only if true ('case' is this case, what is asked included)"),
  asks: may(nameList, '必填内容（reason 为理由）', 'fields that must be given; `reason` is always one'),
  evidence: may(nameList, '须附的材料', 'papers that must be given'),
  needs: may(
    nameList,
    '本件开启的哪些办件须先办结，如 other.closed',
    'cases opened by this one that must be closed first, e.g. other.closed',
  ),
  does: may(
    name,
    '按哪项办理的规则；deduct 放行再扣；reportDeposit 把栏位 deposited 记为现共存有多少',
    'guarded activity whose rules hold here; `deduct` frees the due; `reportDeposit` records the field `deposited` as what stands there in all',
  ),
  next: key(name, '到哪个状态', 'the state it leads to'),
  most: may(count, '一件中最多几次', 'at most so often in one case', '不限 / no limit'),
  then: may(responses, '随后', 'what follows'),
});

export const caseType = element({
  per: key(names, '每个一件；本版本只有 due（每笔应缴）', 'one for each; this version knows `due`'),
  after: may(
    names,
    '由哪些事件开启（代扣的结果、代扣.owedBack 应退）',
    'events that open one: outcomes of a deduction, deduction.owedBack',
    '由代扣结果的 open 开启 / opened by an outcome',
  ),
  by: may(names, '谁可开启', 'who may open one by hand', '无人 / nobody'),
  unique: may(
    nameList,
    '[due]：未办结时再次开启并入原件',
    '[due]: while one is open a second opening joins it',
    '另开一件 / another one is opened',
  ),
  fields: may(fields, '栏位', 'fields'),
  states: key(
    z.record(id, caseState),
    '状态；第一个为起点，无 owes 的为终结',
    'states: the first is the start, one without `owes` is final',
  ),
  acts: key(z.record(id, caseAct), '办理：从状态到状态', 'acts, each leading from a state to a state'),
});
