import type { Table } from '../../domain/model/definition.js';
import type { ImportKind } from '../../domain/model/import-kind.js';
import { squeeze } from './cell.js';

export type FieldType = 'text' | 'idNumber' | 'account' | 'phone' | 'money' | 'count' | 'grade' | 'date' | 'year' | 'yesno' | 'list';

/** One column that a kind of file may have. `names`: headings under which offices write it; the first is printed in messages. */
export interface Field {
  readonly id: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly names: readonly string[];
  /** Its column is summed and compared with the total row. */
  readonly summed: boolean;
}

const field = (id: string, type: FieldType, names: readonly string[], more: Partial<Field> = {}): Field => ({
  id,
  type,
  names,
  required: false,
  summed: false,
  ...more,
});
const required = { required: true };
const summed = { required: true, summed: true };

const village = field('unit', 'text', [
  '村居',
  '单位',
  '村',
  '村名',
  '村（居）',
  '村(居)',
  '村居单位',
  '行政村',
  '社区',
  '所属单位',
  '所属村',
  '单位名称',
  '村、居民单位',
  'village',
  'unit',
]);
const name = field('name', 'text', ['姓名', '参保人', '参保人姓名', '缴费人', '缴费人姓名', '户主', 'name'], required);
const idNumber = field('idNumber', 'idNumber', ['身份证号码', '身份证号', '公民身份号码', '身份证', '证件号码', '证件号', 'idNumber']);
const insurance = field('insurance', 'text', ['险种', '险种类型', '保险种类', '征收品目', 'insurance']);
const year = field('year', 'year', ['年度', '缴费年度', '所属年度', '年份', 'year']);

const account = field('account', 'account', [
  '账号',
  '银行账号',
  '存折账号',
  '专用存折账号',
  '卡号',
  '银行卡号',
  '社保卡账号',
  '社保卡金融账号',
  '代扣账号',
  'account',
]);
const group = field('group', 'text', ['身份类别', '特殊身份', '人员类别', '认定类别', '困难类别', '群体', 'group'], required);

const FIXED: Readonly<Record<Exclude<ImportKind, 'targets'>, readonly Field[]>> = {
  units: [
    field('name', 'text', ['单位名称', '名称', '村居', '单位', '村名', 'name'], required),
    field('code', 'text', ['编码', '代码', '单位编码', '区划代码', '行政区划代码', 'code']),
    field('parent', 'text', ['上级', '上级单位', '上级编码', '隶属', '所属管区', '所属乡镇', '管区', 'parent']),
    field('level', 'text', ['层级', '级别', '类别', 'level']),
    field('kind', 'text', ['性质', '单位性质', '类型', 'kind']),
  ],
  people: [
    name,
    field('phone', 'phone', ['手机', '手机号', '手机号码', '电话', '联系电话', '联系方式', 'phone']),
    field('login', 'text', ['登录名', '账号', '用户名', 'login']),
    field('role', 'text', ['岗位', '角色', '职责', '职务', 'role'], required),
    { ...village, ...required },
    field('email', 'text', ['邮箱', '电子邮箱', 'email']),
  ],
  roster: [
    { ...idNumber, ...required },
    name,
    { ...village, ...required },
    insurance,
    year,
    field('tier', 'money', ['档次', '缴费档次', '缴费标准', 'tier']),
    field('amount', 'money', ['应缴金额', '应缴', '应缴费额', '金额', '缴费金额', '个人缴费', 'amount'], { summed: true }),
    field('governmentPaid', 'money', ['政府代缴', '代缴金额', '财政代缴', 'governmentPaid'], { summed: true }),
    field('groups', 'list', ['人员类别', '困难类别', '人群类别', '特殊人群', '困难群体', 'groups']),
    field('phone', 'phone', ['手机', '手机号', '电话', '联系电话', '联系方式', 'phone']),
    field('assignedTo', 'text', ['包户干部', '包户人', '责任人', '包保人', 'assignedTo']),
    field('paidLastYear', 'yesno', ['上年缴费', '上年已缴', '上年度是否缴费', '去年缴费', 'paidLastYear']),
  ],
  payments: [
    idNumber,
    { ...name, required: false },
    village,
    insurance,
    year,
    field('amount', 'money', ['实缴金额', '缴费金额', '金额', '实缴', '到账金额', '累计缴费', '累计金额', '累计实缴', 'amount'], summed),
    field('on', 'date', ['缴费日期', '日期', '到账日期', '交易日期', '入账日期', '截止日期', 'date']),
    field('kind', 'text', ['业务类型', '交易类型', '收退标志', '类型', 'kind']),
    field('externalId', 'text', ['流水号', '交易流水号', '业务流水号', '订单号', '凭证号', 'externalId']),
    field('reverses', 'text', ['原流水号', '原交易流水号', '冲正流水号', 'reverses']),
    field('receipt', 'text', ['票据号', '收据号', '票号', '票据号码', 'receipt']),
    field('channel', 'text', ['渠道', '缴费渠道', 'channel']),
    field('means', 'text', ['缴费方式', '方式', '支付方式', 'means']),
  ],
  unitTotals: [
    { ...village, ...required },
    insurance,
    field('on', 'date', ['日期', '缴费日期', '统计日期', 'date']),
    field('persons', 'count', ['人数', '缴费人数', '当日人数', '已缴人数', 'persons'], summed),
    field('amount', 'money', ['金额', '缴费金额', '当日金额', '已缴金额', 'amount'], summed),
  ],
  accounts: [
    { ...idNumber, ...required },
    { ...name, required: false },
    insurance,
    { ...account, ...required },
    field('holder', 'text', ['户名', '账户名', '开户人', '账户姓名', 'holder']),
    field('bank', 'text', ['银行', '开户银行', '开户行', 'bank'], required),
    field('branch', 'text', ['网点', '开户网点', '支行', '网点名称', 'branch']),
  ],
  deposits: [
    idNumber,
    account,
    { ...name, required: false },
    insurance,
    year,
    field('amount', 'money', ['预存金额', '存款金额', '账户余额', '余额', '已存金额', '金额', 'amount'], summed),
    field('on', 'date', ['截止日期', '日期', '预存日期', '存款日期', '统计日期', 'date'], required),
  ],
  identities: [
    { ...idNumber, ...required },
    { ...name, required: false },
    group,
    field('certifiedOn', 'date', ['认定日期', '批准日期', '发证日期', 'certifiedOn']),
    field('grade', 'grade', ['等级', '残疾等级', '级别', '并发症等级', 'grade']),
    field('childGrade', 'grade', ['子女伤残等级', '子女等级', 'childGrade']),
    field('furtherChild', 'yesno', ['是否再生育', '再生育或收养', '再生育', 'furtherChild']),
    field('wifeBorn', 'date', ['女方出生日期', '妻子出生日期', 'wifeBorn']),
    field('noLivelihood', 'yesno', ['无生活来源', 'noLivelihood']),
    field('noAbility', 'yesno', ['无劳动能力', 'noAbility']),
    field('noSupporter', 'yesno', ['无法定赡养抚养人', '无赡养人', 'noSupporter']),
    field('liftedOn', 'date', ['脱贫日期', '脱离日期', '退出日期', '取消日期', 'liftedOn']),
    field('withdrawn', 'yesno', ['取消认定', '撤销认定', 'withdrawn']),
    field('reason', 'text', ['原因', '事由', '备注说明', 'reason']),
  ],
  identityEntries: [{ ...idNumber, ...required }, { ...name, required: false }, group],
};

