import { sql } from 'kysely';
import type { Standing } from '../../domain/deduction/classes.js';
import type { Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { EvidenceGiven } from '../../domain/model/state.js';
import type { Db } from '../connection.js';
import type { Decision } from '../deductions/decisions.js';
import { standingOver } from '../deductions/standing.js';
import type { Scope } from '../scope.js';
import { inPaths } from './deductions.js';

/** An answer that contradicts a definite one, money owed back, and a line whose answer is not definite: not yet settled. */
export interface Unsettled {
  readonly kind: 'quarantine' | 'refund' | 'line';
  readonly subject: string;
  readonly batch: string;
  readonly line: number;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly name: string;
  readonly amount: number;
  /** quarantine: the definite answer; refund: `late` or `excess`; line: `unknown` or `duplicate-reported`. */
  readonly stands: string;
  /** quarantine: what the later file says. */
  readonly said: string | null;
  readonly at: Moment;
}

export async function unsettled(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
  paths: Scope,
  limit: number,
): Promise<readonly Unsettled[]> {
  const about = sql`
    join deduction_lines l on l.county_id = q.county_id and l.batch_id = q.batch_id and l.line = q.line join deduction_batches b on b.county_id = l.county_id and b.batch_id = l.batch_id
    join units u on u.county_id = l.county_id and u.unit_id = l.unit_id join dues d on d.county_id = l.county_id and d.process_id = b.process_id and d.due_id = l.due_id
    join people p on p.county_id = d.county_id and p.person_id = d.person_id`;
  const mine = sql`q.county_id = ${county} and q.process_id = ${process} and b.deduction = ${deduction} and q.settled_at is null and ${inPaths(paths)}`;
  const { rows } = await sql<Unsettled>`
    select 'quarantine' as kind, q.batch_id || '/' || q.line || '/' || q.return_id as subject, q.batch_id as batch, q.line, u.unit_id as unit, u.name as "unitName", p.name, l.amount,
      (select o.class from deduction_outcomes o where o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line and not o.late
        and o.class in ('success', 'failed-retryable', 'failed-permanent')) as stands, q.outcome::text as said, q.at::text as at
    from deduction_quarantine q ${about} where ${mine}
    union all
    select 'refund', q.refund_id, q.batch_id, q.line, u.unit_id, u.name, p.name, q.amount, q.why, null, q.at::text from deduction_refunds q ${about} where ${mine}
    union all
    select 'line', l.batch_id || '/' || l.line, l.batch_id, l.line, u.unit_id, u.name, p.name, l.amount, q.class, q.code, q.at::text from (
      select distinct on (o.county_id, o.batch_id, o.line) o.county_id, o.batch_id, o.line, o.class, o.code::text as code, r.at from deduction_outcomes o
      join deduction_returns r on r.county_id = o.county_id and r.return_id = o.return_id
      where o.county_id = ${county} and o.class in ('unknown', 'duplicate-reported') and not exists (select from deduction_outcomes n where n.county_id = o.county_id
        and n.batch_id = o.batch_id and n.line = o.line and not n.late and n.class in ('success', 'failed-retryable', 'failed-permanent'))
      order by o.county_id, o.batch_id, o.line, o.class, substr(o.return_id, 2)::bigint desc) q ${about} where b.process_id = ${process} and b.deduction = ${deduction} and ${inPaths(paths)}
    order by 3, 4, 1 limit ${limit}`.execute(db);
  return rows;
}

/** What somebody proposed and another has to confirm, with the line that it is about. */
export interface Proposal {
  readonly decision: string;
  readonly kind: Decision['kind'];
  readonly subject: string;
  readonly batch: string;
  readonly line: number;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly name: string;
  /** Of the line, or what is owed back of it. Fen. */
  readonly amount: number;
  readonly standing: Standing;
  /** quarantine: what the later file says; refund: `late` or `excess`; else null. */
  readonly said: string | null;
  readonly choice: string;
  readonly reason: string;
  readonly evidence: readonly EvidenceGiven[];
  readonly by: UserId;
  readonly byName: string;
  readonly at: Moment;
}

/** Proposals of a deduction that wait for their confirmation, about lines of units in a scope, the oldest first. */
export async function openProposals(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
  paths: Scope,
): Promise<readonly Proposal[]> {
  const { rows } = await sql<Proposal>`
    select e.decision_id as decision, e.kind, e.subject, l.batch_id as batch, l.line, u.unit_id as unit, u.name as "unitName", p.name, coalesce(y.amount, l.amount) as amount,
      (select ${standingOver} from deduction_outcomes o where o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line) as standing,
      case e.kind when 'refund' then y.why else q.outcome::text end as said, e.choice, e.reason, e.evidence, e.by_user as by, coalesce(w.name, e.by_user::text) as "byName", e.at::text as at
    from deduction_decisions e
    left join deduction_refunds y on e.kind = 'refund' and y.county_id = e.county_id and y.refund_id = e.subject
    join deduction_lines l on l.county_id = e.county_id and l.batch_id = coalesce(y.batch_id, split_part(e.subject, '/', 1))
      and l.line = coalesce(y.line, nullif(split_part(e.subject, '/', 2), '')::integer)
    join deduction_batches b on b.county_id = l.county_id and b.batch_id = l.batch_id
    join units u on u.county_id = l.county_id and u.unit_id = l.unit_id
    join dues d on d.county_id = l.county_id and d.process_id = b.process_id and d.due_id = l.due_id
    join people p on p.county_id = d.county_id and p.person_id = d.person_id
    left join deduction_quarantine q on e.kind = 'quarantine' and q.county_id = l.county_id and q.batch_id = l.batch_id and q.line = l.line and q.return_id = split_part(e.subject, '/', 3)
    left join users w on w.county_id = e.county_id and w.user_id = e.by_user
    where e.county_id = ${county} and e.process_id = ${process} and e.status = 'open' and b.deduction = ${deduction} and ${inPaths(paths)}
    order by e.at, e.decision_id`.execute(db);
  return rows;
}
