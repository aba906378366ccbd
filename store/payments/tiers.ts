import { sql } from 'kysely';
import type { Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';

/** A line of a request to the bank about this due has not come back as a definite failure: what it was made for must not change under it. */
export async function isWithBank(trx: Trx, county: string, process: ProcessId, due: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from dues d
      join contribution_dues c on c.county_id = d.county_id and c.person_id = d.person_id and c.insurance = d.insurance and c.year = d.year and c.item = d.item
      join deduction_lines l on l.county_id = c.county_id and l.contribution_id = c.contribution_id
      where d.county_id = ${county} and d.process_id = ${process} and d.due_id = ${due}
        and not exists (select from deduction_releases r where r.county_id = l.county_id and r.contribution_id = l.contribution_id and r.attempt = l.attempt)) as found`.execute(
    trx,
  );
  return rows[0]?.found ?? false;
}

/** Puts another tier on a due; what is owed moves by the difference. What it was before stays with its reason. */
export async function changeTier(
  trx: Trx,
  of: { readonly county: string; readonly process: ProcessId; readonly due: string },
  change: { readonly tier: number; readonly reason: string; readonly by: UserId; readonly at: Moment },
): Promise<void> {
  await sql`
    update dues set amount = amount - coalesce(tier, amount) + ${change.tier}, tier = ${change.tier}, reason = ${change.reason}, changed_by = ${change.by}, since_at = ${change.at}
    where county_id = ${of.county} and process_id = ${of.process} and due_id = ${of.due}`.execute(trx);
}

/** How a due stood from one moment until the next (null: still). Money in fen. */
export interface DueVersion {
  readonly since: Moment;
  readonly until: Moment | null;
  readonly unit: UnitId;
  readonly tier: number | null;
  readonly amount: number;
  readonly groups: readonly string[];
  readonly lateGroups: readonly string[];
  readonly governmentPaid: number;
  readonly reason: string | null;
  readonly changedBy: UserId | null;
}

/** Everything that a due was and is, oldest first; what one act passed through on its way is left out. */
export async function versionsOfDue(db: Db, county: string, process: ProcessId, due: string): Promise<readonly DueVersion[]> {
  const columns = sql`unit_id as unit, tier, amount, groups, late_groups as "lateGroups", government_paid as "governmentPaid", reason, changed_by as "changedBy"`;
  const mine = sql`county_id = ${county} and process_id = ${process} and due_id = ${due}`;
  const { rows } = await sql<DueVersion>`
    select since, until, unit, tier, amount, groups, "lateGroups", "governmentPaid", reason, "changedBy" from (
      select since_at as since, until_at as until, before_id as n, ${columns} from dues_before where ${mine} and (until_at > since_at or reason is not null)
      union all select since_at, null, null, ${columns} from dues where ${mine}) v
    order by n nulls last`.execute(db);
  return rows;
}
