import { formatYuan, fen } from '../../../domain/money/fen.js';
import { figureFor, kindsUnder } from '../figures.js';
import type { Bulletin, MeasureMeaning, Progress, ReportHead } from '../../../store/reports/model.js';

/** A report as one table, for files: text above it, columns, rows, text below it. Numbers are whole counts, everything else is text. */
export interface Sheet {
  readonly name: string;
  readonly above: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly below: readonly string[];
}

/** Title, cut-off, and what each figure means. */
function headLines(head: ReportHead, title: string): { above: string[]; below: string[] } {
  const { happenedBy, recordedBefore } = head.cutOff;
  return {
    above: [title, `截至 ${happenedBy}（${recordedBefore.replace('T', ' ')} 前入账）`],
    below: [
      ...head.measures.map((meaning) => `${meaning.title}＝${meaning.formula}${sources(meaning)}`),
      ...(head.untold.length === 0 ? [] : [`不能按当日准确还原、未列：${head.untold.map(({ title }) => title).join('、')}`]),
    ],
  };
}

const sources = ({ clause, readings }: Pick<MeasureMeaning, 'clause' | 'readings'>): string => {
  const all = [...clause, ...readings];
  return all.length === 0 ? '' : `；依据 ${all.join('、')}`;
};

/** Yuan as text with two decimals; counts as numbers. */
const amountCell = (money: boolean, value: number): string | number => (money ? formatYuan(fen(value)) : value);

/** Progress: one row for each unit; part, whole and rate of each measure. */
export function progressSheet(progress: Progress): Sheet {
  const { above, below } = headLines(progress, `${progress.title} 进度`);
  const parents = new Map(progress.units.map((unit) => [unit.unit, unit.name]));
  const goals = progress.goals.map((goal) => {
    const meaning = progress.measures.find(({ id }) => id === goal.measure);
    const state =
      goal.result !== null
        ? goal.result === 'met'
          ? '达到'
          : goal.result === 'missed'
            ? '未达到'
            : '无法判定'
        : `还有 ${goal.daysLeft} 天`;
    const short =
      goal.short === null || meaning === undefined
        ? ''
        : `，现距 ${goal.threshold ?? ''} 还差 ${String(amountCell(meaning.money, goal.short))}${meaning.money ? ' 元' : ''}`;
    return `${goal.title}（${goal.due}）：${state}${short}`;
  });
  const points = progress.points.map(({ title, settled, best, worst, decisionNeeded }) => {
    const figure = (value: number | null): string => (value === null ? '由人决定' : String(value));
    return `${title}：${settled !== null ? settled : decisionNeeded ? '待人工决定' : `可得 ${figure(worst)} 至 ${figure(best)}`}`;
  });
  return {
    name: '进度',
    above: [...above, ...goals, ...points],
    columns: [
      '单位',
      '上级',
      ...progress.measures.flatMap((meaning) => kindsUnder(progress, meaning).flatMap((kind) => columnsOf(progress, meaning, kind))),
    ],
    rows: progress.units.map((unit) => [
      unit.name,
      unit.above === null ? '' : (parents.get(unit.above) ?? ''),
      ...progress.measures.flatMap((meaning) =>
        kindsUnder(progress, meaning).flatMap((kind) => {
          const figure = figureFor(unit, meaning.id, kind);
          const part = figure === undefined ? '' : amountCell(meaning.money, figure.part);
          if (meaning.wholeTitle === null) return [part];
          const whole = figure === undefined || figure.whole === null ? '' : amountCell(meaning.wholeMoney, figure.whole);
          return [part, whole, figure?.shown ?? ''];
        }),
      ),
    ]),
    below,
  };
}

function columnsOf(head: ReportHead, meaning: MeasureMeaning, insurance: string | null): string[] {
  const kind = insurance === null ? '' : `（${kindTitle(head, insurance)}）`;
  const titled = (title: string, money: boolean): string => `${title}${kind}${money ? '（元）' : ''}`;
  return meaning.wholeTitle === null
    ? [titled(meaning.title, meaning.money)]
    : [titled(meaning.partTitle, meaning.money), titled(meaning.wholeTitle, meaning.wholeMoney), titled(meaning.title, false)];
}

const kindTitle = ({ insurance }: ReportHead, id: string | null): string => insurance.find((kind) => kind.id === id)?.title ?? '';

/** A bulletin: rank, unit, insurance kind where told apart, what it shows, flags beside; digest and heads of the audit chains below. */
export function bulletinSheet(bulletin: Bulletin): Sheet {
  const { issue } = bulletin;
  const { above, below } = headLines(bulletin, `${bulletin.title} ${bulletin.reportTitle}${issue === null ? '' : ` 第${issue.number}期`}`);
  const apart = bulletin.rows.some(({ insurance }) => insurance !== null);
  return {
    name: bulletin.reportTitle || bulletin.report,
    above,
    columns: ['名次', '单位', ...(apart ? ['险种'] : []), ...bulletin.columns.map(({ title }) => title), '备注'],
    rows: bulletin.rows.map((row) => [
      row.rank,
      row.name,
      ...(apart ? [kindTitle(bulletin, row.insurance)] : []),
      ...bulletin.columns.map(({ id }) => {
        const cell = row.cells.find(({ show }) => show === id);
        return cell === undefined ? '' : cell.kind === 'figure' ? cell.figure.shown : cell.shown;
      }),
      row.flags.join('；'),
    ]),
    below: [
      ...below,
      ...(issue === null ? [] : [`本期于 ${issue.at.replace('T', ' ')} 印发，摘要 ${issue.digest}`]),
      ...bulletin.chainHeads.map(({ chain, seq, hash }) => `审计链 ${chain} 第 ${seq} 条：${hash}`),
    ],
  };
}
