import type { Snippet } from './snippet.js';
import { snippetsOfCases } from './snippets-cases.js';
import { snippetsOfFiles } from './snippets-files.js';
import { snippetsOfRules } from './snippets-rules.js';
import { snippetsOfWork } from './snippets-work.js';

/**
 * One worked snippet for each construct. Each is the sections that make the point; `surroundings` gives the rest, section by section,
 * so that every one of them loads. An invented county: nothing here is a rule of a real notice.
 */
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

export const snippets: readonly Snippet[] = [...snippetsOfWork, ...snippetsOfRules, ...snippetsOfFiles, ...snippetsOfCases];

/** A snippet with what it leaves out, as one file. */
export function wholeFile(yaml: string): string {
  const written = new Set([...yaml.matchAll(/^([a-z]\w*):/gm)].map((match) => match[1]));
  const rest = Object.entries(surroundings).filter(([section]) => (section === 'head' ? !written.has('duban') : !written.has(section)));
  const [head, ...others] = rest;
  const before = head?.[0] === 'head' ? [head[1]] : [];
  const after = (head?.[0] === 'head' ? others : rest).map(([, text]) => text);
  return [...before, yaml, ...after].join('\n') + '\n';
}
