import { inOneView, type Db } from '../../store/connection.js';
import { arrivedOn, boardSum, type Arrived } from '../../store/reports/figures.js';
import { countText, figureFor, kindsUnder, partText } from './figures.js';
import { gather, type ReportRequest } from './gather.js';
import type { Figure, Goal, MeasureMeaning, Progress, UnitFigures } from '../../store/reports/model.js';
import { progressFrom } from './progress.js';

/** The daily line for a work group chat, with the figures it is made of. */
export interface Daily {
  readonly campaign: string;
  readonly title: string;
  readonly cutOff: Progress['cutOff'];
  readonly arrivedToday: Arrived;
  readonly late: number;
  readonly open: number;
  readonly text: { readonly zh: string; readonly en: string };
  readonly progress: Progress;
}

/** Units named at either end of the ranking. */
const NAMED = 3;

export async function dailyReport(db: Db, request: ReportRequest): Promise<Daily | null> {
  return inOneView(db, async (trx) => {
    const gathered = await gather(trx, request);
    if (gathered === null) return null;
    const progress = await progressFrom(gathered);
    const { late, open } = await boardSum(trx, request.county, request.process, gathered.scope);
    const arrivedToday = await arrivedOn(trx, request.county, request.process, gathered.scope, gathered.today);
    const { campaign, title, cutOff } = progress;
    return { campaign, title, cutOff, arrivedToday, late, open, text: dailyText(progress, arrivedToday, late), progress };
  });
}

interface Both {
  readonly zh: string;
  readonly en: string;
}

/** One paragraph: title and time, each measure, today, the next goal, who leads and who lags, what is late. */
export function dailyText(progress: Progress, today: Daily['arrivedToday'], late: number): Both {
  const when = progress.cutOff.recordedBefore.slice(0, 16).replace('T', ' ');
  const goal = progress.goals.filter(({ daysLeft, result }) => daysLeft >= 0 && result === null).sort((a, b) => a.daysLeft - b.daysLeft)[0];
  const said: readonly Both[] = [
    ...progress.measures.flatMap((meaning) => measureTexts(progress, meaning)),
    arrivedText(progress, today),
    ...(goal === undefined ? [] : [goalText(progress, goal)]),
    ...endsTexts(progress),
    { zh: `逾期未办 ${late} 件`, en: `${late} late` },
  ];
  const [zh, en] = [said.map((one) => one.zh), said.map((one) => one.en)];
  return { zh: `【${progress.title}】截至 ${when}：${zh.join('；')}。`, en: `[${progress.title}] as of ${when}: ${en.join('; ')}.` };
}

/** `养老保险`; empty where kinds are not told apart. */
const kindTitle = (progress: Progress, insurance: string | null): string =>
  progress.insurance.find(({ id }) => id === insurance)?.title ?? '';

/** The name of a kind before what is said of it. */
const ofKind = (progress: Progress, insurance: string | null, { zh, en }: Both): Both =>
  insurance === null ? { zh, en } : { zh: `${kindTitle(progress, insurance)}${zh}`, en: `${insurance} ${en}` };

function measureTexts(progress: Progress, meaning: MeasureMeaning): readonly Both[] {
  const top = progress.units.find(({ above }) => above === null);
  return kindsUnder(progress, meaning).flatMap((kind) => {
    const figure = top && figureFor(top, meaning.id, kind);
    if (figure === undefined) return [];
    const { part, whole } = figure;
    const yuan = { zh: '元', en: ' yuan' };
    const [partUnit, unit] = [meaning.money && !meaning.wholeMoney && whole !== null, whole === null ? meaning.money : meaning.wholeMoney];
    const amounts = (of: 'zh' | 'en'): string => {
      const first = `${partText(meaning, part)}${partUnit ? yuan[of] : ''}`;
      return `${first}${whole === null ? '' : `/${partText({ money: meaning.wholeMoney }, whole)}`}${unit ? yuan[of] : ''}`;
    };
    const rate = whole === null ? { zh: '', en: '' } : { zh: `（${figure.shown}）`, en: ` (${figure.shown})` };
    return [ofKind(progress, kind, { zh: `${meaning.title} ${amounts('zh')}${rate.zh}`, en: `${meaning.id} ${amounts('en')}${rate.en}` })];
  });
}

