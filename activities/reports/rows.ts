import { isRowSet } from '../../domain/rules/columns.js';
import { isAboutPersons } from '../../domain/rules/figure-types.js';
import type { LocalDate, UnitId } from '../../domain/model/ids.js';
import { inOneView, type Db } from '../../store/connection.js';
import { isValidOn } from '../../store/reports/basis.js';
import type { ReportObligation } from '../../store/reports/figures.js';
import { dueLines, paymentLines, type DueLine, type Numbered, type PaymentLine } from '../../store/reports/rows.js';
import { narrowScope } from '../../store/scope.js';
import { answerOf } from '../measures/tally.js';
import { meaningsOf, measuresWith } from './figures.js';
import { begin, type Begun, type ReportRequest } from './gather.js';
import type { CutOff, MeasureMeaning } from '../../store/reports/model.js';

/** Which figure, and which page of its rows. */
export interface RowsAsked {
  readonly measure: string;
  readonly unit: UnitId;
  /** null = every insurance kind. */
  readonly insurance: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/** What was answered to an obligation of the duty that a figure counts: whole numbers only, money in fen. */
export interface AnswerLine {
  readonly obligation: string;
  readonly unit: UnitId;
  readonly insurance: string | null;
  readonly on: LocalDate;
  readonly values: Readonly<Record<string, number>>;
}

interface Of<K extends string, L> {
  readonly of: K;
  readonly items: readonly L[];
}

export type FigureRows = (Of<'dues', DueLine> | Of<'payments', PaymentLine> | Of<'answers', AnswerLine>) & {
  readonly meaning: MeasureMeaning;
  readonly cutOff: CutOff;
  readonly next: string | null;
};

/**
 * The list behind a figure below a unit, line by line: dues with what came of each, payments, or answers, whichever its part counts. null: no such
 * campaign, measure or unit, or out of scope. Throws `DayAhead`.
 */
export async function rowsBehind(db: Db, request: ReportRequest, asked: RowsAsked): Promise<FigureRows | null> {
  return inOneView(db, async (trx) => {
    const begun = await begin(trx, request);
    if (begun === null) return null;
    const { view, cutOff, scope } = begun;
    const { definition } = view.setting;
    const measure = measuresWith(definition, [asked.measure]).find(({ id }) => id === asked.measure);
    const [meaning] = measure === undefined ? [] : meaningsOf(definition, [measure]);
    const unit = view.units.find(({ id }) => id === asked.unit);
    if (measure === undefined || meaning === undefined || unit === undefined || !isValidOn(unit, cutOff.happenedBy)) return null;
    const counted = definition.counts[measure.part]?.over ?? 'dues';
    // What is owed about persons is owed for their dues.
    const over = isAboutPersons(definition, counted) ? 'dues' : counted;
    const head = { meaning, cutOff };
    if (!isRowSet(over)) return { ...head, ...answersPage(await answers(begun, request, over, unit.path, asked.insurance), asked) };
    const lines = {
      county: request.county,
      process: request.process,
      asOf: request.asOf === null ? null : cutOff,
      scope: narrowScope(scope, begun.placeOf(unit.id)),
      insurance: asked.insurance,
      after: /^\d{1,15}$/.test(asked.cursor ?? '') ? Number(asked.cursor) : 0,
      limit: asked.limit + 1,
    };
    return over === 'payments' || over === 'held'
      ? { ...head, of: 'payments', ...page(await paymentLines(trx, lines), asked.limit) }
      : { ...head, of: 'dues', ...page(await dueLines(trx, lines), asked.limit) };
  });
}

function page<L extends Numbered>(rows: readonly L[], limit: number): { items: readonly Omit<L, 'seq'>[]; next: string | null } {
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ seq: _seq, ...line }) => line),
    next: rows.length > shown.length ? String(shown.at(-1)?.seq ?? '') : null,
  };
}

async function answers(
  { view, cutOff }: Begun,
  { asOf }: ReportRequest,
  duty: string,
  path: string,
  insurance: string | null,
): Promise<readonly AnswerLine[]> {
  const counted = (at: ReportObligation): boolean =>
    (at.status === 'done' || at.status === 'checking') && at.path.startsWith(path) && (insurance === null || at.insurance === insurance);
  return (await view.obligations([duty])).filter(counted).flatMap(({ id, unit, insurance: kind, parts }) => {
    const given = answerOf({ parts }, asOf === null ? null : cutOff);
    const on = parts.at(-1)?.on;
    if (given === null || on === undefined) return [];
    const values = Object.fromEntries(
      Object.entries(given).flatMap(([field, value]) => (typeof value === 'number' ? [[field, value]] : [])),
    );
    return [{ obligation: id, unit, insurance: kind, on, values }];
  });
}

function answersPage(all: readonly AnswerLine[], { cursor, limit }: RowsAsked): Of<'answers', AnswerLine> & { next: string | null } {
  const sorted = [...all].sort((a, b) => (a.obligation < b.obligation ? -1 : 1));
  const rest = sorted.filter(({ obligation }) => cursor === null || obligation > cursor);
  const items = rest.slice(0, limit);
  return { of: 'answers', items, next: rest.length > items.length ? (items.at(-1)?.obligation ?? null) : null };
}
