import type { Snippet } from './snippet.js';

/** K01 to K11: head, people, phases, duties, milestones, measures. */
export const snippetsOfWork: readonly Snippet[] = [
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
];
