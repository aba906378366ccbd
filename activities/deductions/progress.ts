import type { Progress } from '../../domain/deduction/order.js';
import type { Store } from '../../store/connection.js';
import { dropProgress, keepProgress } from '../../store/deductions/progress.js';

/** Tells how far the work is; costs it nothing. */
export type Tell = (progress: Progress) => void;
export const untold: Tell = () => undefined;

/**
 * Does the work and tells meanwhile how far it is, on another connection: the work's own transaction shows nothing until it ends. One word at a time is on its way,
 * the latest wins, the last one is always kept. What cannot be told (no connection free) is left out: it never holds up or fails the work.
 */
export async function telling<T>({ db }: Store, county: string, order: string, work: (tell: Tell) => Promise<T>): Promise<T> {
  const on: { next: Progress | null; sending: Promise<void> | null } = { next: null, sending: null };
  const send = async (): Promise<void> => {
    for (let now = on.next; now !== null; now = on.next) {
      on.next = null;
      await keepProgress(db, county, order, now).catch(() => undefined);
    }
    on.sending = null;
  };
  try {
    return await work((progress) => {
      on.next = progress;
      on.sending ??= send();
    });
  } finally {
    await on.sending;
    await dropProgress(db, county, order).catch(() => undefined);
  }
}
