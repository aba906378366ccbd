import { sql, type Selectable } from 'kysely';
import type { ProcessId, UserId } from '../domain/model/ids.js';
import type { Db } from './connection.js';
import { nextId } from './ids.js';
import { toJson } from './json.js';
import type { IncidentsTable } from './tables/messages.js';

export type IncidentRow = Selectable<IncidentsTable>;

export interface IncidentReport {
  readonly county: string;
  readonly process: ProcessId | null;
  /** Kebab-case, stable: what a script or a page decides by. */
  readonly code: string;
  /** What failed, without personal data: one open incident for each code and cause. */
  readonly cause: string;
  /** Surrogates and numbers only. */
  readonly detail: Readonly<Record<string, string | number>>;
  /** Who has to see to it. */
  readonly owner?: string;
}

/** Opens an incident, or counts up the open one with the same process, code and cause. Returns its id. */
export async function raiseIncident(db: Db, report: IncidentReport): Promise<string> {
  const id = await nextId(db, report.county, 'x');
  const { rows } = await sql<{ incident_id: string }>`
    insert into incidents (county_id, incident_id, process_id, code, cause, detail, owner_role, status)
    values (${report.county}, ${id}, ${report.process}, ${report.code}, ${report.cause}, ${toJson(report.detail)}::jsonb, ${report.owner ?? 'admin'}, 'open')
    on conflict (county_id, coalesce(process_id::text, ''), code, cause) where status = 'open'
    do update set count = incidents.count + 1, last_at = now(), detail = excluded.detail
    returning incident_id`.execute(db);
  return rows[0]?.incident_id ?? id;
}

/** Incidents of a county, open ones first, the latest first. */
export async function listIncidents(
  db: Db,
  county: string,
  filter: { status?: 'open' | 'closed'; process?: ProcessId; limit?: number } = {},
): Promise<IncidentRow[]> {
  let query = db.selectFrom('incidents').selectAll().where('county_id', '=', county);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.process !== undefined) query = query.where('process_id', '=', filter.process);
  return query
    .orderBy('status', 'desc')
    .orderBy('last_at', 'desc')
    .orderBy('incident_id')
    .limit(filter.limit ?? 200)
    .execute();
}

/** Number of open incidents by code, of one county or of all: for the metrics. */
export async function countIncidents(db: Db, county?: string): Promise<{ code: string; count: number }[]> {
  let query = db
    .selectFrom('incidents')
    .select(['code', sql<number>`count(*)`.as('count')])
    .where('status', '=', 'open');
  if (county !== undefined) query = query.where('county_id', '=', county);
  return query.groupBy('code').orderBy('code').execute();
}

/** Closes an open incident; false when there is none with this id that is open. The same cause later opens a new one. */
export async function closeIncident(db: Db, county: string, incident: string, by: UserId): Promise<boolean> {
  const done = await db
    .updateTable('incidents')
    .set({ status: 'closed', closed_by: by })
    .where('county_id', '=', county)
    .where('incident_id', '=', incident)
    .where('status', '=', 'open')
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}
