import { sql } from 'kysely';
import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Amendment } from '../../domain/model/state.js';
import { frameOf } from '../../domain/process/frame.js';
import type { Db } from '../connection.js';
import { narrowScope, pathInScope, type Scope } from '../scope.js';

/** A campaign as its reports need it: what it is computed from, and where its tree begins. */
export interface ReportBasis {
  readonly process: ProcessId;
  readonly title: string;
  readonly status: string;
  readonly rootPath: string;
  /** With the amendments so far laid over it. */
  readonly setting: Setting;
}

/** null when there is no such campaign in the county. */
export async function reportBasis(db: Db, county: string, process: ProcessId): Promise<ReportBasis | null> {
  const row = await db
    .selectFrom('processes as p')
    .innerJoin('settings as s', (join) => join.onRef('s.county_id', '=', 'p.county_id').onRef('s.digest', '=', 'p.setting_digest'))
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.root_unit'))
    .select(['p.process_id', 'p.title', 'p.status', 'u.path', 's.body'])
    .where('p.county_id', '=', county)
    .where('p.process_id', '=', process)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    process: row.process_id,
    title: row.title,
    status: row.status,
    rootPath: row.path,
    setting: frameOf(row.body, await amendmentsOf(db, county, process)).setting,
  };
}

/** Amendments of phases and parameters, in order, from the acts in the journal. */
async function amendmentsOf(db: Db, county: string, process: ProcessId): Promise<readonly Amendment[]> {
  const rows = await db
    .selectFrom('journal')
    .select('event')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(sql<boolean>`event -> 'act' ->> 'kind' in ('amendPhase', 'amendParameter')`)
    .orderBy('seq')
    .execute();
  return rows.flatMap(({ event }): Amendment[] => {
    if (event.type !== 'acted') return [];
    const { act, at, actor } = event;
    if (act.kind === 'amendPhase') return [{ ...act, kind: 'phase', at, by: actor.user }];
    if (act.kind === 'amendParameter') return [{ ...act, kind: 'parameter', at, by: actor.user }];
    return [];
  });
}

/** What of a campaign a caller sees: its tree cut to the caller's units. */
export const reportScope = (basis: ReportBasis, caller: Scope): Scope => narrowScope(caller, basis.rootPath);

export interface ReportUnit {
  readonly id: UnitId;
  readonly level: string;
  readonly path: string;
  readonly name: string;
}

/** Units valid on a day, in the tree's order of ids. */
export async function reportUnits(db: Db, county: string, scope: Scope, on: LocalDate): Promise<readonly ReportUnit[]> {
  const rows = await db
    .selectFrom('units')
    .select(['unit_id', 'level', 'path', 'name', 'valid_from', 'valid_to'])
    .where('county_id', '=', county)
    .where(pathInScope('path', scope))
    .orderBy('path')
    .execute();
  return rows
    .filter((row) => (row.valid_from === null || row.valid_from <= on) && (row.valid_to === null || row.valid_to >= on))
    .map((row) => ({ id: row.unit_id, level: row.level, path: row.path, name: row.name }))
    .sort(byPath);
}

/** u9 before u10: ids are numbered in the order in which units were entered, which is the order of the county's own list. */
function byPath(a: ReportUnit, b: ReportUnit): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')];
  for (const [at, part] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (part !== other) return Number(part.slice(1)) - Number(other.slice(1)) || (part < other ? -1 : 1);
  }
  return left.length - right.length;
}
