import type { RowSet } from '../model/definition.js';

/**
 * Columns that expressions see as `row.<id>`, per row set. A row is plain data: money in fen, counts as whole numbers, days
 * `YYYY-MM-DD`, months `YYYY-MM`, yesno as boolean, lists as arrays. Whoever supplies rows (rules activity, importer, rehearsal) fills
 * the columns that the expression names; the amounts of a definition are added to their row set under their own ids.
 */
export type ColumnType = 'text' | 'count' | 'money' | 'percent' | 'date' | 'month' | 'yesno' | 'texts';

export interface RowColumn {
  readonly type: ColumnType;
  /** null is a value: "no such day". Compare with `== null` before using it. */
  readonly nullable: boolean;
  readonly zh: string;
  readonly en: string;
}

const column =
  (type: ColumnType, nullable = false) =>
  (zh: string, en: string): RowColumn => ({ type, nullable, zh, en });
const text = column('text');
const texts = column('texts');
const count = column('count');
const money = column('money');
const date = column('date');
const dateOrNull = column('date', true);
const month = column('month');
const yesno = column('yesno');

const PERSON = {
  person: text('人员编号', 'surrogate of the person'),
  name: text('姓名', 'name'),
  unit: text('单位编号', 'surrogate of the unit'),
  village: text('村居名称', 'name of the unit'),
  born: date('出生日期', 'birthday'),
  age: count('周岁', 'completed years on the day asked about'),
  groups: texts('已认定的困难群体', 'groups certified for the person, by group id'),
} satisfies Record<string, RowColumn>;

const SCHEME = {
  insurance: text('险种', 'insurance kind'),
  year: count('缴费年度', 'contribution year'),
} satisfies Record<string, RowColumn>;

const STATUS = {
  student: yesno('在校学生', 'is a student'),
  inEmployeeScheme: yesno('已参加职工保险', 'is in the employees scheme'),
  inOtherScheme: yesno('已参加其他社会养老保险', 'is in another social pension'),
  householdHere: yesno('本地户籍', 'household registered here'),
  residencePermit: yesno('持居住证', 'holds a residence permit'),
  parentsInsured: count('父母中已参保人数', 'number of parents in a scheme here'),
  numberTaken: yesno('号码已被使用', 'the insurance number belongs to somebody'),
  otherNumber: yesno('已有其他编号', 'the person has another number'),
  diedOn: dateOrNull('死亡日期', 'day of death, if any'),
} satisfies Record<string, RowColumn>;

const TIER = {
  tier: money('缴费档次', 'tier chosen or declared'),
  yearSum: money('本年度累计（含本次）', 'booked this year including what is declared now'),
  alreadyPaid: yesno('本年度已缴', 'something is already booked for the year'),
} satisfies Record<string, RowColumn>;

