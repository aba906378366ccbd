import { fen, showYuan } from '../money/fen.js';

/** Says what is wrong with a file or one of its lines. `error` refuses the file or holds the line; `notice` is only told. */
interface Told {
  readonly severity: 'error' | 'notice';
  readonly zh: string;
  readonly en: string;
  /** What the operator does next. */
  readonly doZh: string;
  readonly doEn: string;
}

const told = (severity: Told['severity'], zh: string, en: string, doZh: string, doEn: string): Told => ({ severity, zh, en, doZh, doEn });
const AGAIN = ['请银行重新出文件', 'ask the bank for the file again'] as const;
const LAYOUT = ['请与银行核对格式说明，按实际改写格式定义', 'compare the layout with the bank and correct the format'] as const;
const DATA = ['改正该行数据后重新生成', 'correct the data of the line and make the file again'] as const;
const SEND = ['退回银行更正该行', 'send the line back to the bank'] as const;

/** Stable codes. `{x}` are the parameters of the problem. */
export const FORMAT_PROBLEMS = {
  // the file
  'empty-file': told('error', '文件是空的', 'the file is empty', ...AGAIN),
  'wrong-charset': told('error', '文件的字符集不是{expected}，像是{found}', 'the charset is not {expected}; it looks like {found}', '请银行按约定字符集重出，或改格式的 charset', 'ask the bank for the agreed charset, or change `charset` of the format'),
  'bom-found': told('notice', '文件开头有字节序标记，已略去', 'the file begins with a byte order mark, left out', '无须处理', 'nothing'),
  'bom-missing': told('notice', '文件开头没有约定的字节序标记', 'the agreed byte order mark is missing', '无须处理', 'nothing'),
  'mixed-line-ends': told('notice', '行尾不一：CRLF {crlf}行，LF {lf}行', 'mixed line ends: {crlf} lines end with CRLF, {lf} with LF', '请问银行是否有人手改过文件', 'ask whether the file was edited by hand'),
  'too-many-lines': told('error', '超过{expected}行，其余未读', 'more than {expected} lines: the rest was not read', '请银行分批', 'ask the bank to split the file'),
  'file-name': told('error', '文件名“{found}”不符合约定', "the file name '{found}' is not of the agreed pattern", '请用银行原来的文件名', 'use the name under which the bank sent it'),
  'name-differs': told('error', '文件名中的“{title}”为{found}，文件内为{expected}', "'{title}' is {found} in the file's name and {expected} inside", '文件可能改过名：请用原来的文件名和原来的文件', 'the file was probably renamed: use the original'),
  'other-batch': told('error', '批次号{found}不是{expected}', 'batch {found} is not {expected}', '是另一批的文件或行：退回银行', 'it belongs to another batch: send it back'),
  'header-missing': told('error', '没有表头记录', 'there is no header record', ...AGAIN),
  'header-twice': told('error', '表头记录出现两次', 'a second header record', ...AGAIN),
  'header-late': told('error', '表头记录不在第一行', 'the header record is not the first line', ...AGAIN),
  'trailer-missing': told('error', '没有表尾记录，文件可能不完整', 'there is no trailer record: the file was probably cut', ...AGAIN),
  'trailer-twice': told('error', '表尾记录出现两次', 'a second trailer record', ...AGAIN),
  'after-trailer': told('error', '表尾之后还有记录', 'a record after the trailer', ...AGAIN),
  'cut-short': told('error', '最后一行没有行尾，文件可能不完整', 'the last line has no end: the file was probably cut', ...AGAIN),
  'wrong-count': told('error', '“{title}”不符：{place}写 {found}，实有 {expected}，差 {difference}', "'{title}': the {place} states {found}, there are {expected}, difference {difference}", ...AGAIN),
  'wrong-sum': told('error', '“{title}”不符：{place}写 {found}，实为 {expected}，差 {difference}', "'{title}': the {place} states {found}, the lines add up to {expected}, difference {difference}", ...AGAIN),
  'wrong-total': told('error', '控制合计“{title}”不成立', "control total '{title}' does not hold", ...AGAIN),
  'total-open': told('notice', '有行读不出，“{title}”未核对', "'{title}' was not judged, as lines could not be read", '先改正读不出的行', 'first correct the lines that could not be read'),
  'total-unstated': told('notice', '文件中没有“{title}”可读，未核对', "'{title}' was not judged, as the file does not state it", '先补齐表头、表尾', 'first have the header and trailer completed'),
  'sum-too-large': told('error', '“{title}”的合计超出可精确计算的范围', "the sum of '{title}' is beyond exact arithmetic", ...AGAIN),
  // a line
  'unknown-record': told('error', '不认识的记录标志“{found}”', "unknown record tag '{found}'", ...LAYOUT),
  'wrong-constant': told('error', '应恒为“{expected}”，实为“{found}”', "must always be '{expected}', it is '{found}'", ...LAYOUT),
  'too-few-columns': told('error', '只有{found}列，应有{expected}列', '{found} columns instead of {expected}', ...SEND),
  'too-many-columns': told('error', '有{found}列，应有{expected}列', '{found} columns instead of {expected}', ...SEND),
  'line-too-short': told('error', '只有{found}字节，应为{expected}字节', '{found} bytes instead of {expected}', ...SEND),
  'line-too-long': told('error', '有{found}字节，应为{expected}字节', '{found} bytes instead of {expected}', ...SEND),
  'blank-line': told('error', '中间有空行', 'a blank line in the middle', ...AGAIN),
  'bad-bytes': told('error', '有不属于{expected}的字节', 'bytes that are not {expected}', ...SEND),
  'control-character': told('error', '含有控制字符', 'holds a control character', ...SEND),
  'bad-quotes': told('error', '引号不成对', 'a quote that never closes', ...SEND),
  'empty-value': told('error', '必填项为空', 'a required column is empty', ...SEND),
  'not-a-count': told('error', '“{found}”不是整数', "'{found}' is not a whole number", ...SEND),
  'not-money': told('error', '“{found}”不是金额（元，{expected}）', "'{found}' is not an amount in yuan ({expected})", ...SEND),
  'not-fen': told('error', '“{found}”不是金额（分，整数）', "'{found}' is not an amount in whole fen", ...SEND),
  'negative-amount': told('error', '金额“{found}”为负', "the amount '{found}' is negative", ...SEND),
  'not-a-date': told('error', '“{found}”不是日期（{expected}）', "'{found}' is not a day ({expected})", ...SEND),
  'line-twice': told('error', '批次行号 {found} 在文件中已出现过，两次内容相同', 'batch line {found} stands in the file before, with the same content', '请银行删去重复的一行后重出文件', 'ask the bank for the file without the repeated line'),
  'line-twice-differs': told('error', '批次行号 {found} 在文件中已出现过，两次内容不同', 'batch line {found} stands in the file before, with another content', '请银行查明哪一个结果为准，重出文件', 'ask the bank which result holds, and for the file again'),
  'unmapped-code': told('notice', '代码表没有“{found}”，按 unknown 处理', "code '{found}' is not in the table: outcome unknown", '向银行问明含义，补入代码表', 'ask the bank what it means and add it to the table'),
  // what is to be written
  'missing-value': told('error', '缺少值', 'has no value', ...DATA),
  'wrong-type': told('error', '值的类型不对，应为{expected}', 'the value is not of type {expected}', ...DATA),
  'not-held': told('error', '{expected}写不下字符“{found}”', "{expected} cannot hold the character '{found}'", '与银行约定代用字，或改用 GB18030；绝不写成“?”', "agree on a substitute with the bank, or use GB18030; never '?'"),
  'too-wide': told('error', '需要{found}字节，列只有{expected}字节', 'takes {found} bytes, the column has {expected}', ...DATA),
  'holds-separator': told('error', '内容含有分隔符或引号', 'holds the separator or a quote', ...DATA),
  'edge-fill': told('error', '以补位字符开头或结尾，读回会丢失', 'begins or ends with the fill and would lose it when read back', ...DATA),
} as const satisfies Readonly<Record<string, Told>>; // prettier-ignore
export type FormatProblemCode = keyof typeof FORMAT_PROBLEMS;