/** What `targets` files of one table hold: its first input is the unit; outputs are its columns, known by heading (`from`), id or title. */
export function targetFields(table: Table): readonly Field[] {
  return [
    {
      ...village,
      required: true,
      names: [...village.names, ...(table.inputs[0] ? [table.inputs[0].id, table.inputs[0].from ?? ''] : [])].filter((text) => text !== ''),
    },
    ...table.outputs.map((column) =>
      field(
        column.id,
        column.type === 'money' ? 'money' : column.type === 'count' ? 'count' : 'text',
        [...(column.from === null ? [] : [column.from]), column.id, ...(TARGET_NAMES[column.id] ?? [])],
        {
          required: column.type === 'money' || column.type === 'count',
          summed: column.type === 'money' || column.type === 'count',
        },
      ),
    ),
  ];
}

/** Headings of columns that every county's task table has. */
const TARGET_NAMES: Readonly<Record<string, readonly string[]>> = {
  payers: ['任务人数', '缴费人数', '人数', '任务数', '目标人数', '应缴人数'],
  amount: ['任务金额', '缴费金额', '金额', '目标金额', '应缴金额', 'amount_yuan'],
  area: ['管区', '片区', '所属管区'],
};

export function fieldsOf(kind: ImportKind, table: Table | null): readonly Field[] {
  if (kind !== 'targets') return FIXED[kind];
  return table === null ? [{ ...village, ...required }] : targetFields(table);
}

/** A heading without blanks, remarks in brackets and units of measure: `缴费金额（元）` is `缴费金额`. */
export function headingKey(text: string): string {
  return squeeze(text)
    .replace(/[（(](元|万元|分|人|户|个|必填|选填|文本)[）)]/g, '')
    .replace(/[*：:]/g, '')
    .toLowerCase();
}

/** The field that a heading names, exactly; null when it is none. */
export function fieldByHeading(fields: readonly Field[], heading: string): Field | null {
  const key = headingKey(heading);
  if (key === '') return null;
  return fields.find((candidate) => candidate.names.some((written) => headingKey(written) === key)) ?? null;
}
