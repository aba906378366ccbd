import { sql } from 'kysely';
import type { ObligationId, ProcessId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';

/** The person a row is about, as a notice needs it. Money in fen. */
export interface PersonTold {
  readonly obligation: ObligationId;
  readonly person: string;
  readonly name: string;
  readonly phoneCipher: Buffer | null;
  readonly amount: number;
  /** What is still missing, of the money and of what stands deposited for it. */
  readonly short: number;
}

/** The persons of some rows; read for sending alone. */
export async function personsTold(
  db: Db,
  county: string,
  process: ProcessId,
  obligations: readonly ObligationId[],
): Promise<readonly PersonTold[]> {
  if (obligations.length === 0) return [];
  const { rows } = await sql<PersonTold>`
    select o.obligation_id as obligation, p.person_id as person, p.name, p.phone_cipher as "phoneCipher", d.amount,
      greatest(d.amount - greatest(d.arrived, d.collected, d.deposited), 0) as short
    from obligations o join people p on p.county_id = o.county_id and p.person_id = o.person_id
    join dues d on d.county_id = o.county_id and d.process_id = o.process_id and d.due_id = o.due_id
    where o.county_id = ${county} and o.process_id = ${process} and o.obligation_id = any(${[...obligations]}::text[])`.execute(db);
  return rows;
}
