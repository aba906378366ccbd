import { dateOf } from '../../domain/calendar/dates.js';
import type { UnitId } from '../../domain/model/ids.js';
import type { Db } from '../../store/connection.js';
import { reportBasis, reportScope, reportUnits } from '../../store/reports/basis.js';
import { dueRows, type DueRow } from '../../store/reports/rows.js';
import { narrowScope } from '../../store/scope.js';
import { nowOf } from '../worlds/now.js';
import { meaningsOf } from './figures.js';
import type { ReportRequest } from './gather.js';
import type { CutOff, MeasureMeaning } from './model.js';

/** Which figure, and which page of its rows. */
export interface RowsAsked {
  readonly measure: string;
  readonly unit: UnitId;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface FigureRows {
  readonly meaning: MeasureMeaning;
  readonly cutOff: CutOff;
  readonly items: readonly Omit<DueRow, 'seq'>[];
  readonly next: string | null;
}

/**
 * What is owed below a unit, line by line, with what came of each: the list that a figure over dues counts. null: no such campaign,
 * measure or unit, or out of scope.
 */
export async function rowsBehind(db: Db, request: ReportRequest, asked: RowsAsked): Promise<FigureRows | null> {
  const basis = await reportBasis(db, request.county, request.process);
  const meaning = basis === null ? undefined : meaningsOf(basis.setting.definition).find(({ id }) => id === asked.measure);
  if (basis === null || meaning === undefined) return null;
  const now = await nowOf(db, request.county, request.process);
  const scope = reportScope(basis, request.scopeOn(dateOf(now)));
  const unit = (await reportUnits(db, request.county, scope, dateOf(now))).find(({ id }) => id === asked.unit);
  if (unit === undefined) return null;
  const after = /^\d{1,15}$/.test(asked.cursor ?? '') ? Number(asked.cursor) : 0;
  const rows = await dueRows(db, request.county, request.process, narrowScope(scope, unit.path), after, asked.limit + 1);
  const shown = rows.slice(0, asked.limit);
  return {
    meaning,
    cutOff: { happenedBy: dateOf(now), recordedBefore: now },
    items: shown.map(({ seq: _seq, ...row }) => row),
    next: rows.length > shown.length ? String(shown.at(-1)?.seq ?? '') : null,
  };
}
