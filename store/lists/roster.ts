import { sql, type RawBuilder } from 'kysely';
import type { LocalDate, ProcessId, RoleId, UnitId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';

/** A line of the levy roster. Money in fen; the ID number and the account are sealed. */
export interface RosterLine {
  readonly due: string;
  readonly person: string;
  readonly name: string;
  readonly idNumber: Buffer | null;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly insurance: string;
  readonly year: number;
  readonly tier: number | null;
  readonly amount: number;
  readonly governmentPaid: number;
  readonly groups: readonly string[];
  readonly lateGroups: readonly string[];
  readonly deposited: number;
  readonly collected: number;
  readonly arrived: number;
  readonly arrivedOn: LocalDate | null;
  readonly bank: string | null;
  readonly holder: string | null;
  readonly account: Buffer | null;
}

export interface RosterAsked {
  readonly county: string;
  readonly process: ProcessId;
  readonly scope: Scope;
  /** At or below this path; null = everywhere in the scope. */
  readonly below: string | null;
  readonly insurance: string | null;
  /** Where the page begins: after this unit and due. */
  readonly after: { readonly unit: string; readonly due: string } | null;
  readonly limit: number;
}

/** Lines by unit and then in the order in which they were entered; one more than `limit`. */
export async function rosterLines(db: Db, asked: RosterAsked): Promise<readonly RosterLine[]> {
  const { county, process, after } = asked;
  const { rows } = await sql<RosterLine>`
    select r.due_id as due, r.person_id as person, p.name, p.id_number_cipher as "idNumber", r.unit_id as unit, u.name as "unitName", r.insurance, r.year, r.tier, r.amount,
      r.government_paid as "governmentPaid", r.groups, r.late_groups as "lateGroups", r.deposited, r.collected, r.arrived, r.arrived_on as "arrivedOn", a.bank,
      a.holder_name as holder, a.account_cipher as account
    from dues r join people p on p.county_id = r.county_id and p.person_id = r.person_id join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
    left join bank_accounts a on a.county_id = r.county_id and a.person_id = r.person_id and a.insurance = r.insurance and a.until_at is null
    where r.county_id = ${county} and r.process_id = ${process} and ${pathInScope('u.path', asked.scope)} and ${below(asked.below)}
      and (${asked.insurance}::text is null or r.insurance = ${asked.insurance})
      and ${after === null ? sql<boolean>`true` : sql<boolean>`(r.unit_id, r.due_id) > (${after.unit}, ${after.due})`}
    order by r.unit_id, r.due_id limit ${asked.limit + 1}`.execute(db);
  return rows;
}

const below = (path: string | null): RawBuilder<boolean> => (path === null ? sql`true` : pathInScope('u.path', [path]));

/** An identity as it stands, of somebody on the roster. */
export interface IdentityLine {
  readonly id: string;
  readonly person: string;
  readonly name: string;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly group: string;
  readonly certifiedBy: RoleId | null;
  readonly certifiedOn: LocalDate | null;
  readonly withdrawn: boolean;
  readonly enteredOn: LocalDate | null;
}

export interface IdentitiesAsked {
  readonly county: string;
  readonly process: ProcessId;
  readonly scope: Scope;
  readonly below: string | null;
  /** Only of groups of these; null = of all. */
  readonly groups: readonly string[] | null;
  /** Certified and not entered yet. */
  readonly missingOnly: boolean;
  readonly after: string | null;
  readonly limit: number;
}

/** Identities in force by their ids; one more than `limit`. */
export async function identityLines(db: Db, asked: IdentitiesAsked): Promise<readonly IdentityLine[]> {
  const { rows } = await sql<IdentityLine>`
    select i.identity_id as id, i.person_id as person, p.name, p.unit_id as unit, u.name as "unitName", i.group_id as group, i.certified_by as "certifiedBy",
      i.certified_on as "certifiedOn", i.withdrawn, i.entered_on as "enteredOn"
    from identities i join people p on p.county_id = i.county_id and p.person_id = i.person_id join units u on u.county_id = p.county_id and u.unit_id = p.unit_id
    where i.county_id = ${asked.county} and i.process_id = ${asked.process} and i.until_at is null and ${pathInScope('u.path', asked.scope)} and ${below(asked.below)}
      and (${asked.groups === null} or i.group_id = any(${[...(asked.groups ?? [])]}::text[]))
      and (not ${asked.missingOnly}::boolean or (i.entered_on is null and i.certified_by is not null and not i.withdrawn))
      and (${asked.after}::text is null or i.identity_id > ${asked.after})
    order by i.identity_id limit ${asked.limit + 1}`.execute(db);
  return rows;
}
