import { sql, type Kysely } from 'kysely';

/**
 * How far work on an order is, told from a connection of its own: the work itself is one transaction, which holds the order's row and shows nothing until it ends. No
 * reference to the order for that reason: it would wait for the row. A row that a killed worker left is written over by whoever does the work again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table deduction_progress (
  county_id ident not null, order_id ident not null, step ident not null, done bigint not null check (done >= 0), total bigint not null check (total >= 0),
  primary key (county_id, order_id))`,
    )
    .execute(db);
}
