import { z } from 'zod';
import { caseType } from './case.js';
import { deduction } from './deduction.js';
import { duty } from './duty.js';
import { amount, group, measure, milestone, paper, report, rule, table, tally } from './figures.js';
import { format } from './format.js';
import { apart, forbidden, grant, level, parameter, role } from './people.js';
import { day, kind, key, may, name, names, scalar, section, text, texts } from './words.js';
import { ladder, message, phase } from './when.js';

export const sections = {
  levels: may(section(level), '层级', 'levels of the organisation'),
  roles: may(section(role), '角色', 'roles, each held at units of a level'),
  parameters: may(section(parameter), '参数', 'values the notice leaves to the county, or our reading of it'),
  phases: may(section(phase), '阶段', 'named stretches of days'),
  groups: may(section(group), '特殊人群', 'special groups and who certifies them'),
  tables: may(section(table), '表', 'tables: inputs to outputs with a stated hit rule'),
  amounts: may(section(amount), '金额', 'money computed for each row'),
  rules: may(section(rule), '规则', 'rules that refuse or mark'),
  counts: may(section(tally), '计数', 'counts and sums per unit'),
  measures: may(section(measure), '指标', 'exact fractions of counts'),
  milestones: may(section(milestone), '里程碑', 'thresholds judged once at a date on a snapshot'),
  papers: may(section(paper), '材料', 'papers with their fields'),
  duties: may(section(duty), '任务', 'what a role owes by when'),
  ladders: may(section(ladder), '督办梯次', 'what happens at which distance from a due date'),
  texts: may(section(message), '文字', 'what notices say'),
  reports: may(section(report), '报表', 'which figures are shown to whom'),
  may: may(section(grant), '权限', 'who may do the built-in acts'),
  forbid: may(section(forbidden), '禁止', 'forbidden acts'),
  apart: may(section(apart), '不相容职责', 'duties that must be held apart'),
  formats: may(section(format), '文件格式', 'layouts of files, for writing and reading'),
  deductions: may(section(deduction), '代扣', 'deductions from accounts, round by round'),
  cases: may(section(caseType), '办件', 'cases: states with an owner and a due date, acts between them'),
} as const;

const version = kind(z.string().regex(/^\d{1,6}(\.\d{1,6}){0,2}$/), '带引号的版本号，如 "2020.1"', 'version in quotes, e.g. "2020.1"');
const fileId = kind(z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/), '小写英文，以连字符分隔', 'lower-case words joined by hyphens');

const use = z.strictObject({
  version: key(version, '通用件的版本', 'version of the part'),
  map: may(z.record(z.string(), name), '通用件所用名称: 本文件的名称', 'names the part uses: names of this file'),
  value: may(z.record(z.string(), scalar), '给通用件的参数赋值', 'values for parameters of the part'),
  clause: may(texts, '依据条款', 'clause'),
});

const head = {
  duban: key(z.literal(1), '语言版本', 'version of the language'),
  id: key(fileId, '标识', 'id of the file'),
  version: key(version, '版本', 'version; running processes keep theirs'),
  title: key(text, '名称', 'title'),
  clause: may(texts, '依据条款', 'clause'),
  use: may(z.record(z.string(), use), '使用的通用件', 'parts that are used'),
};

export const campaignFile = z.strictObject({
  ...head,
  kind: key(z.literal('campaign'), '可启动的工作', 'can be launched'),
  from: key(day, '有效期第一天', 'first day of validity'),
  to: may(day, '有效期最后一天', 'last day of validity', '长期 / standing'),
  source: key(texts, '通知及其依据', 'the notice first, then its bases'),
  insurance: key(names, '险种；每笔款属其一', 'insurance kinds; every money row carries one'),
  leads: key(name, '牵头角色：启动、导入、变更', 'role that launches, imports and amends'),
  noticeTime: may(text, '每天几点发通知', 'local time at which rungs fire', '"08:30"'),
  ...sections,
});

export const partFile = z.strictObject({
  ...head,
  kind: key(z.literal('part'), '通用件，供几份定义使用', 'used by several campaigns'),
  ...sections,
});

export type CampaignFile = z.infer<typeof campaignFile>;
export type PartFile = z.infer<typeof partFile>;
export type SectionKey = keyof typeof sections;
export const sectionNames = Object.keys(sections) as readonly SectionKey[];

/** Words of the language that this version does not carry yet, with what they are for. */
export const laterWords: Readonly<Record<string, Readonly<{ zh: string; en: string }>>> = {
  clocks: { zh: '办件的时限（第3部分）', en: 'clocks of a case (part 3)' },
  stops: { zh: '办件的时限（第3部分）', en: 'clocks of a case (part 3)' },
  objections: { zh: '公示异议办件（第3部分）', en: 'objections to a posting (part 3)' },
};
