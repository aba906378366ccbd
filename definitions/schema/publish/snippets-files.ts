import type { Snippet } from './snippet.js';

/** Layouts of files. */
export const snippetsOfFiles: readonly Snippet[] = [
  {
    construct: 'K-formats',
    zh: '文件格式：有 separator 的按字符切分，没有的为定长、按字节切分。每种记录以固定列（value）为标志；totals 核对表头、表尾；codes 把返回码变成 outcome，未列者为 unknown；写出时表头、表尾的合计自动填入。',
    en: 'File formats: with `separator` split on characters, without it fixed width, split by bytes. Records are told apart by a constant column; `totals` check header and trailer and fill them in when a file is written; `codes` makes a code an outcome, `unknown` when unlisted.',
    yaml: `parameters:
  agency: { type: text, value: "880123", title: 代扣单位编号, clause: "8" }
tables:
  bankCodes:
    title: 银行返回码
    inputs: { code: text }
    outputs: { outcome: text }
    rows: [["00", arrived], ["51 | 61", short], ["14", wrongAccount]]
    else: unknown                                       # 未列的代码
    clause: "8"
formats:
  request:                                              # 定长：字节位置首尾相接
    title: 代扣请求文件
    charset: GBK
    file: "DK{$agency}{yyyyMMdd}{seq:3}.txt"
    header:
      - { id: tag, bytes: 1, value: "H" }
      - { id: batch, bytes: 2-13, type: text }
      - { id: lines, bytes: 14-21, type: count }        # 左补零
      - { id: sum, bytes: 22-36, type: money }          # 元，两位小数
    detail:
      - { id: tag, bytes: 1, value: "D" }
      - { id: line, bytes: 2-9, type: count }
      - { id: account, bytes: 10-30, type: text }       # 右补空格
      - { id: name, bytes: 31-70, type: text }          # 40字节，即20个汉字
      - { id: amount, bytes: 71-82, type: money, fill: " " }
      - { id: filler, bytes: 83-90, value: "" }         # 空列
    totals: { lines: 'file.header.lines == file.count', sum: 'file.header.sum == file.sum("amount")' }
    clause: "8"
  return:                                               # 分隔文本
    title: 划扣回盘
    charset: GB18030
    separator: "|"
    file: "HP{batch}_{seq:2}.txt"                       # 批次号须与表头一致
    header: [{ id: tag, value: "H" }, { id: batch, type: text }, { id: lines, type: count }]
    detail:
      - { id: tag, value: "D" }
      - { id: line, type: count }
      - { id: amount, type: fen }                       # 分
      - { id: code, type: code }
      - { id: takenOn, type: yyyyMMdd, empty: "" }      # 未扣成的没有日期
    trailer: [{ id: tag, value: "T" }, { id: taken, type: count }, { id: takenSum, type: fen }]
    totals:
      lines: 'file.header.lines == file.count'
      taken: 'file.trailer.taken == file.count("arrived") && file.trailer.takenSum == file.sum("amount", "arrived")'
    codes: bankCodes
    clause: "8"`,
  },
];
