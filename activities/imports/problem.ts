import type { Value } from '../../domain/model/definition.js';

/** A file or an act that is refused as a whole: nothing was changed. */
export class ImportRefusal extends Error {
  override readonly name = 'ImportRefusal';
  constructor(
    readonly code: ImportRefusalCode,
    readonly zh: string,
    readonly en: string,
    readonly params: Readonly<Record<string, Value | readonly string[]>> = {},
  ) {
    super(`${code}: ${en}`);
  }
}

export type ImportRefusalCode =
  | 'empty-file'
  | 'file-too-large'
  | 'old-excel'
  | 'not-a-workbook'
  | 'not-a-table'
  | 'half-written'
  | 'zip-bomb'
  | 'too-heavy'
  | 'too-wide'
  | 'too-many-rows'
  | 'wrong-charset'
  | 'header-not-found'
  | 'missing-columns'
  | 'total-row-missing'
  | 'wrong-total'
  | 'wrong-file-kind'
  | 'bad-profile'
  | 'unknown-profile'
  | 'unknown-table'
  | 'unknown-process'
  | 'bad-rows'
  | 'cancelled'
  | 'unknown-suspense'
  | 'suspense-settled'
  | 'unknown-due'
  | 'too-much-for-due'
  | 'other-insurance'
  | 'rule-broken'
  | 'already-paid'
  | 'with-bank'
  | 'receipt-not-issued'
  | 'receipt-used'
  | 'slip-used'
  | 'receipt-overlap'
  | 'bad-receipt-range'
  | 'unknown-unit'
  | 'unknown-user'
  | 'unknown-person'
  | 'unknown-group'
  | 'bad-amount'
  | 'bad-date';

/** What is wrong with one row; the other rows are kept. The number of a resident is never repeated in `params`. */
export type RowProblemCode =
  | 'empty-cell'
  | 'too-few-cells'
  | 'number-cell'
  | 'formula-cell'
  | 'error-cell'
  | 'bad-character'
  | 'not-money'
  | 'not-count'
  | 'not-date'
  | 'not-code'
  | 'id-number'
  | 'unknown-unit'
  | 'ambiguous-unit'
  | 'unknown-level'
  | 'unknown-parent'
  | 'unit-circle'
  | 'unknown-role'
  | 'unknown-insurance'
  | 'unknown-group'
  | 'unknown-collector'
  | 'role-level'
  | 'no-login'
  | 'twice-in-file'
  | 'row-rule'
  | 'not-positive'
  | 'not-grade'
  | 'bad-account'
  | 'ambiguous-account'
  | 'future-day'
  | 'unknown-person'
  | 'not-on-roster'
  | 'not-certifier'
  | 'not-certified'
  | 'group-condition'
  | 'certified-only';

export interface RowProblem {
  /** Line of the file (CSV) or row of the sheet, from 1. */
  readonly line: number;
  /** Heading of the column as printed in the file; null = the whole row. */
  readonly column: string | null;
  readonly code: RowProblemCode;
  readonly params: Readonly<Record<string, Value>>;
}

const TEXTS: Readonly<Record<RowProblemCode, { readonly zh: string; readonly en: string }>> = {
  'empty-cell': { zh: '必填项为空', en: 'a required cell is empty' },
  'too-few-cells': { zh: '本行列数不足', en: 'the row has too few cells' },
  'number-cell': {
    zh: '以数字格式存放，末尾数字已丢失，请改为文本后重新填写',
    en: 'stored as a number, digits are lost: format the column as text and enter it again',
  },
  'formula-cell': { zh: '是公式，请粘贴为数值', en: 'holds a formula: paste it as a value' },
  'error-cell': { zh: '是错误值', en: 'holds an error value' },
  'bad-character': { zh: '含有无法识别的字符，请检查文件编码', en: 'holds a character that cannot be read: check the charset of the file' },
  'not-money': { zh: '不是有效金额（元，最多两位小数）', en: 'not an amount in yuan with at most two decimals' },
  'not-count': { zh: '不是有效人数', en: 'not a whole number' },
  'not-date': { zh: '不是有效日期', en: 'not a date' },
  'not-code': { zh: '不在允许的取值内', en: 'not one of the allowed values' },
  'id-number': { zh: '身份证号码有误', en: 'the ID number is wrong' },
  'unknown-unit': { zh: '没有这个单位', en: 'no such unit' },
  'ambiguous-unit': { zh: '有多个同名单位，请填编码或上级', en: 'several units have this name: give the code or the unit above' },
  'unknown-level': { zh: '没有这个层级', en: 'no such level' },
  'unknown-parent': { zh: '没有这个上级单位', en: 'no such unit above' },
  'unit-circle': { zh: '上级关系成环', en: 'the units above form a circle' },
  'unknown-role': { zh: '没有这个岗位', en: 'no such role' },
  'unknown-insurance': { zh: '没有这个险种', en: 'no such kind of insurance' },
  'unknown-group': { zh: '没有这个人群类别', en: 'no such group' },
  'unknown-collector': { zh: '没有这个包户人', en: 'no such user to assign to' },
  'role-level': { zh: '该岗位不设在这一层级', en: 'the role is not held at a unit of this level' },
  'no-login': { zh: '缺少登录名和手机号', en: 'neither a login nor a phone number' },
  'twice-in-file': { zh: '文件内重复', en: 'stands twice in the file' },
  'row-rule': { zh: '不符合本表的规则', en: 'breaks the rule of the table' },
  'not-positive': { zh: '必须大于零', en: 'must be above zero' },
  'not-grade': { zh: '不是有效等级（一级至十级）', en: 'not a grade from 1 to 10' },
  'bad-account': { zh: '不是有效账号（8至32位数字）', en: 'not an account number of 8 to 32 digits' },
  'ambiguous-account': { zh: '多人使用这个账号，请填身份证号码', en: 'several persons use this account: give the ID number' },
  'future-day': { zh: '日期晚于今天', en: 'the day is in the future' },
  'unknown-person': { zh: '没有这个人', en: 'no such person' },
  'not-on-roster': { zh: '不在可办理的征缴名册内', en: 'not on the roster that you may work on' },
  'not-certifier': { zh: '这类身份不由你部门认定', en: 'your office does not certify this group' },
  'not-certified': { zh: '尚未认定', en: 'is not certified' },
  'group-condition': { zh: '不符合该类身份的条件', en: 'the condition of the group is not met' },
  'certified-only': { zh: '身份须经部门认定后录入，不随名册导入', en: 'groups are certified and entered, not brought in with the roster' },
};

/** The sentence for a row problem, with the values named in `params`. */
export function tellRowProblem(problem: RowProblem): { readonly zh: string; readonly en: string } {
  const text = TEXTS[problem.code];
  const detail = Object.values(problem.params).map(String).join(', ');
  const [zhPlace, enPlace] =
    problem.column === null
      ? [`第${problem.line}行`, `row ${problem.line}`]
      : [`第${problem.line}行“${problem.column}”`, `row ${problem.line}, '${problem.column}'`];
  const tail = detail === '' ? ['', ''] : [`：${detail}`, `: ${detail}`];
  return { zh: `${zhPlace}${text.zh}${tail[0]}`, en: `${enPlace} ${text.en}${tail[1]}` };
}
