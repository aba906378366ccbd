import { z } from 'zod';
import { head, say, type Language } from '../texts.js';
import { bars } from './bars.js';
import { clean } from './clean.js';
import { table } from './table.js';

const figure = z.object({
  measure: z.string(),
  insurance: z.string().nullable(),
  part: z.number(),
  whole: z.number().nullable(),
  shown: z.string(),
});
const meaning = z.object({
  id: z.string(),
  title: z.string(),
  formula: z.string(),
  money: z.boolean(),
  wholeMoney: z.boolean(),
  perInsurance: z.boolean(),
  clause: z.array(z.string()),
  readings: z.array(z.string()),
});
const heading = {
  title: z.string(),
  cutOff: z.object({ happenedBy: z.string(), recordedBefore: z.string() }),
  insurance: z.array(z.object({ id: z.string(), title: z.string() })),
  untold: z.array(z.object({ title: z.string() })),
  measures: z.array(meaning),
};

export const progressAnswer = z.object({
  ...heading,
  phases: z.array(z.object({ title: z.string(), to: z.string().nullable(), daysLeft: z.number().nullable() })),
  goals: z.array(
    z.object({
      title: z.string(),
      unit: z.string(),
      due: z.string(),
      daysLeft: z.number(),
      result: z.string().nullable(),
      short: z.number().nullable(),
      measure: z.string().nullable(),
      threshold: z.string().nullable(),
    }),
  ),
  points: z.array(
    z.object({
      title: z.string(),
      unit: z.string(),
      settled: z.number().nullable(),
      best: z.number().nullable(),
      worst: z.number().nullable(),
      decisionNeeded: z.boolean(),
    }),
  ),
  units: z.array(
    z.object({
      unit: z.string(),
      name: z.string(),
      level: z.string(),
      path: z.string(),
      above: z.string().nullable(),
      figures: z.array(figure),
    }),
  ),
});
export type ProgressAnswer = z.infer<typeof progressAnswer>;
type Meaning = z.infer<typeof meaning>;

const issue = z.object({ number: z.number(), obligation: z.string(), at: z.string(), by: z.string(), digest: z.string() });
export const issuesAnswer = z.object({ items: z.array(issue) });

