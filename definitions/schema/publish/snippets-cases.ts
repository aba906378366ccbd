import type { Snippet } from './snippet.js';

const FORMATS = `tables:
  codes: { title: 返回码, inputs: { code: text }, outputs: { outcome: text }, rows: [["00", arrived], ["51", short], ["14", account]], else: unknown, clause: "8" }
formats:
  ask:  { title: 请求文件, charset: GBK, separator: ",", header: [{ id: batch, type: text }], detail: [{ id: line, type: count }, { id: account, type: text }, { id: name, type: text }, { id: amount, type: fen }], clause: "8" }
  back: { title: 回盘, charset: GBK, separator: ",", header: [{ id: batch, type: text }], detail: [{ id: line, type: count }, { id: account, type: text }, { id: name, type: text }, { id: amount, type: fen }, { id: code, type: code }], codes: codes, clause: "8" }`;

const pull = (outcomes: string): string => `deductions:
  pull:
    title: 代扣
    over: dues
    if: '!row.arrived'                        # 对谁
    owes: finance
    during: collection
    every: 10d                                # 每期一轮
    due: start(period) +2d
    gives: [ask]
    takes: back
    ladder: simple
    clause: "8"
    outcomes:
${outcomes}`;

/** Rounds of a deduction and the cases that follow from what could not be taken. */
export const snippetsOfCases: readonly Snippet[] = [
  {
    construct: 'K12',
    zh: '周期任务的先后：代扣每期一轮（其轮次是同名任务）；送出后银行负责回盘，回盘后按乡镇列出失败名单，没有的写“无”。',
    en: 'Order of recurring duties: each round of a deduction is an obligation; after it is sent the return is owed, after the return a list for every town, "none" where there is nothing.',
    yaml: `${pull(`      arrived: { class: success }
      short:   { class: retry }
      account: { class: retry }
      unknown: { class: unknown }`)}
duties:
  returnFile:  { title: 回盘, owes: finance, after: pull.sent, due: since +2d, gives: [back], ladder: simple, clause: "8" }
  failureList: { title: 失败名单, owes: bureau, per: town, after: pull.returned, due: since +2d, nil: explicit, fields: { failed: { type: count, title: 人数 } }, for: townOffice, ladder: simple, clause: "8" }
${FORMATS}`,
  },
  {
    construct: 'K14',
    zh: '办件：状态各有负责人和期限，就是一项应办事项；离开即办结，再次进入是新的一项。由结果开启；after 的办理由事实自动办；没有 owes 的状态是终结，钱到账才到。',
    en: 'A case: each state has an owner and a due date and is an obligation; leaving it discharges it, entering it again owes a new one. Acts with `after` are done by the facts; a state without `owes` is the end.',
    yaml: `cases:
  retry:
    title: 扣款失败重试
    per: due                                  # 每笔应缴一件
    unique: [due]                             # 未办结时再次失败并入原件
    fields: { amount: { type: money, title: 应缴额 }, deposited: { type: money, title: 已存额 } }
    states:
      urging:  { title: 督促预存, owes: townOffice, due: since +5d, ladder: simple }
      waiting: { title: 等待下一轮, owes: finance, due: since +10d, ladder: simple }
      closed:  { title: 到账 }
      left:    { title: 征缴期结束仍未到账 }
    acts:
      urge:    { title: 已督促, in: urging, by: townOffice, next: waiting, then: [{ tell: person, text: deposit }] }
      deposit: { title: 登记预存, in: [urging, waiting], by: townOffice, asks: [deposited], next: waiting, then: [{ retry: pull, if: 'case.deposited >= case.amount' }] }
      arrive:  { title: 到账, in: [urging, waiting], after: payment.arrived, next: closed }
      again:   { title: 再次失败, in: [urging, waiting], after: pull.short, next: urging }
      yearEnd: { title: 征缴期结束, in: [urging, waiting], after: collection.ended, next: left }
    clause: "9"
counts:
  retrying: { over: cases.retry, if: 'row.open', title: 未到账人数, clause: "9" }
texts:
  soon: { say: { zh: '“{title}”应于{due}前完成。' }, clause: ours }
  late: { say: { zh: '“{title}”已逾期{daysLate}天。' }, clause: ours }
  deposit: { say: { zh: '{name}：应缴{amount}元，尚差{short}元，请存入。' }, via: [sms], clause: "9" }
${pull(`      arrived: { class: success }
      short:   { class: retry, open: retry }
      account: { class: retry, open: retry }
      unknown: { class: unknown, open: retry }`)}
${FORMATS}`,
  },
  {
    construct: 'K16',
    zh: '批量代扣，逐笔一个结果；每个结果有类别和去向：success、retry（下一轮）、stop（办件放行才再扣）、unknown（绝不自动再扣）、duplicate。if 在 open 与 else 之间选择。',
    en: 'A batch with one outcome a line, each with a class and a route: success, retry (next round), stop (until an act frees it), unknown (never again by itself), duplicate. `if` chooses between `open` and `else`.',
    yaml: `${pull(`      arrived: { class: success }
      short:   { class: retry, if: 'row.deposited < row.amount', open: look, else: look }
      account: { class: stop, open: look }
      unknown: { class: unknown, open: look }`)}
cases:
  look:
    title: 查找原因
    per: due
    unique: [due]
    states: { finding: { title: 查找原因, owes: townOffice, due: since +7d, ladder: simple }, closed: { title: 到账 } }
    acts:
      cure:   { title: 已解决，再次代扣, in: finding, by: townOffice, asks: [reason], does: deduct, next: finding, most: 3 }
      arrive: { title: 到账, in: finding, after: payment.arrived, next: closed }
    clause: "9"
may:
  makeRun: { by: finance, confirm: bureau, clause: "8" }      # 每轮由第二人确认
${FORMATS}`,
  },
  {
    construct: 'K17',
    zh: '原因代码和材料是办理的前提：asks 的栏位、evidence 的材料缺一不可；多方签署的（by 为列表），所填须一致（own 的各填各的），最后一签办成。',
    en: 'Reason codes and papers before a step may end: every field in `asks`, every paper in `evidence`; where several sign (`by` is a list) the values must agree (but `own` ones) and the last signature does it.',
    yaml: `papers:
  proof: { title: 查证材料, fields: { text: text }, clause: "9" }
cases:
  look:
    title: 联合查因
    per: due
    unique: [due]
    by: townOffice                            # 乡镇也可开启
    fields:
      cause: { type: code, title: 原因, codes: { closed: 账户注销, name: 户名不符, other: 其他 } }
      found: { type: text, title: 本方查明的情况, own: true }     # 各填各的
    states:
      finding: { title: 查找原因, owes: [townOffice, finance], due: opened +7d, ladder: simple }
      curing:  { title: 解决, owes: finance, due: since +7d, ladder: simple }
      closed:  { title: 到账 }
    acts:
      find:   { title: 查清原因, in: finding, by: [townOffice, finance], asks: [cause, found], evidence: [proof], next: curing }
      arrive: { title: 到账, in: curing, after: payment.arrived, if: 'case.cause != null', next: closed }
    clause: "9"`,
  },
];
