import type { Definition, Report } from '../../domain/model/definition.js';
import { compareRate, rate } from '../../domain/money/rate.js';
import type { Db } from '../../store/connection.js';
import type { ReportUnit } from '../../store/reports/basis.js';
import {
  chainHead,
  reportFlags,
  reportObligations,
  type ChainHead,
  type ReportFlag,
  type ReportObligation,
} from '../../store/reports/figures.js';
import { NO_VALUE, pathsUpwards } from './figures.js';
import { gather, type Gathered, type ReportRequest } from './gather.js';
import type { Bulletin, BulletinCell, BulletinRow, Figure } from './model.js';

const RESULTS: Readonly<Record<string, string>> = { met: '达到', missed: '未达到', open: '无法判定' };

/** Titles of the flags: what a unit is listed for, and since when. */
const flagText = (definition: Definition, flag: ReportFlag): string => {
  const id = flag.about.split('/')[0] ?? flag.about;
  const title = definition.duties[id]?.title || definition.milestones[id]?.title || id;
  return `${flag.on} ${title}${flag.daysLate > 0 ? `（逾期${flag.daysLate}天）` : ''}`;
};

/**
 * A report of the definition: what it `shows` for each unit of its level, ranked by the first measure, flags beside, with the heads of the
 * audit chains (S1-57, S4-09). null: no such campaign or report, or out of scope. Reports per person are not printed here: null too.
 */
export async function bulletin(db: Db, request: ReportRequest, name: string): Promise<Bulletin | null> {
  const gathered = await gather(db, request);
  const report = gathered?.basis.setting.definition.reports[name];
  if (gathered === null || report === undefined || report.per === 'person') return null;
  const { definition } = gathered.basis.setting;
  const [obligations, flags, campaignHead, countyHead] = await Promise.all([
    reportObligations(
      db,
      request.county,
      request.process,
      gathered.scope,
      report.shows.filter((id) => definition.duties[id] !== undefined),
    ),
    reportFlags(db, request.county, request.process, gathered.scope, name),
    chainHead(db, request.county, request.process),
    chainHead(db, request.county, 'county'),
  ]);
  const rows = rankedRows(gathered, report, obligations, flags);
  return {
    ...gathered.head,
    report: name,
    reportTitle: report.title,
    clause: report.clause,
    columns: report.shows.map((id) => ({ id, title: titleOf(definition, id) })),
    rows,
    total: gathered.figures.find(({ above }) => above === null) ?? null,
    chainHeads: [campaignHead, countyHead].filter((head): head is ChainHead => head !== null),
  };
}

function rankedRows(
  gathered: Gathered,
  report: Report,
  obligations: readonly ReportObligation[],
  flags: readonly ReportFlag[],
): readonly BulletinRow[] {
  const { definition } = gathered.basis.setting;
  const rows = gathered.units
    .filter((unit) => unit.level === report.per)
    .map((unit) => ({
      unit: unit.id,
      name: unit.name,
      cells: report.shows.flatMap((show) => cellOf(gathered, unit, show, obligations) ?? []),
      flags: flags.filter((flag) => flag.unit === unit.id).map((flag) => flagText(definition, flag)),
    }));
  const first = (row: { readonly cells: readonly BulletinCell[] }): Figure | null => {
    const cell = row.cells.find(({ kind }) => kind === 'figure');
    return cell?.kind === 'figure' ? cell.figure : null;
  };
  // Equal figures share a rank; the sort keeps the tree's order among them.
  const sorted = [...rows].sort((a, b) => compareFigures(first(b), first(a)));
  let rank = 0;
  return sorted.map((row, at) => {
    const before = sorted[at - 1];
    if (before === undefined || compareFigures(first(before), first(row)) !== 0) rank = at + 1;
    return { ...row, rank };
  });
}

/** By the exact fraction; no value comes last. */
function compareFigures(a: Figure | null, b: Figure | null): number {
  const worth = (figure: Figure | null) => (figure === null || figure.whole === 0 ? null : rate(figure.part, figure.whole ?? 1));
  const [left, right] = [worth(a), worth(b)];
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return compareRate(left, right);
}

function titleOf(definition: Definition, id: string): string {
  return definition.measures[id]?.title || definition.milestones[id]?.title || definition.duties[id]?.title || id;
}

function cellOf(gathered: Gathered, unit: ReportUnit, show: string, obligations: readonly ReportObligation[]): BulletinCell | null {
  const { definition } = gathered.basis.setting;
  if (definition.measures[show] !== undefined) {
    const figure = gathered.figures.find((at) => at.unit === unit.id)?.figures.find(({ measure }) => measure === show);
    return figure === undefined ? null : { kind: 'figure', show, figure };
  }
  if (definition.milestones[show] !== undefined) return milestoneCell(gathered, unit, show);
  if (definition.duties[show] !== undefined) return dutyCell(unit, show, obligations);
  return null;
}

/** The unit's own milestone, else that of the nearest unit above that is in sight. */
function milestoneCell(gathered: Gathered, unit: ReportUnit, show: string): BulletinCell {
  const lines = pathsUpwards(unit.path);
  const own = gathered.milestones
    .filter(({ body, path }) => body.milestone === show && lines.includes(path))
    .sort((a, b) => b.path.length - a.path.length || (a.body.due < b.body.due ? 1 : -1))[0];
  const result = own?.body.status === 'judged' ? own.body.result : null;
  const shown = result === null ? (own === undefined ? NO_VALUE : `${own.body.due} 前`) : (RESULTS[result] ?? result);
  return { kind: 'milestone', show, result, due: own?.body.due ?? null, shown };
}

/** The unit's own obligations, else (a duty of the office above) those of the nearest unit above. */
function dutyCell(unit: ReportUnit, show: string, all: readonly ReportObligation[]): BulletinCell {
  const nearest = [...pathsUpwards(unit.path)].reverse().find((path) => all.some((at) => at.duty === show && at.path === path));
  const below = all.filter((at) => at.duty === show && at.path.startsWith(unit.path));
  const own = below.length > 0 ? below : all.filter((at) => at.duty === show && at.path === nearest);
  const count = (test: (at: ReportObligation) => boolean): number => own.filter(test).length;
  const open = count(({ status }) => status === 'open' || status === 'checking');
  const late = count(({ status, late: isLate }) => isLate && (status === 'open' || status === 'checking'));
  const done = count(({ status }) => status === 'done');
  const daysLate = Math.max(0, ...own.filter(({ status }) => status === 'done').map((at) => at.daysLate ?? 0));
  const parts = [
    scoreText(own),
    late > 0 ? `逾期${late}` : '',
    open - late > 0 ? `待办${open - late}` : '',
    done > 0 ? `已办${done}${daysLate > 0 ? `（最长迟${daysLate}天）` : ''}` : '',
  ];
  return { kind: 'duty', show, open, late, done, daysLate, shown: parts.filter(Boolean).join('，') || NO_VALUE };
}

/** What the score table says so far; a sum over several units is nobody's score. */
function scoreText(own: readonly ReportObligation[]): string {
  const [only] = own;
  if (only === undefined || own.length > 1 || only.proposal === null) return '';
  if (only.proposal.decisionNeeded) return '待人工决定';
  return only.proposal.final ? `${Object.values(only.proposal.values).map(String).join('、')}分` : '';
}
