import type { Refused } from '../../domain/deduction/order.js';
import type { Moment, UserId } from '../../domain/model/ids.js';
import { appendAudit } from '../../store/audit.js';
import type { Trx } from '../../store/connection.js';
import { changeOrder, type Order } from '../../store/deductions/orders.js';
import { clearStaged } from '../../store/deductions/stage.js';
import { CycleRefusal } from './refusal.js';

export interface DropOrder {
  readonly reason: string;
  readonly at: Moment;
  readonly by: UserId;
}

const over = (zh: string, en: string, { order_id, status }: Order): CycleRefusal =>
  new CycleRefusal('order-over', zh, en, { order: order_id, status });

/**
 * Gives an order up of which nothing is booked and nothing was made, so that the cycle goes on with the next: one that was proposed, waits, is worked on, or whose
 * return was read and not posted. Whoever works on it is refused at its next step. The caller holds the order (`lockOrder`). Refusal: `order-over`, with the way out.
 */
export async function dropOrder(trx: Trx, order: Order, { reason, at, by }: DropOrder): Promise<void> {
  const { county_id: county, process_id: process, order_id: id, kind, status, lines } = order;
  switch (status) {
    case 'proposed':
    case 'waiting':
    case 'working':
      break;
    case 'staged':
      if (kind === 'make')
        throw over(
          '请求文件已制成，可能已在银行手中，不能放弃：未能送出的请下载后交银行，以回盘了结',
          'its request is made and may be in the bank’s hands: where it could not be handed over, download it; the return settles it',
          order,
        );
      break;
    case 'posted':
    case 'done':
      throw over('这份工作单已入账或已送出，不能放弃', 'what it asked for is booked or handed over', order);
    case 'refused':
    case 'dropped':
      throw over('这份工作单已经了结', 'it is over already', order);
    default: {
      const never: never = status;
      throw new Error(`order ${id} is ${String(never)}`);
    }
  }
  if (kind === 'return') await clearStaged(trx, county, id);
  const result: Refused = {
    kind: 'refused',
    code: 'given-up',
    zh: `已放弃：${reason}`,
    en: `given up: ${reason}`,
    params: { by, reason },
    counts: {},
  };
  await changeOrder(trx, county, id, { status: 'dropped', result });
  await appendAudit(trx, county, {
    at,
    actor: by,
    action: 'deduction.order.dropped',
    subject: id,
    detail: { process, kind, status, lines, reason },
  });
}
