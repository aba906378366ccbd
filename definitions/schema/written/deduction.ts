import { z } from 'zod';
import { cel, count, date, element, id, key, may, name, nameList, rhythm, text } from './words.js';

export const outcome = z.strictObject({
  title: may(text, '名称，凡显示结果处都用它', 'how it is called wherever it is shown', '同编号 / its id'),
  class: key(
    z.enum(['success', 'retry', 'stop', 'unknown', 'duplicate']),
    '类别：success 已扣；retry 下一轮再扣；stop 经办件的 does: deduct 才再扣；unknown 不再自动扣；duplicate 银行称已扣过',
    'success: taken; retry: in the next round; stop: not until an act frees it; unknown: never again by itself; duplicate: taken before, says the bank',
  ),
  if: may(cel, '成立走 open，否则走 else（row 为应缴）', "chooses `open`, else `else` ('row' is the due)", '总走 open / always `open`'),
  open: may(name, '开启的办件', 'kind of case it opens', '不开 / none'),
  else: may(name, 'if 不成立时开启的办件', 'kind of case opened when `if` is not true', '不开 / none'),
});

export const deduction = element({
  over: key(z.literal('dues'), '行的范围：应缴', 'row set'),
  if: key(cel, '对谁代扣（row 为应缴）', "who is due ('row' is the due)"),
  owes: key(name, '扣款的银行角色', 'the bank'),
  during: key(name, '在哪个阶段', 'phase'),
  every: key(rhythm, '每期一轮', 'a round each period'),
  due: key(date, '每轮最后一天（含）', 'last good day of a round'),
  roll: may(text, '遇休息日：none、before、after 或 $参数', 'on days off: none, before, after or $parameter', 'none'),
  gives: key(
    nameList,
    '代扣请求文件的格式（一种）。可写的列，表头表尾：batch、madeOn、date、round、insurance、year；明细：batch、line、account、idNumber、name、amount、person、due、insurance、year；此外须有 value、empty 或控制合计',
    'format of the request, one. Columns that it can write, in header and trailer: batch, madeOn, date, round, insurance, year; in a line: batch, line, account, idNumber, name, amount, person, due, insurance, year; any other needs `value`, `empty` or a control total',
  ),
  takes: key(
    name,
    '回盘文件的格式。与所送核对的列：line、account、name、amount（或 due 应扣、taken 实扣）、takenOn；其他列归银行自用',
    'format of the return. Columns held against what was sent: line, account, name, amount (or `due`, asked for, and `taken`), takenOn; others are the bank’s own',
  ),
  most: may(count, '一笔应缴最多扣几次', 'at most so many attempts a due', '不限 / no limit'),
  within: may(count, '首次代扣后几天内再扣', 'not tried again so many days after the first attempt', '阶段之内 / within the phase'),
  margin: may(
    text,
    '建议多存多少：$参数（money），写入失败名单',
    'how much more than is owed to keep on the account, told in lists: $parameter (money)',
    '不提示 / not told',
  ),
  ladder: key(text, '用哪个梯次', 'ladder'),
  outcomes: key(z.record(id, outcome), '回盘结果及其去向；须有 unknown', 'what a code of the return means; `unknown` must be among them'),
});
