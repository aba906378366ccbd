import { sql, type RawBuilder } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { duesAsOf, type AsOf } from '../payments/as-of.js';
import { pathInScope, type Scope } from '../scope.js';

/* Lines behind a figure. No names and no numbers of persons. Money in fen. */

/** What is owed and what came of it. */
export interface DueLine {
  readonly due: string;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly amount: number;
  readonly governmentPaid: number;
  readonly arrived: number;
  readonly collected: number;
  readonly arrivedOn: LocalDate | null;
}

/** A payment as it was recorded; a reversal has a negative amount. */
export interface PaymentLine {
  readonly payment: string;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly kind: 'collected' | 'remitted' | 'arrived' | 'reversal';
  readonly amount: number;
  readonly happenedOn: LocalDate;
  readonly recordedAt: Moment;
}

export interface LinesAsked {
  readonly county: string;
  readonly process: ProcessId;
  readonly asOf: AsOf | null;
  readonly scope: Scope;
  /** null = every kind. */
  readonly insurance: string | null;
  readonly after: number;
  readonly limit: number;
}

/** The number of a line in the order in which they were entered: where the next page begins. */
export interface Numbered {
  readonly seq: number;
}

const ofKind = (insurance: string | null): RawBuilder<unknown> => (insurance === null ? sql`` : sql` and r.insurance = ${insurance}`);

/** Dues of the scope. */
export async function dueLines(db: Db, asked: LinesAsked): Promise<readonly (DueLine & Numbered)[]> {
  const { county, process } = asked;
  const { rows } = await sql<DueLine & Numbered>`
    select r.due_id as due, r.unit_id as unit, r.insurance, r.amount, r.government_paid as "governmentPaid", r.arrived, r.collected,
      r.arrived_on as "arrivedOn", r.seq
    from ${duesAsOf(asked)} r join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
    where r.county_id = ${county} and r.process_id = ${process} and r.seq > ${asked.after} and ${pathInScope('u.path', asked.scope)}${ofKind(asked.insurance)}
    order by r.seq limit ${asked.limit}`.execute(db);
  return rows;
}

/** Payments booked at the scope's units; what waits in suspense stands with them. */
export async function paymentLines(db: Db, asked: LinesAsked): Promise<readonly (PaymentLine & Numbered)[]> {
  const { county, process, asOf } = asked;
  const then = asOf === null ? sql`` : sql` and r.happened_on <= ${asOf.happenedBy} and r.recorded_at < ${asOf.recordedBefore}`;
  const { rows } = await sql<PaymentLine & Numbered>`
    select r.payment_id as payment, r.unit_id as unit, r.insurance, r.kind, r.amount, r.happened_on as "happenedOn", r.recorded_at as "recordedAt", r.seq
    from payments r join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
    where r.county_id = ${county} and r.process_id = ${process} and r.seq > ${asked.after} and ${pathInScope('u.path', asked.scope)}${ofKind(asked.insurance)}${then}
    order by r.seq limit ${asked.limit}`.execute(db);
  return rows;
}
