import { z } from 'zod';
import { CHARSETS, COLUMN_TYPES } from '../../../domain/model/format.js';
import { cel, count, element, id, key, kind, may, name, text, yes } from './words.js';

const columnType = kind(z.enum(COLUMN_TYPES), COLUMN_TYPES.join('、'), COLUMN_TYPES.join(', '));
const constant = kind(z.string().max(200), '带引号的文字', 'text in quotes');
const bytes = kind(z.union([z.string().min(1).max(20), count]), '字节位置，如 1-12 或 5', 'bytes, e.g. 1-12 or 5');
const character = kind(z.string().length(1), '一个字符', 'one character');

/** A column of a record. */
export const formatColumn = z.strictObject({
  id: key(id, '列标识；batch 批次号、line 行号有专门含义', 'column id; `batch` and `line` have a meaning of their own'),
  title: may(text, '列名', 'title', '标识 / the id'),
  value: may(
    constant,
    '固定内容或 $参数；一行中第一个固定列是记录标志',
    'what always stands here, or $parameter; the first such column of a record is its tag',
  ),
  type: may(
    columnType,
    'money 为元，fen 为分，date 为 2018-03-01，yyyyMMdd 为 20180301，code 查 codes',
    'money in yuan, fen, date 2018-03-01, yyyyMMdd 20180301, code looked up in `codes`',
    '写了 value 时为 text / text beside `value`',
  ),
  bytes: may(bytes, '第几至第几字节（从1起，按字符集计），仅定长', 'first and last byte from 1, counted in the charset; fixed width only'),
  fill: may(
    character,
    '补位字符，仅定长',
    'what fills the column up; fixed width only',
    '数字、日期补零，文字、代码补空格 / zeros, blanks for texts and codes',
  ),
  align: may(
    z.enum(['left', 'right']),
    '靠哪边，仅定长',
    'side on which the value stands',
    '数字、日期靠右，其余靠左 / figures and days right, others left',
  ),
  decimals: may(
    z.enum(['two', 'short']),
    '元的写法：two 恒为两位小数；short 可省（12、12.5）',
    'yuan: always two decimals, or as few as needed',
    'two',
  ),
  empty: may(
    constant,
    '无内容时如何写（如 "" 或 "00000000"）；不写则必填',
    'how nothing is written, e.g. "" or "00000000"',
    '必填 / must hold something',
  ),
});

const record = z.array(formatColumn).min(1).max(60);

export const format = element({
  charset: key(z.enum(CHARSETS), '字符集', 'charset'),
  separator: may(text, '分隔符；按字符切分', 'separator, split on characters', '定长，每列写 bytes / fixed width, each column has `bytes`'),
  quotes: may(character, '引号字符，仅分隔文本', 'quote character around cells, delimited only', '不用引号 / none'),
  ends: may(z.enum(['CRLF', 'LF']), '写出时的行尾；读取时两种都认', 'line end as written; both are read', 'CRLF'),
  bom: may(yes, '文件开头有字节序标记', 'the file begins with a byte order mark', 'false'),
  file: may(
    text,
    '文件名，如 DK{yyyyMMdd}{seq:3}.txt；{列} 为表头的列，{$参数}',
    'file name, e.g. DK{yyyyMMdd}{seq:3}.txt; {column} of the header, {$parameter}',
    '任意 / any name',
  ),
  header: may(record, '表头记录各列', 'columns of the header record'),
  detail: key(record, '明细记录各列', 'columns of a detail record'),
  trailer: may(record, '表尾记录各列；须有记录标志', 'columns of the trailer record; every record then has a tag'),
  totals: may(z.record(id, cel), '控制合计：标识: CEL，可见 file', 'control totals: id to CEL over `file`'),
  codes: may(name, '代码表（代码 → outcome）；未列代码为 unknown', 'table code -> outcome; a code it does not list is unknown'),
});
