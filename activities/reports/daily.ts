import type { Db } from '../../store/connection.js';
import { arrivedOn, boardSum } from '../../store/reports/figures.js';
import { amountText, countText } from './figures.js';
import { gather, type ReportRequest } from './gather.js';
import type { Goal, MeasureMeaning, Progress, UnitFigures } from './model.js';
import { progressFrom } from './progress.js';

/** The daily line for a work group chat, with the figures it is made of. */
export interface Daily {
  readonly campaign: string;
  readonly title: string;
  readonly cutOff: Progress['cutOff'];
  readonly arrivedToday: { readonly payments: number; readonly amount: number };
  readonly late: number;
  readonly open: number;
  readonly text: { readonly zh: string; readonly en: string };
  readonly progress: Progress;
}

/** Units named at either end of the ranking. */
const NAMED = 3;

export async function dailyReport(db: Db, request: ReportRequest): Promise<Daily | null> {
  const gathered = await gather(db, request);
  if (gathered === null) return null;
  const [progress, board, arrivedToday] = await Promise.all([
    progressFrom(db, request, gathered),
    boardSum(db, request.county, request.process, gathered.scope),
    arrivedOn(db, request.county, request.process, gathered.scope, gathered.today),
  ]);
  const { late, open } = board;
  const { campaign, title, cutOff } = progress;
  return { campaign, title, cutOff, arrivedToday, late, open, text: dailyText(progress, arrivedToday, late), progress };
}

/** One paragraph: title and time, each measure, today, the next goal, who leads and who lags, what is late. */
export function dailyText(progress: Progress, today: Daily['arrivedToday'], late: number): { readonly zh: string; readonly en: string } {
  const top = progress.units.find(({ above }) => above === null);
  const when = progress.cutOff.recordedBefore.slice(0, 16).replace('T', ' ');
  const measures = progress.measures.flatMap((meaning) => measureText(meaning, top));
  const goal = progress.goals.filter(({ daysLeft, result }) => daysLeft >= 0 && result === null).sort((a, b) => a.daysLeft - b.daysLeft)[0];
  const ranked = rankedLeaves(progress);
  const names = (units: readonly UnitFigures[]): string => units.map((unit) => `${unit.name} ${unit.figures[0]?.shown ?? ''}`).join('、');
  const money = progress.measures.find(({ money: isMoney }) => isMoney);
  const arrived = { zh: `今日到账 ${countText(today.payments)} 笔`, en: `${countText(today.payments)} payments today` };
  if (money !== undefined && today.amount !== 0) {
    arrived.zh += `、${amountText(money, today.amount)} 元`;
    arrived.en += `, ${amountText(money, today.amount)} yuan`;
  }
  const ends = ranked.length > NAMED * 2;
  const zh = [
    ...measures.map(({ zh: text }) => text),
    arrived.zh,
    ...(goal === undefined ? [] : [goalText(progress, goal).zh]),
    ...(ends ? [`前${NAMED}：${names(ranked.slice(0, NAMED))}`, `后${NAMED}：${names(ranked.slice(-NAMED))}`] : []),
    `逾期未办 ${late} 件`,
  ];
  const en = [
    ...measures.map(({ en: text }) => text),
    arrived.en,
    ...(goal === undefined ? [] : [goalText(progress, goal).en]),
    ...(ends ? [`first ${NAMED}: ${names(ranked.slice(0, NAMED))}`, `last ${NAMED}: ${names(ranked.slice(-NAMED))}`] : []),
    `${late} late`,
  ];
  return { zh: `【${progress.title}】截至 ${when}：${zh.join('；')}。`, en: `[${progress.title}] as of ${when}: ${en.join('; ')}.` };
}

function measureText(meaning: MeasureMeaning, top: UnitFigures | undefined): { zh: string; en: string }[] {
  const figure = top?.figures.find(({ measure }) => measure === meaning.id);
  if (figure === undefined) return [];
  const unit = meaning.money ? { zh: '元', en: ' yuan' } : { zh: '', en: '' };
  const amounts =
    figure.whole === null ? amountText(meaning, figure.part) : `${amountText(meaning, figure.part)}/${amountText(meaning, figure.whole)}`;
  const rate = figure.whole === null ? { zh: '', en: '' } : { zh: `（${figure.shown}）`, en: ` (${figure.shown})` };
  return [{ zh: `${meaning.title} ${amounts}${unit.zh}${rate.zh}`, en: `${meaning.id} ${amounts}${unit.en}${rate.en}` }];
}

function goalText(progress: Progress, goal: Goal): { zh: string; en: string } {
  const meaning = progress.measures.find(({ id }) => id === goal.measure);
  const left = { zh: `${goal.title} ${goal.due} 还有 ${goal.daysLeft} 天`, en: `${goal.milestone} ${goal.due} in ${goal.daysLeft} days` };
  if (goal.short === null || meaning === undefined) return left;
  if (goal.short === 0) return { zh: `${left.zh}，已达 ${goal.threshold ?? ''}`, en: `${left.en}, ${goal.threshold ?? ''} reached` };
  const amount = amountText(meaning, goal.short);
  return {
    zh: `${left.zh}，距 ${goal.threshold ?? ''} 还差 ${amount}${meaning.money ? ' 元' : ''}`,
    en: `${left.en}, ${amount} short of ${goal.threshold ?? ''}`,
  };
}

/** Lowest units by the first measure, best first; those without a value are left out. */
export function rankedLeaves(progress: Progress): readonly UnitFigures[] {
  const above = new Set(progress.units.map((unit) => unit.above));
  return progress.units.filter((unit) => !above.has(unit.unit) && (unit.figures[0]?.whole ?? 1) > 0).sort((a, b) => share(b) - share(a));
}

/** For the order of a picture only, never compared with a threshold. */
export const share = (unit: UnitFigures): number => {
  const figure = unit.figures[0];
  return figure === undefined ? 0 : figure.whole === null ? figure.part : figure.part / figure.whole;
};
