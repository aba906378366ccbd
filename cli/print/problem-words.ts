import { RETURN_PROBLEMS, tellReturnProblem, type ReturnProblemCode } from '../../domain/deduction/problems.js';
import { FORMAT_PROBLEMS, type FormatProblemCode } from '../../domain/formats/problem.js';
import { both, say, type Both, type Language } from '../texts.js';

type ProblemCode = FormatProblemCode | ReturnProblemCode;

/** What problems are called where they are only counted; those that are not here are told by their sentence, which has no figures. */
const BRIEF: Partial<Readonly<Record<ProblemCode, Both>>> = {
  'wrong-charset': both('字符集不符', 'another charset'),
  'mixed-line-ends': both('行尾不一', 'mixed line ends'),
  'too-many-lines': both('行数过多', 'too many lines'),
  'file-name': both('文件名不合约定', 'name of another pattern'),
  'name-differs': both('文件名与内容不符', 'name and content differ'),
  'other-batch': both('批次号不符', 'another batch'),
  'wrong-count': both('笔数不符', 'counts differ'),
  'wrong-sum': both('金额合计不符', 'sums differ'),
  'wrong-total': both('控制合计不成立', 'control totals do not hold'),
  'total-open': both('有行读不出，合计未核对', 'totals not judged, lines unread'),
  'total-unstated': both('文件没有写的合计', 'totals that are not stated'),
  'sum-too-large': both('合计过大', 'sums too large'),
  'unknown-record': both('不认识的记录', 'unknown records'),
  'wrong-constant': both('恒定的列不符', 'constants differ'),
  'too-few-columns': both('列数不足', 'too few columns'),
  'too-many-columns': both('列数过多', 'too many columns'),
  'line-too-short': both('行太短', 'lines too short'),
  'line-too-long': both('行太长', 'lines too long'),
  'bad-bytes': both('字节不属于字符集', 'bytes of another charset'),
  'not-a-count': both('不是整数', 'not a whole number'),
  'not-money': both('不是金额（元）', 'not an amount in yuan'),
  'not-fen': both('不是金额（分）', 'not an amount in fen'),
  'negative-amount': both('金额为负', 'negative amounts'),
  'not-a-date': both('不是日期', 'not a day'),
  'line-twice': both('批次行号重复，内容相同', 'batch lines twice, the same'),
  'line-twice-differs': both('批次行号重复，内容不同', 'batch lines twice, contradicting'),
  'unmapped-code': both('返回码不在代码表', 'codes not in the table'),
  'wrong-type': both('值的类型不对', 'values of another type'),
  'not-held': both('字符写不下', 'characters that cannot be written'),
  'too-wide': both('内容过长', 'too wide'),
  'batch-unknown': both('没有这个批次', 'unknown batch'),
  'line-unknown': both('批次中没有的行', 'lines not of the batch'),
  'line-answered-twice': both('批次行号重复', 'batch lines twice'),
  'account-differs': both('账号不是所送的', 'accounts differ'),
  'line-taken-late': both('失败后又扣成', 'taken after a failure'),
  'line-contradicts': both('与已知矛盾', 'contradict what is known'),
  'line-left-unknown': both('结果不明', 'not known'),
  'line-left-duplicate': both('银行称已扣过', 'the bank says that it took them before'),
  'name-differs-sent': both('户名不是所送的', 'names differ'),
  'amount-differs': both('金额不是所送的', 'amounts differ'),
  'day-impossible': both('扣款日期不可能', 'impossible days'),
  'outcome-unknown': both('结果不在本项代扣中', 'outcomes unknown here'),
};

const isCode = (code: string): code is ProblemCode => Object.hasOwn(FORMAT_PROBLEMS, code) || Object.hasOwn(RETURN_PROBLEMS, code);

/** What is wrong, in few words and without figures, then the code: `金额合计不符 wrong-sum`. */
export function codedWord(code: string, language: Language): string {
  if (!isCode(code)) return code;
  return `${say(BRIEF[code] ?? tellReturnProblem({ code, params: {} }), language)} ${code}`;
}
