import { sql, type RawBuilder } from 'kysely';

/** Which report counts for each due, of those chosen: the newest day's, on the same day the bank's, of one source the last recorded (docs/adr/0108). */
export const depositsInForce = (chosen: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select distinct on (due_id) due_id, amount as deposited, on_date from deposits where ${chosen}
  order by due_id, on_date desc, source = 'bank' desc, seq desc`;
