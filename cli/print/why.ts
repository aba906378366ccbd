import { z } from 'zod';
import { say, stateText, type Language } from '../texts.js';
import { clean } from './clean.js';

export const whyAnswer = z.object({
  title: z.string(),
  status: z.string(),
  due: z.string().nullable(),
  rule: z.string().nullable(),
  clause: z.array(z.string()),
  readings: z.array(z.string()),
  source: z.array(z.string()),
  waitsFor: z.string().nullable(),
  moved: z.boolean(),
  steps: z.array(
    z.object({
      kind: z.string(),
      text: z.string(),
      from: z.string().nullable(),
      date: z.string(),
      days: z.array(z.object({ date: z.string(), counted: z.boolean(), n: z.number(), kind: z.string() })),
    }),
  ),
  rungs: z.array(
    z.object({ at: z.string().nullable(), fired: z.boolean(), toTitles: z.array(z.string()), confirmTitle: z.string().nullable() }),
  ),
  events: z.array(
    z.object({
      seq: z.number(),
      at: z.string(),
      type: z.string(),
      act: z.string().nullable(),
      byName: z.string(),
      onBehalfOf: z.string().nullable(),
    }),
  ),
});

/** The chain: deadline, rule, clause, the days counted one by one, the ladder, the events. */
export function whyText(why: z.infer<typeof whyAnswer>, language: Language): string {
  const line = (zh: string, en: string): string => clean(say({ zh, en }, language));
  const sources = [...why.clause, ...why.readings].join('、');
  const lines = [
    `${clean(why.title)}  ${stateText(why.status, language)}`,
    why.due === null
      ? line(`期限未定，待 ${why.waitsFor ?? ''}`, `no date yet: waits for ${why.waitsFor ?? ''}`)
      : line(`期限 ${why.due}（含当日）`, `due ${why.due}, that day included`),
    line(`规则 ${why.rule ?? '—'}；依据 ${sources === '' ? '—' : sources}`, `rule ${why.rule ?? '-'}`),
    ...why.source.map((source) => `  ${clean(source)}`),
    ...(why.moved ? [line('期限已因延期、暂停或调整而变动', 'an extension, a pause or an amendment moved the date')] : []),
  ];
  for (const step of why.steps) {
    lines.push(clean(`  ${step.text}: ${step.from === null ? '' : `${step.from} → `}${step.date}`));
    for (const each of step.days) lines.push(clean(`      ${each.date} ${each.counted ? `${each.n}` : '·'} ${each.kind}`));
  }
  for (const rung of why.rungs) {
    lines.push(
      clean(
        `  ${rung.fired ? '✓' : '·'} ${rung.at?.replace('T', ' ') ?? '—'} → ${rung.toTitles.join('、')}${rung.confirmTitle === null ? '' : `（须${rung.confirmTitle}确认）`}`,
      ),
    );
  }
  for (const event of why.events) {
    lines.push(
      clean(
        `  #${event.seq} ${event.at.replace('T', ' ')} ${event.act ?? event.type} ${event.byName}${event.onBehalfOf === null ? '' : `（代 ${event.onBehalfOf}）`}`,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}
