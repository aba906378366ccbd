import type { Definition, Duty } from '../../domain/model/definition.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { ReportUnit } from '../../store/reports/basis.js';
import type { ReportMilestone, ReportObligation } from '../../store/reports/figures.js';
import { figureFor, figureOf, meaningsOf, measuresWith, NO_VALUE, pathsUpwards } from './figures.js';
import type { Gathered } from './gather.js';
import type { BulletinCell } from '../../store/reports/model.js';

const RESULTS: Readonly<Record<string, string>> = { met: '达到', missed: '未达到', open: '无法判定' };

/** Duties whose obligations a report looks at: those it shows, and those that ask for or give a paper it shows; offices' duties only. */
function dutiesOf({ duties, papers }: Definition, shows: readonly string[]): readonly string[] {
  const shown = new Set(shows);
  const wanted = ({ id, evidence, gives }: Duty): boolean =>
    shown.has(id) || [...evidence, ...gives].some((paper) => papers[paper] !== undefined && shown.has(paper));
  return Object.values(duties).flatMap((duty) => (duty.rows === undefined && wanted(duty) ? [duty.id] : []));
}

/** Reads what a report shows beside its figures. */
export async function cellsOf(gathered: Gathered, shows: readonly string[]): Promise<Cells> {
  return new Cells(gathered, await gathered.obligations(dutiesOf(gathered.setting.definition, shows)));
}

/** What a report shows of one unit, for one insurance kind or (null) for all. */
export class Cells {
  constructor(
    private readonly gathered: Gathered,
    private readonly obligations: readonly ReportObligation[],
  ) {}

  cell(unit: ReportUnit, show: string, insurance: string | null): BulletinCell | null {
    const { definition } = this.gathered.setting;
    if (this.gathered.head.untold.some(({ id }) => id === show)) return { kind: 'untold', show, shown: NO_VALUE };
    if (definition.measures[show] !== undefined) return this.#measure(unit, show, insurance);
    if (definition.counts[show] !== undefined) return this.#count(definition, unit, show, insurance);
    if (definition.milestones[show] !== undefined) return milestoneCell(this.gathered.milestones, unit, show);
    if (definition.duties[show] !== undefined) return dutyCell(show, near(this.#of([show], insurance), unit));
    if (definition.papers[show] !== undefined) return this.#paper(definition, unit, show, insurance);
    return null;
  }

  #of(duties: readonly string[], insurance: string | null): readonly ReportObligation[] {
    return this.obligations.filter(
      (at) => duties.includes(at.duty) && (insurance === null || at.insurance === null || at.insurance === insurance),
    );
  }

  #measure(unit: ReportUnit, show: string, insurance: string | null): BulletinCell | null {
    const own = this.gathered.figures.find((at) => at.unit === unit.id);
    // A measure of all kinds is the same in the line of each.
    const figure = own && (figureFor(own, show, insurance) ?? figureFor(own, show, null));
    return figure === undefined ? null : { kind: 'figure', show, figure };
  }

  #count(definition: Definition, unit: ReportUnit, show: string, insurance: string | null): BulletinCell | null {
    const [meaning] = meaningsOf(
      definition,
      measuresWith(definition, [show]).filter(({ id }) => id === show),
    );
    const sums = this.gathered.sums.get(unit.id);
    if (meaning === undefined || sums === undefined) return null;
    const rows = this.gathered.rowsLink(show, unit.id, insurance);
    return { kind: 'figure', show, figure: figureOf(meaning, { part: show, whole: null }, sums, insurance, rows) };
  }

  /** How often a paper was asked for and given, with the duties that ask for it as evidence or hand it over. */
  #paper({ duties }: Definition, unit: ReportUnit, show: string, insurance: string | null): BulletinCell {
    const about = Object.values(duties).filter(({ evidence, gives }) => evidence.includes(show) || gives.includes(show));
    const all = this.#of(
      about.map(({ id }) => id),
      insurance,
    );
    const asked = about.flatMap(({ id, gives }) =>
      near(
        all.filter(({ duty }) => duty === id),
        unit,
      )
        .filter(({ status }) => OWED.has(status))
        .map((at) => givenOn(at, show, gives.includes(show))),
    );
    const days = asked.flatMap((day) => day ?? []).sort();
    const last = days.at(-1) ?? null;
    const shown = asked.length === 0 ? NO_VALUE : `${days.length}/${asked.length}${last === null ? '' : `（${last}）`}`;
    return { kind: 'paper', show, given: days.length, asked: asked.length, last, shown };
  }
}

const OWED = new Set(['beforeLaunch', 'waiting', 'open', 'checking', 'done']);

/** The day on which a paper came with an obligation; null while it has not. A duty that hands it over has given it when it is done. */
function givenOn({ parts, status }: ReportObligation, paper: string, handedOver: boolean): LocalDate | null {
  const discharged = status === 'done' || status === 'checking';
  const part = parts.findLast(({ evidence }) => (handedOver && discharged) || evidence.some((given) => given.paper === paper));
  return part?.on ?? null;
}

/** The unit's own milestone, else that of the nearest unit above that is in sight. */
function milestoneCell(milestones: readonly ReportMilestone[], unit: ReportUnit, show: string): BulletinCell {
  const lines = pathsUpwards(unit.path);
  const own = milestones
    .filter(({ body, path }) => body.milestone === show && lines.includes(path))
    .sort((a, b) => b.path.length - a.path.length || (a.body.due < b.body.due ? 1 : -1))[0];
  const result = own?.body.status === 'judged' ? own.body.result : null;
  const shown = result === null ? (own === undefined ? NO_VALUE : `${own.body.due} 前`) : (RESULTS[result] ?? result);
  return { kind: 'milestone', show, result, due: own?.body.due ?? null, shown };
}

/** Obligations of the unit and below, else (a duty of the office above) those of the nearest unit above. */
function near(all: readonly ReportObligation[], unit: ReportUnit): readonly ReportObligation[] {
  const below = all.filter((at) => at.path.startsWith(unit.path));
  if (below.length > 0) return below;
  const nearest = [...pathsUpwards(unit.path)].reverse().find((path) => all.some((at) => at.path === path));
  return all.filter((at) => at.path === nearest);
}

function dutyCell(show: string, own: readonly ReportObligation[]): BulletinCell {
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