export const ROW_COLUMNS: Readonly<Record<RowSet, Readonly<Record<string, RowColumn>>>> = {
  dues: {
    ...PERSON,
    ...SCHEME,
    ...TIER,
    student: STATUS.student,
    lateGroups: texts('其中逾期录入的群体', 'of its groups, those entered after their cut-off'),
    item: text('应缴项目', 'what is owed'),
    amount: money('已缴或应缴金额', 'what has arrived, else what is owed'),
    arrived: yesno('已到账', 'the money has arrived'),
    arrivedOn: dateOrNull('到账日期', 'day the money arrived, if it has'),
    collected: yesno('代办员已收', 'the agent has collected it'),
    deposited: money('已存金额', 'deposit reported for deduction'),
    receipt: text('票据号', 'number of the receipt, empty when there is none'),
    assignedTo: text('包户责任人', 'cadre to whom the household is assigned, empty when nobody'),
    phase: text('所处阶段', 'phase of the campaign'),
    population: text('人群', 'kind of population as the channel table names it'),
  },
  payments: {
    ...PERSON,
    ...SCHEME,
    ...TIER,
    amount: money('金额', 'amount paid'),
    kind: text('款项状态', 'collected, remitted, arrived or reversal'),
    happenedOn: date('发生日期', 'day it happened'),
    phase: text('所处阶段', 'phase of the campaign on that day'),
    population: text('人群', 'kind of population as the channel table names it'),
    channel: text('渠道', 'channel as the channel table names it'),
    means: text('方式', 'means of payment'),
    receipt: text('票据号', 'number of the receipt, empty when there is none'),
    onRoster: yesno('在征收清册', 'the person is on the roster'),
    account: text('存入账户', 'dedicated, fiscal or personal'),
    source: text('资金来源', 'own, collective, sponsor or subsidy'),
    ledger: text('记入账套', 'book it goes into'),
    kindLedger: text('本险种账套', 'book of its insurance kind'),
  },
  people: { ...PERSON, ...SCHEME, ...STATUS, population: text('人群', 'kind of population as the channel table names it') },
  identities: {
    person: PERSON.person,
    name: PERSON.name,
    unit: PERSON.unit,
    village: PERSON.village,
    born: PERSON.born,
    group: text('群体', 'group the entry claims'),
    grade: count('等级', 'grade of disability or complication; 1 is the gravest'),
    childGrade: count('子女伤残等级', 'grade of the only child; death counts as 1'),
    furtherChild: yesno('已再生育或收养', 'a further child was born or adopted'),
    wifeBorn: date('女方出生日期', "the wife's birthday"),
    noLivelihood: yesno('无生活来源', 'has no means of livelihood'),
    noAbility: yesno('无劳动能力', 'is unable to work'),
    noSupporter: yesno('无法定赡养、抚养人', 'has nobody bound to support'),
    certified: yesno('已经部门认定', 'certified by the office that may'),
    certifiedBy: text('认定角色', 'role that certified'),
    entered: yesno('已录入', 'entered by the office that keeps the roster'),
    enteredOn: date('录入日期', 'day of entry'),
    liftedOn: dateOrNull('脱离日期', 'day the ground ended, if it has'),
  },
  recipients: {
    ...PERSON,
    insurance: SCHEME.insurance,
    month: month('待遇月份', 'month of the benefit'),
    years: count('连续缴费年限', 'completed continuous contribution years'),
    entitled: yesno('应发', 'is entitled in the month'),
    paid: yesno('已发', 'has been paid in the month'),
    amount: money('发放金额', 'amount paid'),
    diedOn: STATUS.diedOn,
  },
  held: {
    unit: PERSON.unit,
    insurance: SCHEME.insurance,
    amount: money('金额', 'amount held'),
    collectedOn: date('收取日期', 'day it was collected'),
    account: text('存入账户', 'dedicated, fiscal or personal'),
    receipt: text('票据号', 'number of the receipt, empty when there is none'),
  },
  attempts: {
    unit: PERSON.unit,
    ...SCHEME,
    deduction: text('代扣', 'id of the deduction'),
    round: count('第几轮', 'round, from 1'),
    amount: money('请求金额', 'amount asked for'),
    sentOn: date('送出日期', 'day the request was made'),
    standing: text(
      '结果：pending 未回、success、failed-retryable、failed-permanent、unknown、duplicate-reported',
      'where it stands: pending, success, failed-retryable, failed-permanent, unknown or duplicate-reported',
    ),
  },
};

/** What a count over a duty about persons sees of each of them. */
export const STANDING_COLUMNS = {
  open: yesno('尚未办理', 'is still owed'),
  late: yesno('尚未办理且已逾期', 'is still owed and overdue'),
  checking: yesno('已办，待核查', 'is done and waits for its check'),
  done: yesno('已办', 'is done'),
  doneLate: yesno('逾期办理', 'was done after its due date'),
  waived: yesno('已免除', 'was waived'),
  notOwed: yesno('不适用或已撤销', 'is not owed after all, or was withdrawn'),
} satisfies Record<string, RowColumn>;

/**
 * What a count over a kind of case sees besides: where it stands, and its fields of money and counts (0 while nobody has given them).
 */
export const CASE_COLUMNS = {
  state: text('所处状态', 'state it is in'),
  round: count('最近一轮', 'last round it has heard of'),
} satisfies Record<string, RowColumn>;

/** Fields of a case that can be counted with. */
export const isCountedField = ({ type }: { readonly type: string }): boolean => type === 'money' || type === 'count';

/** What `row` is in a rule that guards an activity. A rule that guards a duty sees its `answer` instead. */
export const ACTIVITY_ROWS: Readonly<Record<string, RowSet>> = {
  enrol: 'people',
  roster: 'people',
  enterIdentity: 'identities',
  declare: 'dues',
  pay: 'payments',
  collect: 'payments',
  remit: 'held',
  deduct: 'dues',
  book: 'payments',
  payBenefit: 'recipients',
};

/** Row sets in the order in which they are documented. */
export const ROW_SETS = Object.keys(ROW_COLUMNS) as readonly RowSet[];
export const isRowSet = (name: string): name is RowSet => Object.hasOwn(ROW_COLUMNS, name);
