import type { Snippet } from './snippet.js';

/** K15 to K34: dates, limits, tables, publication, reports, ladders, permissions, money. */
export const snippetsOfRules: readonly Snippet[] = [
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
    zh: '报表说“什么”，任务的 gives 说“谁、何时”；办结即为一期，原样留存。public 为公众。',
    en: 'A report says what; a duty with `gives` says who and when: done, it is an issue that stays as it was. `public` is an audience without personal data.',
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
    zh: '梯次：按距到期日远近排列。confirm 先由人放行；mandatory 休息日也发；flag 列入报表。里程碑的 met 为反向的表彰。计时停止的日子不计入逾期后的梯次；到期后才产生的自产生之日起算。',
    en: 'Ladders: rungs by distance from the due date. `confirm` is released by a person first; `mandatory` goes out on days off; `flag` marks a report. After the due date only days on which the clock runs count; what becomes owed later climbs from that day.',
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
    zh: '险种：每笔款属一个险种；per 加 insurance 为每险种一份，指标和报表即按险种分行，从不相加；分账用规则。',
    en: 'Insurance kinds: every money row carries one; `insurance` in `per` is one for each kind, figures and report lines too, never added; a rule keeps the books apart.',
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
