import { FORMAT_PROBLEMS, tellFormatProblem, yuanWords, type FormatProblemCode } from '../formats/problem.js';

interface Told {
  readonly zh: string;
  readonly en: string;
  /** What the operator does next. */
  readonly doZh: string;
  readonly doEn: string;
}
const told = (zh: string, en: string, doZh: string, doEn: string): Told => ({ zh, en, doZh, doEn });
const BACK = ['整个文件未入账；退回银行，请重出文件', 'nothing of the file was posted: send it back and ask for another'] as const;
const HERE = [
  '整个文件未入账；核对批次号与批次行号后退回银行',
  'nothing of the file was posted: compare batch and line, send it back',
] as const;

const SETTLE = [
  '由两人用 deduction settle 核定，见 deduction settlements',
  'two people settle it with deduction settle, see deduction settlements',
] as const;

/** What a return says that the batch does not: each refuses the whole file; and lines that were posted and still want somebody (`line-…`). `{x}` are the parameters. */
export const RETURN_PROBLEMS = {
  'batch-unknown': told('没有批次{found}', 'there is no batch {found}', '核对文件是否属于本县、本项代扣', 'see whether the file belongs to this deduction'),
  'batch-missing': told('文件没有写批次号', 'the file names no batch', ...BACK),
  'line-unknown': told('批次中没有批次行号 {found}', 'the batch has no batch line {found}', ...HERE),
  'line-missing': told('没有批次行号', 'there is no number of a batch line', ...BACK),
  'line-answered-twice': told('批次行号 {found} 在文件中出现两次', 'batch line {found} stands in the file twice', ...BACK),
  'account-differs': told('批次行号 {found} 的账号不是所送的账号', 'the account of batch line {found} is not the one that was sent', ...HERE),
  'name-differs-sent': told('批次行号 {found} 的户名不是所送的户名', 'the name of batch line {found} is not the one that was sent', ...HERE),
  'amount-differs': told('批次行号 {found} 的金额为 {amount}，所送为 {expected}', 'batch line {found} says {amount}, {expected} were sent', ...HERE),
  'day-impossible': told('批次行号 {found} 的扣款日期 {day} 不在送出与今天之间', 'the day {day} of batch line {found} is not between sending and today', ...BACK),
  'outcome-unknown': told('返回码对应的结果“{found}”不在本项代扣中', "the outcome '{found}' is none of this deduction", '改正返回码表', 'correct the table of codes'),
  'line-taken-late': told('批次行号 {found} 曾报失败，现报已扣成：记为应退款', 'batch line {found} had failed and was taken after all: owed back', ...SETTLE),
  'line-contradicts': told('批次行号 {found} 已有确定结果，本文件说的与之矛盾：搁置，原结果不变', 'batch line {found} has a definite answer that this file contradicts: set aside, nothing changes', ...SETTLE),
  'line-left-unknown': told('批次行号 {found} 结果不明：不再自动代扣', 'batch line {found} is not known: it is not tried again by itself', '问银行要确定结果（补回盘），或由两人用 deduction settle 核定，见 deduction settlements', 'ask the bank for a definite answer, or two people settle it with deduction settle, see deduction settlements'),
  'line-left-duplicate': told('批次行号 {found} 银行称以前已扣过', 'batch line {found}: the bank says that it took it before', ...SETTLE),
  'nothing-said': told('文件没有一行结果', 'the file answers no line', ...BACK),
} as const satisfies Readonly<Record<string, Told>>; // prettier-ignore
export type ReturnProblemCode = keyof typeof RETURN_PROBLEMS;

/** A problem of a return file, as kept: of the file itself (`file_line` null) or of a line of it. */
export interface ReturnProblem {
  readonly line: number | null;
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Codes whose sentence says by itself of what it speaks. */
const NAMED: ReadonlySet<string> = new Set<FormatProblemCode>(['line-twice', 'line-twice-differs', 'other-batch']);

const isFormat = (code: string): code is FormatProblemCode => Object.hasOwn(FORMAT_PROBLEMS, code);
const isReturn = (code: string): code is ReturnProblemCode => Object.hasOwn(RETURN_PROBLEMS, code);

/** The sentences of a problem, whether the format or the batch found it. */
export function tellReturnProblem({ code, params }: Pick<ReturnProblem, 'code' | 'params'>): Told {
  if (isFormat(code)) {
    const column = params['title'] ?? params['column'];
    const said = tellFormatProblem({ code, line: null, offset: null, byte: null, column: null, params });
    // Sentences that name the column themselves are left as they are.
    if (typeof column !== 'string' || column === '' || said.en.includes(`'${column}'`) || NAMED.has(code)) return said;
    return { ...said, zh: `“${column}”${said.zh}`, en: `'${column}': ${said.en}` };
  }
  if (!isReturn(code)) return told(code, code, '', '');
  const { zh, en, doZh, doEn } = RETURN_PROBLEMS[code];
  const fill = (text: string, chinese: boolean): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name];
      const money = code === 'amount-differs' && name !== 'found' && typeof value === 'number';
      return money ? yuanWords(value, chinese) : String(value ?? '—');
    });
  return { zh: fill(zh, true), en: fill(en, false), doZh, doEn };
}
