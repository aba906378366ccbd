import { z } from 'zod';
import { cel, count, date, distance, element, key, may, name, nameList, names, rhythm, scalar, text, yes } from './words.js';
import { responses } from './when.js';

export const group = element({
  by: key(name, '认定部门', 'role that certifies membership'),
  if: may(cel, '条件', 'condition'),
  due: may(date, '录入截止日（含）', 'last day of entry'),
  lateLoses: may(nameList, '逾期录入者当年失去的金额', 'amounts lost for the year when entered later'),
});

const columns = z.record(z.string().min(1).max(40), text);
const cell = scalar;
export const load = z.union([
  text,
  z.strictObject({
    file: key(text, '同目录的表格文件', 'file beside the definition'),
    columns: may(
      z.record(z.string(), text),
      '列名对应：列标识: 文件中的列名',
      'headings of the file: column id to heading',
      '列名即标识 / heading = id',
    ),
  }),
]);

export const table = element({
  inputs: key(columns, '输入列: 类型', 'input columns: type'),
  outputs: key(columns, '输出列: 类型', 'output columns: type'),
  rows: may(
    z.array(z.array(cell).min(1).max(20)).min(1).max(2000),
    '各行：先输入后输出；单元格可写 a | b、16..19、25..、16..<20、any、$参数',
    'rows, inputs then outputs; cells: value, a | b, 16..19, 25.., 16..<20, any, $parameter',
  ),
  load: may(
    load,
    '启动时装入：文件，或提供的角色（leads 为牵头角色）',
    'loaded at launch: a file, or the role that supplies it (leads = the leading role)',
  ),
  hit: may(text, '命中规则：one、first、all、highest 列', 'hit rule: one, first, all, highest <output>', 'one'),
  else: may(
    z.union([scalar, z.record(z.string(), scalar)]),
    '无行命中：refuse、person（由人决定）或值',
    'when no row fits: refuse, person, or a value',
    '空缺即拒绝载入 / a gap is refused',
  ),
  totals: may(z.record(z.string(), z.number()), '印出的合计，装入时核对', 'printed totals, checked on import'),
  deny: may(cel, '不许出现的行', 'rows for which this is true are refused'),
  provisional: may(name, '正式表到来前暂用的表', 'table that stands in until this one is loaded'),
});

const rowSets = 'dues, payments, people, identities, recipients, held';
export const amount = element({
  over: key(name, `行的范围：${rowSets}`, 'row set'),
  value: key(cel, '金额公式（CEL）', 'formula (CEL)'),
});

export const rule = element({
  guards: key(name, '所管的办理事项或任务', 'guarded activity or duty'),
  deny: may(cel, '成立则拒绝；款已到账的记入待查', 'true = refused; money that has arrived is booked as suspense'),
  mark: may(cel, '成立则受理并标记', 'true = accepted and flagged'),
});

export const tally = element({
  over: key(name, `行的范围：${rowSets}，或任务（其答复）`, 'row set, or a duty whose answers are counted'),
  if: may(cel, '只数成立的行', 'counts only rows for which this is true', '全部 / all rows'),
  value: may(cel, '相加的值（CEL）', 'what is added up (CEL)', '计数 / counts rows'),
});

export const measure = element({
  part: key(name, '分子：计数，或 表.列', 'numerator: a count or table.column'),
  whole: may(name, '分母', 'denominator', '只是数或和 / a plain count or sum'),
  per: may(z.literal('insurance'), '按险种各一个（报表按险种分行）', 'one for each insurance kind; reports then have a line for each'),
  show: may(z.enum(['percent', 'yuan', 'count']), '如何印出', 'how it is printed', '按类型 / by type'),
});

export const milestone = element({
  per: key(name, '在哪一层评定', 'level at which it is judged'),
  every: may(rhythm, '每期评定', 'judged for each period', '一次 / once'),
  due: key(date, '评定日（含）', 'day it is judged, included'),
  roll: may(text, '遇休息日：none、before、after 或 $参数', 'on days off: none, before, after or $parameter', 'none'),
  reach: may(cel, '门槛，如 "paidRate >= 96%"', 'threshold, e.g. "paidRate >= 96%"'),
  needs: may(nameList, '须按期完成的任务', 'duties that must be done by then'),
  strength: may(z.enum(['must', 'strive']), '必达或力争', 'must or strive', 'must'),
  grace: may(distance, '评定日后多久内补记的仍算', 'late records count until then', '0d'),
  empty: may(z.enum(['met', 'open']), '分母为零时', 'what an empty whole means', 'open'),
  met: may(responses, '达到时', 'when met'),
  missed: may(responses, '未达到时', 'when missed'),
});

export const field = z.union([
  text,
  z.strictObject({
    type: key(text, '类型', 'type'),
    title: may(text, '名称', 'title', '标识 / the id'),
    codes: may(z.record(z.string(), text), '代码表', 'codes'),
    own: may(
      yes,
      '办件中多方签署的，各填各的，随签名保存',
      'in a case that several sign: each gives its own, which is kept with the signature',
      'false',
    ),
  }),
]);
export const fields = z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/), field);

export const paper = element({ fields: may(fields, '栏位: 类型', 'fields: type') });

export const report = element({
  per: key(names, '每行一个：层级、person，可加 insurance', 'one line for each: level or person, with insurance if needed'),
  shows: key(
    nameList,
    '指标、计数、里程碑、任务、材料；per: person 也可用行集',
    'measures, counts, milestones, duties, papers; with per: person also row sets',
  ),
  for: key(names, '给谁；public 为公众，不含个人信息', 'for whom; public is an audience without personal data'),
});

export const publish = z.strictObject({
  over: key(name, '公示哪些行', 'row set'),
  if: may(cel, '只含成立的行', 'only rows for which this is true'),
  shows: key(nameList, '公示的列（绝不含证件号码）', 'columns shown, never ID numbers'),
  days: key(z.union([count, text]), '贴出日之后至少整几天，或 $参数', 'full days after the posting day, or $parameter'),
});
