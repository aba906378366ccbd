import { z } from 'zod';
import { codes, count, element, key, may, name, nameList, names, scalar, text, valueTypes } from './words.js';

/** Types may be written out of the closed list; a later word (`expiry`) is refused with its own message, so any text passes here. */
export const valueType = text;

export const level = element({
  under: may(name, '上级层级', 'the level above', '最高层 / top'),
  table: may(name, '其各行即本层单位的表，启动时装入', 'table whose rows are the units of this level, loaded at launch'),
});

export const role = element({
  per: may(name, '在哪一层任职', 'level at which the role is held'),
  oneOf: may(nameList, '这些角色中任一个', 'any one of these roles'),
  most: may(count, '一个单位最多几人', 'at most so many holders at one unit', '不限 / no limit'),
  evidence: may(nameList, '任职须有的材料', 'papers a holder needs'),
});

export const parameter = element({
  type: key(valueType, `值的类型：${valueTypes.join('、')}`, 'type of the value'),
  value: may(scalar, '通知所印或我们解读的值', 'value as printed or read', '由县里设定，未设不得启动 / set by the county, else no launch'),
  per: may(name, '该层每个单位可自定', 'each unit of this level may set its own'),
  reach: may(text, '自定的范围，如 ">= 200"', 'bounds of the own value, e.g. ">= 200"'),
  codes: may(codes, '代码表（type: code）', 'codes (type: code)'),
});

export const grant = element({
  by: may(names, '谁可以做', 'who may do it'),
  of: may(nameList, '只限这些对象', 'only for these elements', '全部 / all'),
  effect: may(
    z.enum(['newDate', 'wait', 'cover']),
    '延期的后果：仅新日期、等待期、追溯',
    'what an extension means: only a new date, a waiting period, retroactive cover',
    'newDate',
  ),
  evidence: may(nameList, '须有的材料', 'papers needed'),
  most: may(count, '最多几次', 'at most so many times', '不限 / no limit'),
  confirm: may(name, '须由谁确认', 'role that must confirm'),
  asks: may(nameList, '必填内容（reason 为理由）', 'what must be given; reason is always a field'),
});

export const forbidden = element({
  by: key(names, '对谁禁止；anyone 为任何人', 'forbidden to whom; anyone'),
  of: key(nameList, '被禁止的行为；发现后可举报', 'the forbidden acts; there is no button for them, they can be reported'),
});

export const apart = element({
  of: key(
    z.array(z.string().min(1)).min(2).max(20),
    '同一单位同一期不得由同一人办的任务',
    'duties no person does two of for the same unit and period',
  ),
});
