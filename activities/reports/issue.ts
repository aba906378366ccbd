import type { Definition } from '../../domain/model/definition.js';
import type { Effect } from '../../domain/model/effect.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Obligation, State } from '../../domain/model/state.js';
import { shelfOf } from '../../domain/process/obligation-ids.js';
import { appendAudit } from '../../store/audit.js';
import { inSavepoint, type Db, type Trx } from '../../store/connection.js';
import { raiseIncident } from '../../store/incidents.js';
import { actorOf } from '../../store/journal.js';
import { addBulletin, issuedBulletin, issuedBulletins, type IssuedRow } from '../../store/reports/bulletins.js';
import { reportBasis, reportScope, reportUnits } from '../../store/reports/basis.js';
import type { Bulletin, Issue } from '../../store/reports/model.js';
import { narrowScope } from '../../store/scope.js';
import { unitById } from '../../store/units/read.js';
import { nowOf } from '../worlds/now.js';
import { bulletin } from './bulletin.js';
import type { ReportRequest } from './gather.js';
import { dateOf } from '../../domain/calendar/dates.js';

/** A report that goes out with what an event discharged. */
export interface Issuing {
  readonly report: string;
  readonly obligation: Obligation;
  readonly at: Moment;
  readonly by: UserId;
}

/**
 * Reports that an event issues: a duty that `gives` them was done. A check that follows issues nothing more; what was sent back and done again is a
 * new issue. What was done before the launch was issued elsewhere.
 */
export function issuingOf(
  { duties, reports }: Definition,
  before: State,
  event: CoreEvent,
  effects: readonly Effect[],
): readonly Issuing[] {
  return effects.flatMap((effect): readonly Issuing[] => {
    if (effect.type !== 'obligation') return [];
    const { obligation } = effect;
    const { origin, status, id } = obligation;
    if (origin.kind !== 'duty' || (status !== 'done' && status !== 'checking')) return [];
    const stood = before.open[shelfOf(id)]?.[id]?.status;
    if (stood === 'checking' || stood === 'beforeLaunch') return [];
    const given = (duties[origin.duty]?.gives ?? []).filter((name) => reports[name] !== undefined);
    return given.map((report) => ({ report, obligation, at: event.at, by: actorOf(event) }));
  });
}

/**
 * Keeps bulletins as they are issued, in the transaction that records the act, of the unit that issues them and what lies below; the digest goes
 * into the county's audit chain. One that cannot be made stops no act: it is told as the incident `bulletin-not-kept`.
 */
export async function keepIssues(trx: Trx, county: string, process: ProcessId, issuing: readonly Issuing[]): Promise<void> {
  for (const one of issuing) {
    try {
      await inSavepoint(trx, () => keepIssue(trx, county, process, one));
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : 'unknown';
      const { report, obligation } = one;
      await raiseIncident(trx, { county, process, code: 'bulletin-not-kept', cause: report, detail: { obligation: obligation.id, why } });
    }
  }
}

async function keepIssue(trx: Trx, county: string, process: ProcessId, { report, obligation, at, by }: Issuing): Promise<void> {
  const unit = await unitById(trx, county, obligation.unit);
  const scopeOn = () => (unit === null ? [] : [unit.path]);
  const whole = await bulletin(trx, { county, process, scopeOn, asOf: null, at }, report);
  if (whole === null) return;
  const kind = obligation.insurance;
  const body = { ...whole, rows: whole.rows.filter(({ insurance }) => kind === null || insurance === null || insurance === kind) };
  const { number, digest } = await addBulletin(
    trx,
    { county, process, report },
    { obligation: obligation.id, unit: obligation.unit, at, by, body },
  );
  const detail = { report, number, digest, obligation: obligation.id };
  await appendAudit(trx, county, { at, actor: by, action: 'bulletin.issued', subject: process, detail });
}

export interface IssuesAsked extends Pick<ReportRequest, 'county' | 'process' | 'scopeOn'> {
  readonly report: string;
}

/** What of a campaign the caller sees; null: nothing, or no such campaign or report. */
async function seenBy(db: Db, { county, process, scopeOn, report }: IssuesAsked) {
  const basis = await reportBasis(db, county, process);
  if (basis === null || basis.setting.definition.reports[report] === undefined) return null;
  const scope = reportScope(basis, scopeOn(dateOf(await nowOf(db, county, process))));
  return scope.length === 0 ? null : scope;
}

/** Issues of a bulletin in which the caller sees something, the newest first. null: no such campaign or report, or out of scope. */
export async function issuesOf(db: Db, asked: IssuesAsked): Promise<readonly Issue[] | null> {
  const scope = await seenBy(db, asked);
  if (scope === null) return null;
  const issues: Issue[] = [];
  for (const row of await issuedBulletins(db, asked)) {
    const unit = await unitById(db, asked.county, row.unit);
    if (unit !== null && narrowScope(scope, unit.path).length > 0) issues.push(issueOf(row));
  }
  return issues;
}

const issueOf = ({ number, obligation, at, by, digest }: IssuedRow): Issue => ({ number, obligation, at, by, digest });

/**
 * A bulletin as it was issued, cut to the caller's units as they are now; the digest is of the whole. null: no such issue, or nothing of it is in
 * the caller's units. Error: `bulletin-changed`.
 */
export async function issuedReport(db: Db, asked: IssuesAsked, number: number): Promise<Bulletin | null> {
  const scope = await seenBy(db, asked);
  const row = scope === null ? null : await issuedBulletin(db, asked, number);
  const unit = row === null ? null : await unitById(db, asked.county, row.unit);
  if (scope === null || row === null || unit === null || narrowScope(scope, unit.path).length === 0) return null;
  const { body } = row;
  const seen = new Set<string>((await reportUnits(db, asked.county, scope)).map(({ id }) => id));
  return {
    ...body,
    issue: issueOf(row),
    rows: body.rows.filter((line) => seen.has(line.unit)),
    total: body.total !== null && seen.has(body.total.unit) ? body.total : null,
  };
}