/** One thing wrong with a file. Texts of people are never repeated in `params`, long figures only in part. */
export interface FormatProblem {
  readonly code: FormatProblemCode;
  /** Line of the file from 1 (of the rows, when writing); null = the file as a whole. */
  readonly line: number | null;
  /** First byte of the line, from the beginning of the file, from 0. */
  readonly offset: number | null;
  /** Byte of the line, from 1, where the mistake or its column begins. */
  readonly byte: number | null;
  readonly column: string | null;
  readonly params: Readonly<Record<string, string | number>>;
}

export const severityOf = (code: FormatProblemCode): Told['severity'] => FORMAT_PROBLEMS[code].severity;

const PLACES = {
  header: ['表头', 'header'],
  trailer: ['表尾', 'trailer'],
  both: ['表头、表尾', 'header and the trailer'],
  file: ['文件', 'file'],
} as const;
type Place = keyof typeof PLACES;
const isPlace = (text: unknown): text is Place => typeof text === 'string' && Object.hasOwn(PLACES, text);

/** Fills a sentence. `unit` fen: figures are money, told in yuan; `title` falls back on the id of what has none. */
function fill(text: string, params: FormatProblem['params'], chinese: boolean): string {
  const { title, total, column, place, unit } = params;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'title') return String(title ?? total ?? column ?? '—');
    if (name === 'place') return PLACES[isPlace(place) ? place : 'file'][chinese ? 0 : 1];
    const value = params[name];
    if (unit === 'fen' && /^-?\d+$/.test(String(value))) return yuanWords(Number(value), chinese);
    return String(value ?? '—');
  });
}

