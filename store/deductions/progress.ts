import type { Progress } from '../../domain/deduction/order.js';
import type { Db } from '../connection.js';

/** Keeps how far an order is. */
export async function keepProgress(db: Db, county: string, order: string, progress: Progress): Promise<void> {
  await db
    .insertInto('deduction_progress')
    .values({ county_id: county, order_id: order, ...progress })
    .onConflict((on) => on.columns(['county_id', 'order_id']).doUpdateSet({ ...progress }))
    .execute();
}

/** Its answer is there, so nothing is told of it any more. */
export async function dropProgress(db: Db, county: string, order: string): Promise<void> {
  await db.deleteFrom('deduction_progress').where('county_id', '=', county).where('order_id', '=', order).execute();
}