function arrivedText(progress: Progress, today: Daily['arrivedToday']): Both {
  const zh = `今日到账 ${countText(today.payments)} 笔`;
  const en = `${countText(today.payments)} payments today`;
  if (!progress.measures.some(({ money }) => money) || today.amount === 0) return { zh, en };
  const yuan = (fen: number): string => partText({ money: true }, fen);
  const kinds = progress.insurance.flatMap(({ id, title }) => {
    const own = today.kinds.find(({ insurance }) => insurance === id);
    return own === undefined ? [] : [{ zh: `${title} ${yuan(own.amount)}`, en: `${id} ${yuan(own.amount)}` }];
  });
  const apart = (of: 'zh' | 'en'): string => kinds.map((kind) => kind[of]).join(of === 'zh' ? '、' : ', ');
  return {
    zh: `${zh}、${yuan(today.amount)} 元${kinds.length === 0 ? '' : `（${apart('zh')}）`}`,
    en: `${en}, ${yuan(today.amount)} yuan${kinds.length === 0 ? '' : ` (${apart('en')})`}`,
  };
}

function endsTexts(progress: Progress): readonly Both[] {
  return kindsFirst(progress).flatMap((kind) => {
    const ranked = rankedLeaves(progress, kind);
    if (ranked.length <= NAMED * 2) return [];
    const names = (leaves: readonly RankedLeaf[]): string => leaves.map(({ unit, figure }) => `${unit.name} ${figure.shown}`).join('、');
    const [first, last] = [names(ranked.slice(0, NAMED)), names(ranked.slice(-NAMED))];
    return [
      ofKind(progress, kind, { zh: `前${NAMED}：${first}`, en: `first ${NAMED}: ${first}` }),
      ofKind(progress, kind, { zh: `后${NAMED}：${last}`, en: `last ${NAMED}: ${last}` }),
    ];
  });
}

function goalText(progress: Progress, goal: Goal): Both {
  const meaning = progress.measures.find(({ id }) => id === goal.measure);
  const left = { zh: `${goal.title} ${goal.due} 还有 ${goal.daysLeft} 天`, en: `${goal.milestone} ${goal.due} in ${goal.daysLeft} days` };
  if (goal.short === null || meaning === undefined) return left;
  if (goal.short === 0) return { zh: `${left.zh}，已达 ${goal.threshold ?? ''}`, en: `${left.en}, ${goal.threshold ?? ''} reached` };
  const amount = partText(meaning, goal.short);
  return {
    zh: `${left.zh}，距 ${goal.threshold ?? ''} 还差 ${amount}${meaning.money ? ' 元' : ''}`,
    en: `${left.en}, ${amount} short of ${goal.threshold ?? ''}`,
  };
}

/** Kinds by which units are ranked: those of the first measure. */
export const kindsFirst = (progress: Progress): readonly (string | null)[] => {
  const [first] = progress.measures;
  return first === undefined ? [] : kindsUnder(progress, first);
};

export interface RankedLeaf {
  readonly unit: UnitFigures;
  readonly figure: Figure;
}

/** Lowest units by the first measure, for one kind or for all, best first; those without a value are left out. */
export function rankedLeaves(progress: Progress, insurance: string | null): readonly RankedLeaf[] {
  const above = new Set(progress.units.map((unit) => unit.above));
  const measure = progress.measures[0]?.id ?? '';
  return progress.units
    .filter(({ unit }) => !above.has(unit))
    .flatMap((unit) => {
      const figure = figureFor(unit, measure, insurance);
      return figure === undefined || figure.whole === 0 ? [] : [{ unit, figure }];
    })
    .sort((a, b) => share(b.figure) - share(a.figure));
}

/** For the order of a picture only, never compared with a threshold. */
const share = ({ part, whole }: Figure): number => (whole === null ? part : part / whole);
