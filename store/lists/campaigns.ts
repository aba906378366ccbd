import { sql } from 'kysely';
import type { Digest, LocalDate, Moment, ProcessId, RoleId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';

/** What a list needs of the campaign of a row: its title, its world with the clock, and whose titles its roles have. */
export interface CampaignOfRow {
  readonly process: ProcessId;
  readonly title: string;
  readonly world: string;
  readonly definitionDigest: Digest;
  readonly clock: { readonly kind: 'real' | 'virtual'; readonly now: Moment | null; readonly offsetSeconds: number };
}

export async function campaignsOfRows(db: Db, county: string, processes: readonly ProcessId[]): Promise<CampaignOfRow[]> {
  if (processes.length === 0) return [];
  const rows = await db
    .selectFrom('processes as p')
    .innerJoin('worlds as w', (join) => join.onRef('w.county_id', '=', 'p.county_id').onRef('w.world_id', '=', 'p.world_id'))
    .select(['p.process_id', 'p.title', 'p.world_id', 'p.definition_digest', 'w.kind', 'w.now_at', 'w.offset_seconds'])
    .where('p.county_id', '=', county)
    .where('p.process_id', 'in', [...new Set(processes)])
    .execute();
  return rows.map((row) => ({
    process: row.process_id,
    title: row.title,
    world: row.world_id,
    definitionDigest: row.definition_digest,
    clock: { kind: row.kind, now: row.now_at, offsetSeconds: row.offset_seconds },
  }));
}

/** Clock of a campaign that runs. `now`: of a virtual world; the real one is the host's plus its offset. */
export interface RunningClock {
  readonly world: string;
  readonly kind: 'real' | 'virtual';
  readonly now: Moment | null;
  readonly offsetSeconds: number;
}

/** Worlds of the campaigns that are neither stopped nor ended and to which one of these units belongs, or below which they were launched. */
export async function worldsOver(db: Db, county: string, paths: readonly string[]): Promise<RunningClock[]> {
  const rows = await db
    .selectFrom('processes as p')
    .innerJoin('worlds as w', (join) => join.onRef('w.county_id', '=', 'p.county_id').onRef('w.world_id', '=', 'p.world_id'))
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.root_unit'))
    .select(['w.world_id', 'w.kind', 'w.now_at', 'w.offset_seconds'])
    .distinct()
    .where('p.county_id', '=', county)
    .where('p.status', 'in', ['launching', 'running', 'paused'])
    .where(
      sql<boolean>`exists (select from unnest(${[...paths]}::text[]) as s (path) where starts_with(s.path, u.path) or starts_with(u.path, s.path))`,
    )
    .orderBy('w.world_id')
    .execute();
  return rows.map((row) => ({ world: row.world_id, kind: row.kind, now: row.now_at, offsetSeconds: row.offset_seconds }));
}

/** Titles of a released definition's roles; empty when it is not released here. */
export async function roleTitles(db: Db, county: string, digest: Digest): Promise<ReadonlyMap<RoleId, string>> {
  const row = await db
    .selectFrom('definitions')
    .select('body')
    .where('county_id', '=', county)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return new Map(Object.values(row?.body.roles ?? {}).map(({ id, title }) => [id, title]));
}

/** Days since the due date of what is open and late; what is closed keeps the days it was late then; else 0. */
export function daysLateOf(
  row: { readonly due: LocalDate | null; readonly late: boolean; readonly daysLate: number | null; readonly closedOn: LocalDate | null },
  lateSince: (due: LocalDate) => number,
): number {
  if (row.closedOn !== null || row.daysLate !== null) return Math.max(0, row.daysLate ?? 0);
  return row.late && row.due !== null ? Math.max(0, lateSince(row.due)) : 0;
}
