import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Db } from '../connection.js';
import { narrowScope, pathInScope, type Scope } from '../scope.js';
import { settingInForce } from '../settings.js';

/** A campaign as its reports need it: what it is computed from, and where its tree begins. */
export interface ReportBasis {
  readonly process: ProcessId;
  readonly title: string;
  readonly status: string;
  readonly rootPath: string;
  /** With the amendments so far laid over it. */
  readonly setting: Setting;
  readonly amended: boolean;
}

/** null when there is no such campaign in the county. */
export async function reportBasis(db: Db, county: string, process: ProcessId): Promise<ReportBasis | null> {
  const row = await db
    .selectFrom('processes as p')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.root_unit'))
    .select(['p.process_id', 'p.title', 'p.status', 'p.setting_digest', 'u.path'])
    .where('p.county_id', '=', county)
    .where('p.process_id', '=', process)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { setting, amended } = await settingInForce(db, county, process, row.setting_digest);
  return { process: row.process_id, title: row.title, status: row.status, rootPath: row.path, setting, amended };
}

/** What of a campaign a caller sees: its tree cut to the caller's units. */
export const reportScope = (basis: ReportBasis, caller: Scope): Scope => narrowScope(caller, basis.rootPath);

/** A unit with its place in the tree. */
export interface ReportUnit {
  readonly id: UnitId;
  readonly level: string;
  readonly path: string;
  readonly name: string;
  readonly from: LocalDate | null;
  /** Last valid day. */
  readonly to: LocalDate | null;
}

export const isValidOn = ({ from, to }: Pick<ReportUnit, 'from' | 'to'>, day: LocalDate): boolean =>
  (from === null || from <= day) && (to === null || day <= to);

/** All units of a scope, ended ones too (what was paid there counts above), in the order in which the county listed them. */
export async function reportUnits(db: Db, county: string, scope: Scope): Promise<readonly ReportUnit[]> {
  const rows = await db
    .selectFrom('units')
    .select(['unit_id as id', 'level', 'path', 'name', 'valid_from as from', 'valid_to as to'])
    .where('county_id', '=', county)
    .where(pathInScope('path', scope))
    .execute();
  return rows.sort(byPath);
}

/** u9 before u10: ids are numbered in the order in which units were entered, which is the order of the county's own list. */
export function byPath(a: Pick<ReportUnit, 'path'>, b: Pick<ReportUnit, 'path'>): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')];
  for (const [at, part] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (part !== other) return Number(part.slice(1)) - Number(other.slice(1)) || (part < other ? -1 : 1);
  }
  return left.length - right.length;
}
