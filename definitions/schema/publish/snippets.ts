/**
 * One worked snippet for each construct. Each is the sections that make the point; `surroundings` gives the rest, section by section,
 * so that every one of them loads. An invented county: nothing here is a rule of a real notice.
 */
export interface Snippet {
  /** K-number of the construct. */
  readonly construct: string;
  readonly zh: string;
  readonly en: string;
  readonly yaml: string;
}

export const surroundings: Readonly<Record<string, string>> = {
  head: `duban: 1
kind: campaign
id: sample-county
version: "2021.1"
title: 示例县年度缴费工作
from: 2021-01-01
to: 2021-12-31
source: [示例县通知]
insurance: [pension, medical]
leads: bureau
clause: ours`,
  levels: `levels:
  county: { title: 县, clause: ours }
  town:   { title: 乡镇, under: county, clause: ours }
  village: { title: 村, under: town, clause: ours }`,
  roles: `roles:
  bureau:  { per: county, title: 县局, clause: ours }
  finance: { per: county, title: 县财政, clause: ours }
  townOffice: { per: town, title: 乡镇政府, clause: ours }
  agent:   { per: village, title: 代办员, clause: ours }`,
  phases: `phases:
  collection: { from: 03-01, to: 04-30, title: 集中缴费, clause: ours }`,
  ladders: `ladders:
  simple: { title: 催办, rungs: [{ at: -3d, tell: owner, text: soon }, { at: +1d, tell: owner, text: late }], clause: ours }`,
  texts: `texts:
  soon: { say: { zh: '“{title}”应于{due}前完成。' }, clause: ours }
  late: { say: { zh: '“{title}”已逾期{daysLate}天。' }, clause: ours }`,
};

