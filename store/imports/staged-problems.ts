import { sql, type RawBuilder } from 'kysely';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';

/** A row problem as the import reports it. */
export interface StoredProblem {
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

/** Problems of the staged rows (`staged.problem`), in order of lines; at most `limit`, with the number of bad rows. */
export async function stagedProblems<P extends StoredProblem>(
  trx: Trx,
  limit: number,
): Promise<{ readonly bad: number; readonly first: readonly P[] }> {
  const { rows: count } = await sql<{ bad: number }>`select count(*) as bad from staged where problem is not null`.execute(trx);
  const { rows } = await sql<{ problem: P }>`
    select e.problem from staged s cross join lateral jsonb_array_elements(s.problem) as e (problem) where s.problem is not null order by s.line limit ${limit}`.execute(
    trx,
  );
  return { bad: count[0]?.bad ?? 0, first: rows.map(({ problem }) => problem) };
}

/** Keeps all problems of the staged rows with the import. */
export async function keepStagedProblems(trx: Trx, county: string, importId: string): Promise<void> {
  await sql`
    insert into import_errors (county_id, import_id, line, column_name, code, params)
    select ${county}, ${importId}, s.line, e.problem ->> 'column', e.problem ->> 'code', coalesce(e.problem -> 'params', '{}')
    from staged s cross join lateral jsonb_array_elements(s.problem) as e (problem) where s.problem is not null order by s.line`.execute(
    trx,
  );
}

export async function keepProblems(trx: Trx, county: string, importId: string, problems: readonly StoredProblem[]): Promise<void> {
  if (problems.length === 0) return;
  await sql`
    insert into import_errors (county_id, import_id, line, column_name, code, params)
    select ${county}, ${importId}, e.line, e.column_name, e.code, e.params
    from jsonb_to_recordset(${toJson(problems.map((each) => ({ ...each, column_name: each.column })))}::jsonb) as e (line integer, column_name text, code text, params jsonb)`.execute(
    trx,
  );
}

/** Gives staged lines that have none yet a problem; `found` selects `line` and `code`. */
export async function refuseStaged(trx: Trx, column: string | null, found: RawBuilder<unknown>): Promise<void> {
  await sql`
    update staged s set problem = jsonb_build_array(jsonb_build_object('line', s.line, 'column', ${column}::text, 'code', f.code, 'params', '{}'::jsonb))
    from (${found}) f where f.line = s.line and s.problem is null`.execute(trx);
}

/** The unit `u` lies at or below one of the units that the staged row `s` may be about (`paths`; null = anywhere). */
export const withinStaged: RawBuilder<boolean> = sql`(s.paths is null or exists (select from unnest(s.paths) as f (path) where starts_with(u.path, f.path)))`;

/** Gives staged lines the problems that were found beside the store; each is about the whole row. */
export async function refuseLines(trx: Trx, found: readonly Omit<StoredProblem, 'column'>[]): Promise<void> {
  if (found.length === 0) return;
  await sql`
    update staged s set problem = jsonb_build_array(jsonb_build_object('line', s.line, 'column', null, 'code', f.code, 'params', f.params))
    from jsonb_to_recordset(${toJson(found)}::jsonb) as f (line integer, code text, params jsonb) where f.line = s.line and s.problem is null`.execute(
    trx,
  );
}
