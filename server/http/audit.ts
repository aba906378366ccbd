import type { UserId } from '../../domain/model/ids.js';
import { appendAudit } from '../../store/audit.js';
import type { Trx } from '../../store/connection.js';
import { presentMoment } from './auth.js';
import type { Services } from './services.js';

/**
 * Adds to the county's audit chain, in the transaction of what it tells. `detail` names surrogates, digests, field names and the
 * reason that was asked for; never names, numbers or secrets.
 */
export function recordAudit(
  services: Pick<Services, 'county'>,
  trx: Trx,
  actor: UserId,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  return appendAudit(trx, services.county, { at: presentMoment(), actor, action, subject, detail });
}
