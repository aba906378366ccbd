import { sql } from 'kysely';
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
