import { z } from 'zod';
import { bothTexts, head, say, stateText, type Both, type Language } from '../texts.js';
import { clean } from './clean.js';

export const whyAnswer = z.object({
  title: z.string(),
  status: z.string(),
  due: z.string().nullable(),
  rule: z.string().nullable(),
  ruleTitle: bothTexts.nullable(),
  clause: z.array(z.string()),
  readings: z.array(z.string()),
  source: z.array(z.string()),
  waitsForTitle: bothTexts.nullable(),
  moved: z.boolean(),
  steps: z.array(
    z.object({
      title: bothTexts,
      from: z.string().nullable(),
      date: z.string(),
      days: z.array(z.object({ date: z.string(), counted: z.boolean(), n: z.number(), title: bothTexts })),
    }),
  ),
  rungs: z.array(
    z.object({
      at: z.string().nullable(),
      fired: z.boolean(),
      title: bothTexts,
      to: z.array(z.string()),
      toTitles: z.array(z.string()),
      confirmTitle: z.string().nullable(),
    }),
  ),
  events: z.array(z.object({ seq: z.number(), at: z.string(), title: bothTexts, byName: z.string(), onBehalfOf: z.string().nullable() })),
});
type Why = z.infer<typeof whyAnswer>;

/** The chain: deadline, rule, clause, the days counted one by one, the ladder, the events. */
export function whyText(why: Why, language: Language): string {
  const line = (zh: string, en: string): string => clean(say({ zh, en }, language));
  const titled = (zh: string, en: string): string => head(zh, en, language);
  const text = (both: Both): string => clean(say(both, language));
  const waits = why.waitsForTitle ?? { zh: '', en: '' };
  const sources = [...why.clause, ...why.readings].join('、');
  const lines = [
    `${clean(why.title)}  ${stateText(why.status, language)}`,
    why.due === null
      ? line(`期限未定，待：${waits.zh}`, `no date yet: waits for ${waits.en}`)
      : line(`期限 ${why.due}（含当日）`, `due ${why.due}, that day included`),
    ...(why.rule === null ? [] : [`${titled('规则', 'rule')} ${text(why.ruleTitle ?? { zh: '', en: '' })}  [${clean(why.rule)}]`]),
    ...(sources === '' ? [] : [`${titled('条款', 'clause')} ${clean(sources)}`]),
    ...(why.source.length === 0 ? [] : [`${titled('依据', 'source')} ${clean(why.source.join('；'))}`]),
    ...(why.moved ? [line('期限已因延期、暂停或调整而变动', 'an extension, a pause or an amendment moved the date')] : []),
  ];
  if (why.steps.length > 0) lines.push('', titled('怎样算出', 'how it is counted'));
  for (const step of why.steps) {
    lines.push(`  ${text(step.title)}：${step.from === null ? '' : `${step.from} → `}${step.date}`);
    for (const day of step.days) lines.push(`      ${day.date}  ${day.counted ? String(day.n) : '·'}  ${text(day.title)}`);
  }
  if (why.rungs.length > 0) lines.push('', titled('提醒和升级（✓ 已到）', 'reminders and escalation, ✓ reached'));
  for (const rung of why.rungs) lines.push(rungText(rung, language));
  if (why.events.length > 0) lines.push('', titled('经过', 'what happened'));
  for (const event of why.events)
    lines.push(
      clean(`  #${event.seq} ${event.at.replace('T', ' ')}  ${text(event.title)}  ${event.byName}${onBehalf(event.onBehalfOf, language)}`),
    );
  return `${lines.join('\n')}\n`;
}

const onBehalf = (name: string | null, language: Language): string =>
  name === null ? '' : say({ zh: `（代 ${name}）`, en: ` (for ${name})` }, language);

/** Those told by what they are to it have no role's title of their own. */
const TOLD: Readonly<Record<string, Both>> = {
  owner: { zh: '承担人', en: 'whoever owes it' },
  person: { zh: '本人', en: 'the person' },
};

function rungText(rung: Why['rungs'][number], language: Language): string {
  const told = rung.toTitles
    .map((title, index) => {
      const word = TOLD[rung.to[index] ?? ''];
      return word === undefined ? title : say(word, language);
    })
    .join('、');
  const what = told === '' ? say(rung.title, language) : `→ ${told}`;
  const confirm =
    rung.confirmTitle === null
      ? ''
      : say({ zh: `（须${rung.confirmTitle}放行）`, en: `(when ${rung.confirmTitle} releases it)` }, language);
  return clean(`  ${rung.fired ? '✓' : '·'} ${rung.at?.replace('T', ' ') ?? '—'}  ${what}${confirm}`);
}