export const snippets: readonly Snippet[] = [
  {
    construct: 'K01',
    zh: '文件头：标识、版本、有效期、依据、险种、牵头角色。运行中的工作保持启动时的版本。',
    en: 'The head: id, version, validity, bases, insurance kinds, leading role. What runs keeps the version it was launched with.',
    yaml: `duban: 1
kind: campaign
id: river-county-pension
version: "2021.2"
title: 清河县2021年度养老保险缴费
from: 2021-01-01
to: 2021-12-31
source: [清政办〔2021〕3号, 2021-01-04]     # 通知在前，依据在后
insurance: [pension]
leads: bureau
noticeTime: "09:00"
clause: "1"`,
  },
  {
    construct: 'K02',
    zh: '层级与单位；per 表示“每个一份”。上级角色按下级单位逐个负责。',
    en: 'Levels and units; `per` means one for each. A role above owes one for each unit below.',
    yaml: `levels:
  county:  { title: 县, clause: "1" }
  town:    { title: 乡镇, under: county, table: towns, clause: "1" }
  village: { title: 村, under: town, clause: "1" }
tables:
  towns: { title: 乡镇名单, inputs: { unit: town }, outputs: { title: text }, load: leads, clause: "1" }
duties:
  visit: { title: 走访各村, owes: townOffice, per: village, due: end(collection), ladder: simple, clause: "2" }`,
  },
  {
    construct: 'K03',
    zh: '角色在某一层任职；oneOf 为任一；most 限人数；unit 上没有人时通知上报。',
    en: 'Roles are held at a level; `oneOf` is any one of them; `most` limits holders. A notice to a unit without holder climbs.',
    yaml: `roles:
  bureau:  { per: county, title: 县局, clause: "1" }
  finance: { per: county, title: 县财政, clause: "1" }
  townOffice: { per: town, title: 乡镇政府, clause: "1" }
  agent:   { per: village, title: 代办员, most: 1, clause: "4" }
  inspectors: { oneOf: [bureau, finance], title: 督查部门, clause: "5" }
duties:
  inspect: { title: 督查, owes: inspectors, per: county, due: 04-15, ladder: simple, clause: "5" }`,
  },
  {
    construct: 'K04',
    zh: '参数：有 value 为通知所印；带 reading 的启动时确认；没有 value 的由县里设定，否则不得启动。',
    en: 'Parameters: a value is printed; with `reading` the launch asks for a yes; without a value the county sets it or there is no launch.',
    yaml: `parameters:
  reportWithin: { type: duration, title: 上报时限, clause: "6" }                    # 由县里设定
  floor:        { type: money, value: 300, title: 最低档, clause: "3" }             # 通知所印，单位元
  countedFrom:  { type: date, value: 03-01, title: 起算日, reading: A-99, clause: "3" }
duties:
  report: { title: 上报进度, owes: townOffice, due: end(collection) +$reportWithin, ladder: simple, clause: "6" }
rules:
  atLeast: { guards: declare, deny: 'row.tier < param.floor', title: 低于最低档, clause: "3" }
  early:   { guards: pay, mark: 'row.happenedOn < param.countedFrom', title: 早于起算日, clause: "3" }`,
  },
  {
    construct: 'K05',
    zh: '阶段可按日期或月日，可重叠，可无终点，也可另发（runs: later）。',
    en: 'Phases by date or month and day, overlapping, open-ended, or still to come (`runs: later`).',
    yaml: `phases:
  publicity:  { from: 2021-02-20, to: 03-10, title: 宣传发动, clause: "2" }
  collection: { from: 03-01, to: 04-30, title: 集中缴费, clause: "2" }
  yearEnd:    { from: 12-01, to: 12-end, title: 年终, clause: "2" }
  standing:   { from: 01-01, title: 日常工作, clause: "2" }
  townPlans:  { runs: later, per: town, title: 各乡镇方案（另发）, clause: "2" }
duties:
  posters: { title: 张贴宣传画, owes: agent, due: end(publicity), ladder: simple, clause: "2" }`,
  },
  {
    construct: 'K06',
    zh: '门槛：阶段的 needs 在该单位办妥后，本阶段的办理才对它开放；任务的 needs 须先完成。',
    en: 'Gates: the `needs` of a phase open it unit by unit; the `needs` of a duty must be done first.',
    yaml: `phases:
  preparation: { from: 02-01, to: 02-end, title: 准备, clause: "2" }
  collection:  { from: 03-01, to: 04-30, needs: [account], title: 集中缴费, clause: "2" }
duties:
  account: { title: 开设专户, owes: townOffice, due: end(preparation), ladder: simple, clause: "3" }
  collectTask: { title: 收缴, owes: agent, during: collection, due: end(collection), ladder: simple, clause: "4" }
  file:    { title: 申报, owes: townOffice, due: end(collection) +5d, needs: [collectTask], ladder: simple, clause: "4" }`,
  },
  {
    construct: 'K07',
    zh: '清单逐项勾选（items）；倒排日期 due(…) -间隔；wants 缺了照记，不拦。',
    en: 'Checklists (`items`); backward dates `due(…) -distance`; `wants` records who is missing and lets it pass.',
    yaml: `duties:
  meeting: { title: 动员会, owes: townOffice, due: 02-20, ladder: simple, clause: "2" }
  plan:    { title: 工作方案, owes: townOffice, due: due(meeting) -10d, ladder: simple, clause: "2" }
  publicity:
    title: 多种形式宣传
    owes: agent
    due: end(collection)
    wants: [meeting]
    items: { broadcast: 广播, posters: 标语, visits: 入户 }
    ladder: simple
    clause: "2"`,
  },
  {
    construct: 'K08',
    zh: '里程碑：某日以快照评定一次；must 必达，strive 力争；达到或未达到各有后续。',
    en: 'Milestones are judged once, at a date, on a snapshot; must or strive; what follows when met or missed.',
    yaml: `counts:
  listed: { over: dues, title: 应缴人数, clause: "3" }
  paid:   { over: dues, if: 'row.arrived', title: 已缴人数, clause: "3" }
measures:
  paidRate: { part: paid, whole: listed, title: 完成率, clause: "3" }
milestones:
  half:
    title: 三月底过半
    per: town
    due: 03-end
    reach: "paidRate >= 50%"
    missed: [{ tell: townOffice, text: behind }, { flag: bulletin }]
    clause: "3"
  almost: { title: 力争95%, per: town, due: 04-30, reach: "paidRate >= 95%", strength: strive, missed: [{ flag: bulletin }], clause: "3" }
texts:
  soon:   { say: { zh: '“{title}”应于{due}前完成。' }, clause: ours }
  late:   { say: { zh: '“{title}”已逾期{daysLate}天。' }, clause: ours }
  behind: { say: { zh: '{unit}：“{title}”截至{due}未达到。' }, clause: "3" }
reports:
  bulletin: { title: 进度通报, per: town, shows: [paidRate, half], for: townOffice, clause: "7" }`,
  },
  {
    construct: 'K09',
    zh: '任务数由表装入，可先用暂定表；合计在装入时核对。',
    en: 'Targets come from a table, first perhaps a provisional one; totals are checked when it is loaded.',
    yaml: `tables:
  targets2020: { title: 上年任务数, inputs: { unit: town }, outputs: { payers: count }, load: leads, clause: "3" }
  targets:
    title: 任务数
    inputs: { unit: town }
    outputs: { payers: count, amount: money }
    load: leads
    totals: { payers: 12000, amount: 3600000 }        # 元
    deny: 'row.amount < row.payers * yuan("300")'
    provisional: targets2020
    clause: "3"
counts:
  paid: { over: dues, if: 'row.arrived', title: 已缴人数, clause: "3" }
measures:
  paidRate: { part: paid, whole: targets.payers, title: 完成率, clause: "3" }`,
  },
  {
    construct: 'K10',
    zh: '指标是精确分数，逐级以分子、分母之和计算，只在印出时四舍五入。',
    en: 'A measure is an exact fraction: sum of parts over sum of wholes; it is rounded only for display.',
    yaml: `counts:
  payers:  { over: dues, if: 'row.arrived', title: 缴费人数, clause: "3" }
  paidSum: { over: dues, value: row.amount, if: 'row.arrived', title: 缴费额, clause: "3" }
measures:
  perHead: { part: paidSum, whole: payers, title: 人均缴费（元）, clause: "3" }     # 金额 ÷ 人数，印作元
  total:   { part: paidSum, title: 缴费总额, clause: "3" }`,
  },
  {
    construct: 'K11',
    zh: '重复任务：every 每期，after 每次事件；nil: explicit 表示“无”也须签报。',
    en: 'Recurring duties: `every` period, `after` an event; `nil: explicit` makes "none" a signed answer.',
    yaml: `parameters:
  patrolEvery: { type: duration, title: 巡查间隔, clause: "4" }
duties:
  cancelList: { title: 月注销名单, owes: townOffice, every: month, due: day(10), nil: explicit, fields: { persons: { type: count, title: 人数 } }, ladder: simple, clause: "4" }
  analysis:   { title: 季度分析, owes: bureau, every: quarter, due: end(period) +15d, ladder: simple, clause: "4" }
  patrol:     { title: 巡查, owes: agent, during: collection, every: $patrolEvery, due: end(period), ladder: simple, clause: "4" }
  thanks:     { title: 公布结果, owes: bureau, after: collection.ended, due: since +7d, ladder: simple, clause: "4" }`,
  },
  {
    construct: 'K15',
    zh: '日期：锚点加间隔。月日、月末、阶段首尾、期内第几日、他项到期日或完成日、事件日；wd 为工作日；roll 遇休息日移动。',
    en: 'Dates: an anchor, then distances; `wd` are working days; `roll` moves over days off.',
    yaml: `duties:
  first:  { title: 甲, owes: bureau, due: 02-end, ladder: simple, clause: "2" }
  second: { title: 乙, owes: bureau, due: due(first) +5wd, ladder: simple, clause: "2" }
  third:  { title: 丙, owes: finance, due: done(second) +1m, needs: [second], ladder: simple, clause: "2" }
  fourth: { title: 丁, owes: townOffice, due: start(collection) -1d, roll: before, ladder: simple, clause: "2" }
  fifth:  { title: 戊（五年内）, owes: bureau, due: 2026-01-01 outside, ladder: simple, clause: "2" }`,
  },
  {
    construct: 'K18',
    zh: '双限：dueIf 成立当天即到期，与 due 取早；over: held 自最早一笔起一个单位只开一项。窗口外的办理由规则拒绝。',
    en: 'Either-or limits: due when `dueIf` becomes true or at `due`, whichever is first. A rule refuses what lies outside the window.',
    yaml: `parameters:
  remitWithin: { type: duration, value: 5d, title: 报解时限, clause: "4" }
  remitAmount: { type: money, value: 10000, title: 报解限额, clause: "4" }
duties:
  remitMoney: { title: 报解代收款, owes: agent, during: collection, after: payment.collected, over: held, due: since +$remitWithin, dueIf: 'held >= param.remitAmount', ladder: simple, clause: "4" }
rules:
  inWindow: { guards: collect, deny: '!within(row.happenedOn, "collection")', title: 不在集中缴费期, clause: "4" }`,
  },
  {
    construct: 'K19',
    zh: '规则表：输入到输出，按月份生效；无空档、无重叠才载入，空档须写 else。',
    en: 'Tables as rules: inputs to outputs, effective by month; loaded only without gap (or with `else`) and without overlap.',
    yaml: `tables:
  subsidies:
    title: 补贴
    inputs: { month: month, tier: money }
    outputs: { yuan: money }
    rows:
      - [..2020-12, 300.., 30]
      - [2021-01.., 300 | 500, 35]
      - [2021-01.., 800.., 60]
    else: 0
    clause: "3"
amounts:
  subsidy: { over: dues, value: 'find("subsidies", "2021-03", row.tier).yuan', title: 补贴额, clause: "3" }`,
  },
  {
    construct: 'K20',
    zh: '公示：只含所列的列，绝无证件号码；贴出日之后至少整若干天；先决条件写 needs。',
    en: 'Publication: only the columns listed, never ID numbers; at least so many full days; a prerequisite is `needs`.',
    yaml: `papers:
  photo: { title: 公示照片, fields: { postedOn: date }, clause: "6" }
duties:
  stamp: { title: 清册盖章, owes: bureau, per: village, due: end(collection) +5d, ladder: simple, clause: "6" }
  post:
    title: 缴费公示
    owes: agent
    due: end(collection) +10d
    needs: [stamp]
    publish: { over: dues, if: 'row.arrived', shows: [name, village, year], days: 10 }
    evidence: [photo]
    ladder: simple
    clause: "6"`,
  },
  {
    construct: 'K21',
    zh: '报表说“什么”，任务的 gives 说“谁、何时”。public 为公众。',
    en: 'A report says what; a duty with `gives` says who and when. `public` is an audience without personal data.',
    yaml: `counts:
  paid: { over: dues, if: 'row.arrived', title: 已缴人数, clause: "7" }
measures:
  payers: { part: paid, title: 已缴人数, clause: "7" }
duties:
  issue: { title: 印发通报, owes: bureau, every: month, due: end(period) +5d, gives: [bulletin], for: townOffice, ladder: simple, clause: "7" }
reports:
  bulletin: { title: 月度通报, per: town, shows: [payers, issue], for: [townOffice, public], clause: "7" }`,
  },
  {
    construct: 'K22',
    zh: '梯次：按距到期日远近排列。confirm 先由人放行；mandatory 休息日也发；flag 列入报表。里程碑的 met 为反向的表彰。',
    en: 'Ladders: rungs by distance from the due date. `confirm` is released by a person first; `mandatory` goes out on days off; `flag` marks a report.',
    yaml: `ladders:
  simple:
    title: 提醒—催办—上报—批评
    rungs:
      - { at: -3d, tell: owner, text: soon }
      - { at: +1d, tell: owner, text: late }
      - { at: +3wd, tell: bureau, text: late, mandatory: true }
      - { at: +10d, flag: bulletin }
      - { at: +15d, tell: owner, text: blame, confirm: bureau }
    clause: "5"
texts:
  soon:  { say: { zh: '“{title}”应于{due}前完成。' }, clause: "5" }
  late:  { say: { zh: '“{title}”已逾期{daysLate}天。' }, clause: "5" }
  blame: { say: { zh: '通报批评：{unit}“{title}”。' }, via: [paper, inbox], clause: "5" }
  thanks: { say: { zh: '表彰：{unit}。' }, clause: "5" }
duties:
  meeting: { title: 动员会, owes: townOffice, due: 03-05, ladder: simple, clause: "5" }
milestones:
  met: { title: 全部开会, per: town, due: 03-05, needs: [meeting], met: [{ tell: townOffice, text: thanks, confirm: bureau }], clause: "5" }
reports:
  bulletin: { title: 通报, per: town, shows: [meeting], for: townOffice, clause: "5" }`,
  },
  {
    construct: 'K23',
    zh: '权限写在 may；禁止的行为没有按钮；不相容职责不得同一人；岗位可要求材料。',
    en: 'What is not granted under `may` is refused; forbidden acts have no button; duties held apart; papers for a post.',
    yaml: `papers:
  certificate: { title: 上岗证, fields: { number: text }, clause: "5" }
roles:
  bureau:  { per: county, title: 县局, clause: "1" }
  finance: { per: county, title: 县财政, clause: "1" }
  auditor: { per: county, title: 稽核岗, evidence: [certificate], clause: "5" }
  townOffice: { per: town, title: 乡镇政府, clause: "1" }
  agent:   { per: village, title: 代办员, clause: "4" }
duties:
  payOut: { title: 拨付, owes: finance, due: 04-30, ladder: simple, clause: "5" }
  audit: { title: 稽核, owes: auditor, due: 05-10, ladder: simple, clause: "5" }
may:
  extend: { by: bureau, effect: newDate, most: 2, asks: [reason], clause: "5" }
  waive:  { by: bureau, asks: [reason], clause: "5" }
forbid:
  cash: { by: agent, of: [takeCash], title: 不得收取现金, clause: "5" }
apart:
  moneyPosts: { of: [payOut, audit], title: 拨付与稽核分开, clause: "5" }`,
  },
  {
    construct: 'K24',
    zh: '留痕：编号票据（serial）只用一次；seePersons 准许看个人信息，lookUp… 为须写理由的查阅登记。',
    en: 'Audit: a `serial` is used once; `seePersons` opens personal data, `lookUp…` is a look-up that must give its reason.',
    yaml: `papers:
  slip: { title: 缴存单, fields: { number: serial, amount: money }, clause: "5" }
duties:
  deposit: { title: 缴存专户, owes: agent, after: payment.collected, over: held, due: since +1d, evidence: [slip], ladder: simple, clause: "5" }
may:
  seePersons:   { by: [townOffice, agent], clause: "5" }
  lookUpRoster: { by: townOffice, asks: [reason], clause: "5" }`,
  },
  {
    construct: 'K25',
    zh: '险种：每笔款属一个险种；per 加 insurance 为每险种一份；分账用规则。',
    en: 'Insurance kinds: every money row carries one; `insurance` in `per` is one for each kind; a rule keeps the books apart.',
    yaml: `duties:
  rosterOut: { title: 征收清册, owes: bureau, per: [village, insurance], due: start(collection), ladder: simple, clause: "4" }
counts:
  paid: { over: dues, if: 'row.arrived', title: 已缴人数, clause: "4" }
measures:
  payers: { part: paid, per: insurance, title: 已缴人数, clause: "4" }
rules:
  ownBooks: { guards: book, deny: 'row.ledger != row.kindLedger', title: 两险分账, clause: "4" }`,
  },
  {
    construct: 'K26',
    zh: '下级单位可在范围内自定参数，只许向上。',
    en: 'A lower unit may set its own value within bounds.',
    yaml: `parameters:
  floor: { type: money, value: 200, per: town, reach: ">= 200", title: 最低档（乡镇可提高）, clause: "3" }
rules:
  ownFloor: { guards: declare, mark: 'row.tier < param.floor', title: 低于本乡镇最低档, clause: "3" }`,
  },
  {
    construct: 'K27',
    zh: '缴费渠道和方式：按时段、人群列成表，用一条规则管住。',
    en: 'Channels and means by period and population: a table and one rule.',
    yaml: `tables:
  channels:
    title: 缴费渠道
    inputs: { phase: phase, population: text, channel: text }
    outputs: { open: yesno }
    hit: first
    rows:
      - [collection, ordinary, agent | bank, true]
      - [any, any, agent, false]
      - [any, any, bank | app, true]
    else: refuse
    clause: "4"
rules:
  channelOpen: { guards: pay, deny: '!find("channels", row.phase, row.population, row.channel).open', title: 渠道未开放, clause: "4" }`,
  },
  {
    construct: 'K29',
    zh: '得分：以里程碑结果查表；else: person 表示通知未印，由人决定。',
    en: 'Score bands: a table over milestone results; `else: person` leaves the gap of the notice to a person.',
    yaml: `counts:
  listed: { over: dues, title: 应缴人数, clause: "7" }
  paid:   { over: dues, if: 'row.arrived', title: 已缴人数, clause: "7" }
measures:
  paidRate: { part: paid, whole: listed, title: 完成率, clause: "7" }
milestones:
  byApril: { title: 四月底九成, per: town, due: 04-30, reach: "paidRate >= 90%", clause: "7" }
  byMay:   { title: 五月底九成, per: town, due: 05-31, reach: "paidRate >= 90%", clause: "7" }
tables:
  points:
    title: 得分
    inputs: { first: result, last: result }
    outputs: { points: count }
    hit: first
    rows:
      - [met, any, 10]
      - [missed, missed, 0]
    else: person
    clause: "7"
duties:
  score: { title: 考核得分, owes: bureau, per: town, due: 06-15, table: points, of: [byApril, byMay], ladder: simple, clause: "7" }`,
  },
  {
    construct: 'K30',
    zh: '特殊人群：由认定部门认定，录入截止后失去的金额写 lateLoses；多重身份取高。',
    en: 'Special groups: who certifies, the last day of entry, and what a late entry loses; several identities take the highest.',
    yaml: `groups:
  disabled: { title: 重度残疾人, by: finance, if: 'row.grade <= 2', due: 03-end, lateLoses: [governmentPaid], clause: "3" }
  poor:     { title: 低保对象, by: finance, clause: "3" }
tables:
  rates: { title: 政府代缴标准, inputs: { group: group }, outputs: { yuan: money }, hit: highest yuan, rows: [[disabled, 200], [poor, 100]], else: 0, clause: "3" }
amounts:
  governmentPaid: { over: dues, value: 'find("rates", row.groups).yuan', title: 政府代缴额, clause: "3" }`,
  },
  {
    construct: 'K33',
    zh: '文字：栏位写在花括号里；receive 签收、reply 反馈、checker 核查销号。',
    en: 'Texts: fields in braces; `receive`, `reply` and `checker` follow a notice up.',
    yaml: `parameters:
  replyWithin: { type: duration, value: 5wd, title: 反馈时限, clause: "5" }
texts:
  soon: { say: { zh: '{unit}{role}：“{title}”应于{due}前完成，还有{daysLeft}天。', en: '{title} of {unit} is due by {due}.' }, via: [inbox, sms], clause: "5" }
  late:
    say: { zh: '{unit}：“{title}”已逾期{daysLate}天，请在{replyWithin}内反馈。', en: '{title} of {unit} is {daysLate} days late.' }
    via: [inbox, webhook]
    receive: 1d
    reply: $replyWithin
    checker: bureau
    clause: "5"
duties:
  meeting: { title: 动员会, owes: townOffice, due: 03-05, ladder: simple, clause: "5" }`,
  },
  {
    construct: 'K34',
    zh: '快照：评定后不变；grace 内补记的仍算；empty 说明分母为零时；只有 correctSnapshot 可更正。',
    en: 'Snapshots stay fixed; `grace` still counts late records; `empty` says what no whole means; only `correctSnapshot` changes one.',
    yaml: `counts:
  toCancel:  { over: cancelList, value: row.persons, title: 应注销, clause: "4" }
  cancelled: { over: cancelList, value: row.done, title: 已注销, clause: "4" }
measures:
  cancelRate: { part: cancelled, whole: toCancel, title: 注销率, clause: "4" }
duties:
  cancelList: { title: 月注销名单, owes: townOffice, every: month, due: day(10), nil: explicit, fields: { persons: count, done: count }, ladder: simple, clause: "4" }
milestones:
  allCancelled: { title: 注销率100%, per: town, due: 06-end, reach: "cancelRate >= 100%", grace: 3d, empty: met, clause: "4" }
may:
  correctSnapshot: { by: bureau, asks: [reason], clause: "4" }`,
  },
];

/** A snippet with what it leaves out, as one file. */
export function wholeFile(yaml: string): string {
  const written = new Set([...yaml.matchAll(/^([a-z]\w*):/gm)].map((match) => match[1]));
  const rest = Object.entries(surroundings).filter(([section]) => (section === 'head' ? !written.has('duban') : !written.has(section)));
  const [head, ...others] = rest;
  const before = head?.[0] === 'head' ? [head[1]] : [];
  const after = (head?.[0] === 'head' ? others : rest).map(([, text]) => text);
  return [...before, yaml, ...after].join('\n') + '\n';
}