/** An amount with its unit, from fen. */
export const yuanWords = (amount: number, chinese: boolean): string =>
  Number.isSafeInteger(amount) ? `${showYuan(fen(amount))} ${chinese ? '元' : 'yuan'}` : `${amount} ${chinese ? '分' : 'fen'}`;

/** The sentences of a problem: what is wrong and what to do next. */
export function tellFormatProblem(problem: FormatProblem): {
  readonly zh: string;
  readonly en: string;
  readonly doZh: string;
  readonly doEn: string;
} {
  const { zh, en, doZh, doEn } = FORMAT_PROBLEMS[problem.code];
  return { zh: fill(zh, problem.params, true), en: fill(en, problem.params, false), doZh, doEn };
}

/** Characters that no bank's file holds inside a line; the replacement character means that somebody lost one before. */
export const CONTROL = /[\u0000-\u001f\u007f\ufffd]/; // eslint-disable-line no-control-regex

/** What is repeated of a batch or a file's name. */
export const short = (text: string): string => text.slice(0, 60);

/** What is repeated of a cell: cut, and of long figures (accounts, ID numbers) only the ends. */
export const shown = (text: string): string =>
  text.slice(0, 40).replace(/\d{11,}[\dXx]/g, (digits) => `${digits.slice(0, 2)}…${digits.slice(-2)}`);

/** Problems of lines that are kept unless somebody asks for more or fewer; all are counted. */
export const MOST_PROBLEMS = 1000;

/** Problems of one file: every one is counted, the first are kept. Those of the file as a whole are always kept. */
export class Problems {
  readonly counts: Partial<Record<FormatProblemCode, number>> = {};
  private readonly ofFile: FormatProblem[] = [];
  private readonly ofLines: FormatProblem[] = [];
  errors = 0;

  constructor(readonly most: number) {}

  file(code: FormatProblemCode, params: FormatProblem['params'] = {}, at: Partial<FormatProblem> = {}): void {
    this.count(code);
    if (this.ofFile.length < 100) this.ofFile.push({ code, line: null, offset: null, byte: null, column: null, ...at, params });
  }

  /** `make` is called only while the problem is kept. */
  line(code: FormatProblemCode, make: () => Omit<FormatProblem, 'code'>): void {
    this.count(code);
    if (this.ofLines.length < this.most) this.ofLines.push({ code, ...make() });
  }

  get list(): readonly FormatProblem[] {
    return [...this.ofFile, ...this.ofLines];
  }

  private count(code: FormatProblemCode): void {
    this.counts[code] = (this.counts[code] ?? 0) + 1;
    if (severityOf(code) === 'error') this.errors += 1;
  }
}
