import type { Definition, Report } from '../../domain/model/definition.js';
import { compareRate, rate } from '../../domain/money/rate.js';
import { inOneView, type Db } from '../../store/connection.js';
import { chainHead, type ChainHead, type ReportFlag } from '../../store/reports/figures.js';
import { isApart, kindsOf } from '../../domain/rules/apart.js';
import { cellsOf, type Cells } from './cells.js';
import { meaningsOf, measuresWith, titleOf } from './figures.js';
import { gather, type Gathered, type ReportRequest } from './gather.js';
import type { Bulletin, BulletinCell, BulletinRow, Figure } from '../../store/reports/model.js';

/**
 * A report of the definition: what it `shows` for each unit of its level (and each insurance kind, where it tells them apart), ranked by the
 * first measure, flags beside, with the heads of the audit chains (S1-57, S4-09). null: no such campaign or report, or out of scope. Reports per
 * person are not printed here: null too. Throws `DayAhead`.
 */
export async function bulletin(db: Db, request: ReportRequest, name: string): Promise<Bulletin | null> {
  return inOneView(db, async (trx) => {
    const gathered = await gather(trx, request, ({ reports }) => reports[name]?.shows ?? []);
    const report = gathered?.setting.definition.reports[name];
    if (gathered === null || report === undefined || report.per === 'person') return null;
    const { definition } = gathered.setting;
    const cells = await cellsOf(gathered, report.shows);
    const flags = await gathered.flags(name);
    const heads = [await chainHead(trx, request.county, request.process), await chainHead(trx, request.county, 'county')];
    return {
      ...gathered.head,
      measures: [
        ...gathered.head.measures,
        ...countsShown(definition, report).filter(({ id }) => !gathered.head.untold.some((at) => at.id === id)),
      ],
      report: name,
      issue: null,
      reportTitle: report.title,
      clause: report.clause,
      columns: report.shows.map((id) => ({ id, title: titleOf(definition, id) })),
      rows: rowsOf(gathered, report, cells, flags),
      total: gathered.figures.find(({ above }) => above === null) ?? null,
      chainHeads: heads.filter((head): head is ChainHead => head !== null),
    };
  });
}

/** Meanings of the plain counts that the report shows. */
function countsShown(definition: Definition, report: Report): Bulletin['measures'] {
  const shown = measuresWith(definition, report.shows).filter(({ id }) => definition.measures[id] === undefined);
  return meaningsOf(definition, shown).map((meaning) => ({ ...meaning, perInsurance: isApart(definition, report) }));
}

function rowsOf(gathered: Gathered, report: Report, cells: Cells, flags: readonly ReportFlag[]): readonly BulletinRow[] {
  const { definition } = gathered.setting;
  const kinds = isApart(definition, report) ? kindsOf(definition) : [null];
  const units = gathered.valid.filter((unit) => unit.level === report.per);
  return kinds.flatMap((insurance) =>
    ranked(
      units.map((unit) => ({
        unit: unit.id,
        name: unit.name,
        insurance,
        cells: report.shows.flatMap((show) => cells.cell(unit, show, insurance) ?? []),
        flags: flags.filter((flag) => flag.unit === unit.id && concerns(flag, insurance, kinds)).map((flag) => flagText(definition, flag)),
      })),
    ),
  );
}

/** A flag about an obligation of one kind stands in that kind's line, every other one in each. */
function concerns({ about }: ReportFlag, insurance: string | null, kinds: readonly (string | null)[]): boolean {
  const kind = about.split('@')[0]?.split('/')[2] ?? null;
  return kind === null || kind === insurance || !kinds.includes(kind);
}

/** Titles of the flags: what a unit is listed for, and since when. */
const flagText = (definition: Definition, flag: ReportFlag): string => {
  const id = flag.about.split('/')[0] ?? flag.about;
  const title = definition.duties[id]?.title || definition.milestones[id]?.title || id;
  return `${flag.on} ${title}${flag.daysLate > 0 ? `（逾期${flag.daysLate}天）` : ''}`;
};

/** Best first. Equal figures share a rank; the sort keeps the tree's order among them. */
function ranked(rows: readonly Omit<BulletinRow, 'rank'>[]): readonly BulletinRow[] {
  const first = ({ cells }: { readonly cells: readonly BulletinCell[] }): Figure | null => {
    const cell = cells.find(({ kind }) => kind === 'figure');
    return cell?.kind === 'figure' ? cell.figure : null;
  };
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