export const bulletinAnswer = z.object({
  ...heading,
  issue: issue.nullable(),
  reportTitle: z.string(),
  columns: z.array(z.object({ id: z.string(), title: z.string() })),
  rows: z.array(
    z.object({
      rank: z.number(),
      name: z.string(),
      insurance: z.string().nullable(),
      cells: z.array(z.object({ show: z.string(), shown: z.string().optional(), figure: figure.optional() })),
      flags: z.array(z.string()),
    }),
  ),
  chainHeads: z.array(z.object({ chain: z.string(), seq: z.number(), hash: z.string() })),
});

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');
/** Fen as yuan, or a count, with thousands separated. */
export function amount(value: number, money: boolean): string {
  if (!money) return grouped(String(value));
  const digits = String(Math.abs(value)).padStart(3, '0');
  return `${value < 0 ? '-' : ''}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
}

/** A plain-text picture: a bar for each unit and measure, the tree shown by indentation. */
export function progressText(progress: ProgressAnswer, language: Language): string {
  const asOf = say({ zh: `截至 ${moment(progress)}`, en: `as of ${moment(progress)}` }, language);
  const names = new Map(progress.units.map((unit) => [unit.unit, unit.name]));
  const lines = [`${clean(progress.title)}  ${asOf}`, ''];
  for (const measure of progress.measures) {
    for (const kind of measure.perInsurance ? progress.insurance : [null]) {
      const rows = barsOf(progress, measure, kind?.id ?? null);
      const title = `${clean(measure.title)}${kind === null ? '' : ` · ${kindName(progress, kind.id, language)}`}`;
      if (rows.length > 0) lines.push(`${title}${measure.money ? say({ zh: '（元）', en: '(yuan)' }, language) : ''}`, bars(rows));
    }
  }
  for (const phase of progress.phases) {
    if (phase.daysLeft !== null)
      lines.push(
        say(
          {
            zh: `${phase.title} 至 ${phase.to ?? ''}，还有 ${phase.daysLeft} 天`,
            en: `until ${phase.to ?? ''}, ${phase.daysLeft} days left`,
          },
          language,
        ),
      );
  }
  for (const goal of progress.goals) lines.push(clean(goalLine(progress, goal, names.get(goal.unit) ?? goal.unit, language)));
  for (const point of progress.points) lines.push(clean(pointLine(point, language)));
  lines.push('', ...meanings(progress.measures), ...untold(progress, language));
  return `${lines.join('\n')}\n`;
}

/** A bar for each unit that has a whole to be measured against. */
function barsOf(progress: ProgressAnswer, measure: Meaning, insurance: string | null): Parameters<typeof bars>[0] {
  return progress.units.flatMap((unit) => {
    const own = unit.figures.find((at) => at.measure === measure.id && at.insurance === insurance);
    if (own === undefined || own.whole === null) return [];
    return [
      {
        label: `${'  '.repeat(depthOf(progress, unit.above))}${unit.name}`,
        part: own.part,
        whole: own.whole,
        figures: `${own.shown}  ${amount(own.part, measure.money)} / ${amount(own.whole, measure.wholeMoney)}`,
      },
    ];
  });
}

/** How an insurance kind is printed; nothing for a line of all kinds. */
const kindName = ({ insurance }: Pick<ProgressAnswer, 'insurance'>, id: string | null, language: Language): string =>
  id === null ? '' : say({ zh: clean(insurance.find((kind) => kind.id === id)?.title ?? id), en: id }, language);

const moment = ({ cutOff }: Pick<ProgressAnswer, 'cutOff'>): string => cutOff.recordedBefore.slice(0, 16).replace('T', ' ');

const untold = ({ untold: all }: Pick<ProgressAnswer, 'untold'>, language: Language): string[] =>
  all.length === 0 ? [] : [say({ zh: '不能按当日准确还原、未列', en: 'not told exactly as of that day' }, language) + `: ${clean(all.map(({ title }) => title).join('、'))}`]; // prettier-ignore

const meanings = (all: readonly Meaning[]): string[] =>
  all.map((measure) =>
    clean(
      `${measure.title}＝${measure.formula}${[...measure.clause, ...measure.readings].map((source, at) => `${at === 0 ? '；' : '、'}${source}`).join('')}`,
    ),
  );

function depthOf(progress: ProgressAnswer, above: string | null): number {
  let depth = 0;
  for (let at = above; at !== null && depth < 20; depth += 1) at = progress.units.find((unit) => unit.unit === at)?.above ?? null;
  return depth;
}

function goalLine(progress: ProgressAnswer, goal: ProgressAnswer['goals'][number], unit: string, language: Language): string {
  const name = `${unit} ${goal.title}（${goal.due}）`;
  if (goal.result === 'met') return say({ zh: `✓ ${name} 达到`, en: 'met' }, language);
  if (goal.result === 'missed') return say({ zh: `✗ ${name} 未达到`, en: 'missed' }, language);
  if (goal.result !== null) return say({ zh: `? ${name} 无法判定`, en: 'undecided' }, language);
  const money = progress.measures.find(({ id }) => id === goal.measure)?.money === true;
  const short =
    goal.short === null
      ? { zh: '', en: '' }
      : goal.short === 0
        ? { zh: `，已达 ${goal.threshold ?? ''}`, en: `, ${goal.threshold ?? ''} reached` }
        : {
            zh: `，距 ${goal.threshold ?? ''} 还差 ${amount(goal.short, money)}`,
            en: `, ${amount(goal.short, money)} short of ${goal.threshold ?? ''}`,
          };
  return say({ zh: `· ${name} 还有 ${goal.daysLeft} 天${short.zh}`, en: `${goal.daysLeft} days left${short.en}` }, language);
}

function pointLine(point: ProgressAnswer['points'][number], language: Language): string {
  if (point.settled !== null) return say({ zh: `★ ${point.title}：${point.settled} 分`, en: `${point.settled} points` }, language);
  if (point.decisionNeeded) return say({ zh: `★ ${point.title}：待人工决定`, en: 'a person decides' }, language);
  const one = (value: number | null, zh: boolean): string => (value === null ? (zh ? '由人决定' : 'as decided') : String(value));
  return say(
    {
      zh: `☆ ${point.title}：可得 ${one(point.worst, true)} 至 ${one(point.best, true)} 分`,
      en: `in sight: ${one(point.worst, false)} to ${one(point.best, false)}`,
    },
    language,
  );
}

type BulletinAnswer = z.infer<typeof bulletinAnswer>;
type Row = BulletinAnswer['rows'][number];

export function bulletinText(bulletin: BulletinAnswer, language: Language): string {
  const columns = bulletin.columns.map((column, at) => ({
    head: column.title,
    right: at < 2,
    cell: (row: Row): string => {
      const cell = row.cells.find(({ show }) => show === column.id);
      return cell?.figure?.shown ?? cell?.shown ?? '';
    },
  }));
  const apart = bulletin.rows.some(({ insurance }) => insurance !== null);
  const kind = { head: head('险种', 'insurance', language), cell: (row: Row) => kindName(bulletin, row.insurance, language) };
  const rows = table(
    [
      { head: head('名次', 'rank', language), cell: (row) => row.rank, right: true },
      { head: head('单位', 'unit', language), cell: (row) => row.name },
      ...(apart ? [kind] : []),
      ...columns,
      { head: head('备注', 'flags', language), cell: (row) => row.flags.join('；'), most: 60 },
    ],
    bulletin.rows,
  );
  const chains = bulletin.chainHeads.map(
    ({ chain, seq, hash }) => say({ zh: `审计链 ${chain} 第 ${seq} 条`, en: `audit chain ${chain} #${seq}` }, language) + `: ${hash}`,
  );
  const { issue } = bulletin;
  const issued = issue === null ? [] : [say({ zh: `第${issue.number}期，${spaced(issue.at)} 印发，摘要`, en: `issue ${issue.number}, digest` }, language) + `: ${issue.digest}`]; // prettier-ignore
  const asOf = spaced(bulletin.cutOff.recordedBefore);
  const title = `${clean(`${bulletin.title} ${bulletin.reportTitle}`)}  ${say({ zh: `截至 ${asOf}`, en: `as of ${asOf}` }, language)}`;
  return `${title}\n\n${rows}\n${[...meanings(bulletin.measures), ...untold(bulletin, language), ...issued, ...chains].join('\n')}\n`;
}

const spaced = (at: string): string => at.replace('T', ' ');

/** The issues of a bulletin, newest first. */
export const issuesText = ({ items }: z.infer<typeof issuesAnswer>, language: Language): string =>
  table(
    [
      { head: head('期', 'issue', language), cell: (row) => row.number, right: true },
      { head: head('印发', 'issued', language), cell: (row) => spaced(row.at) },
      { head: head('任务', 'obligation', language), cell: (row) => row.obligation },
      { head: head('摘要', 'digest', language), cell: (row) => row.digest, most: 64 },
    ],
    items,
  );
