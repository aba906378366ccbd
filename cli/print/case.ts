import { z } from 'zod';
import { bothTexts, say, stateText, type Language } from '../texts.js';
import { clean } from './clean.js';

const field = z.object({ id: z.string(), title: z.string(), type: z.string(), codes: z.record(z.string(), z.string()) });

export const caseAnswer = z.object({
  id: z.string(),
  title: z.string(),
  unitName: z.string(),
  status: z.string(),
  stateTitle: z.string(),
  due: z.string().nullable(),
  daysLate: z.number(),
  openedOn: z.string(),
  round: z.number(),
  arrivedOn: z.string().nullable(),
  opener: z.object({ event: z.string() }),
  fields: z.array(field.extend({ value: z.union([z.string(), z.number(), z.boolean()]).nullable() })),
  acts: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      byTitles: z.array(z.string()),
      signed: z.array(z.string()),
      differs: z.array(z.string()),
      mine: z.boolean(),
      barred: z.boolean(),
      asks: z.array(field),
      reason: z.boolean(),
      evidence: z.array(z.object({ id: z.string(), title: z.string() })),
    }),
  ),
  passed: z.array(
    z.object({ title: z.string(), since: z.string(), closedOn: z.string().nullable(), daysLate: z.number(), byName: z.string() }),
  ),
  history: z.array(
    z.object({
      number: z.number(),
      at: z.string(),
      title: bothTexts,
      event: z.string().nullable(),
      values: z.record(z.string(), z.unknown()),
      byName: z.string(),
    }),
  ),
});
type CaseAnswer = z.infer<typeof caseAnswer>;

/** A case: where it stands, what is known, what it was, what may be done. */
export function caseText(found: CaseAnswer, language: Language): string {
  const line = (zh: string, en: string): string => clean(say({ zh, en }, language));
  const late = found.daysLate > 0 ? line(`，逾期${found.daysLate}天`, `, ${found.daysLate} days late`) : '';
  const known = found.fields.flatMap(({ title, type, codes, value }) =>
    value === null ? [] : [`  ${clean(title)}: ${clean(shown(type, codes, value))}`],
  );
  return [
    `${clean(found.title)}  ${clean(found.unitName)}  ${stateText(found.status, language)}`,
    `${line('期限', 'due')}: ${found.due ?? '—'}${late}`,
    `${line('开启', 'opened')}: ${found.openedOn}  ${clean(found.opener.event)}${found.round > 0 ? `  ${line('轮次', 'round')} ${found.round}` : ''}`,
    ...(found.arrivedOn === null ? [] : [`${line('到账', 'arrived')}: ${found.arrivedOn}`]),
    ...(known.length === 0 ? [] : [line('栏位', 'fields'), ...known]),
    ...(found.passed.length === 0 ? [] : [line('已办', 'done'), ...found.passed.map((one) => `  ${passedLine(one, language)}`)]),
    ...(found.acts.length === 0 ? [] : [line('现在可以办', 'may be done now'), ...found.acts.map((act) => `  ${actLine(act, line)}`)]),
    line('经过', 'what happened'),
    ...found.history.map(({ at, title, event, values, byName }) =>
      `  ${at}  ${clean(whatText(say(title, language), event))}  ${clean(byName)}  ${givenText(found, values)}`.trimEnd(),
    ),
    '',
  ].join('\n');
}

/** What happened, with its event where the words do not name it already. */
const whatText = (said: string, event: string | null): string =>
  event === null || said.split(/\s+/).includes(event) ? said : `${said}  ${event}`;

function passedLine({ title, since, closedOn, daysLate }: CaseAnswer['passed'][number], language: Language): string {
  const late = daysLate > 0 ? clean(say({ zh: `（逾期${daysLate}天）`, en: ` (${daysLate} days late)` }, language)) : '';
  return `${since} → ${closedOn ?? ''}  ${clean(title)}${late}`;
}

function actLine(act: CaseAnswer['acts'][number], line: (zh: string, en: string) => string): string {
  const asks = [...act.asks.map(({ id, title }) => `${id}=${clean(title)}`), ...(act.reason ? ['reason'] : [])];
  const papers = act.evidence.map(({ id, title }) => `${id}（${clean(title)}）`);
  return [
    `${act.id}  ${clean(act.title)}`,
    `${line('由', 'by')} ${clean(act.byTitles.join('、'))}`,
    ...(act.signed.length === 0 ? [] : [`${line('已签', 'signed')} ${act.signed.join('、')}`]),
    ...(act.differs.length === 0 ? [] : [`${line('所填不一致', 'they differ')}: ${act.differs.join('、')}`]),
    ...(asks.length === 0 ? [] : [`${line('须填', 'asks')} ${asks.join('、')}`]),
    ...(papers.length === 0 ? [] : [`${line('材料', 'papers')} ${papers.join('、')}`]),
    ...(act.barred ? [line('现在不能再办', 'not now')] : act.mine ? [] : [line('不由您办', 'not yours')]),
  ].join('  ');
}

/** What was entered then: of the fields of the case, also those that each signer has of its own. */
const givenText = ({ fields }: CaseAnswer, values: Readonly<Record<string, unknown>>): string =>
  fields
    .flatMap(({ id, title, type, codes }) => {
      const value = values[id];
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [`${clean(title)}=${clean(shown(type, codes, value))}`]
        : [];
    })
    .join('；');

function shown(type: string, codes: Readonly<Record<string, string>>, value: string | number | boolean): string {
  if (type === 'money' && typeof value === 'number') return (value / 100).toFixed(2);
  return codes[String(value)] ?? String(value);
}
