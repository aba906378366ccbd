import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dateOf } from '../../domain/calendar/dates.js';
import type { UnitFact } from '../../domain/model/event.js';
import { appendAudit } from '../../store/audit.js';
import { addBatchEvent, findBatch, hasReached, linesByUnit, lockBatch } from '../../store/deductions/batches.js';
import { contentOf } from '../../store/deductions/files.js';
import { changeOrder, lockOrder } from '../../store/deductions/orders.js';
import { appendFacts } from '../../store/inbox.js';
import { findProcess } from '../../store/processes.js';
import { getWorld } from '../../store/worlds.js';
import { handOver } from '../files/hand-over.js';
import type { CycleOf, CycleParts } from './parts.js';
import { CycleRefusal } from './refusal.js';

/**
 * Where the bank looks for requests of a campaign. What is rehearsed lies apart, below `rehearsal/` and the campaign's number: a bank must never take money because
 * somebody played a year.
 */
async function folderFor(
  { store, handOverFolder }: Pick<CycleParts, 'store' | 'handOverFolder'>,
  { county, process }: CycleOf,
): Promise<string | null> {
  if (handOverFolder === null) return null;
  const campaign = await findProcess(store.db, county, process);
  if (campaign === null) return null;
  const { kind } = await getWorld(store.db, county, campaign.world_id);
  if (kind === 'real') return handOverFolder;
  const folder = join(handOverFolder, 'rehearsal', process);
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Hands the file of a batch over and tells the campaign, once; again, the same bytes are left where they are. Without a folder the file is downloaded, and counts as
 * handed over from now on.
 */
export async function handOverBatch(parts: CycleParts, of: CycleOf, batchId: string): Promise<void> {
  const { store, key } = parts;
  const { county, process } = of;
  const batch = await findBatch(store.db, county, batchId);
  if (batch === null || batch.process !== process || batch.deduction !== of.deduction)
    throw new CycleRefusal('unknown-batch', `没有批次 ${batchId}`, `there is no batch ${batchId}`, { batch: batchId });
  const folder = await folderFor(parts, of);
  if (folder !== null)
    await handOver({
      folder,
      name: batch.fileName,
      content: () => contentOf(store.db, key, county, batch.file),
      ...(parts.at === undefined ? {} : { at: parts.at }),
    });
  await store.db.transaction().execute(async (trx) => {
    await lockBatch(trx, county, batch.id);
    if (await hasReached(trx, county, batch.id, 'sent')) return;
    await addBatchEvent(trx, county, batch.id, 'sent', batch.madeAt, batch.madeBy, {
      digest: batch.digest,
      folder: folder !== null,
    });
    await appendAudit(trx, county, {
      at: batch.madeAt,
      actor: batch.madeBy,
      action: 'deduction.sent',
      subject: batch.id,
      detail: { process, digest: batch.digest },
    });
    const on = dateOf(batch.madeAt);
    const facts = (await linesByUnit(trx, county, batch.id)).map(({ unit, persons, amount }): UnitFact => ({
      kind: 'deduction',
      event: `${batch.deduction}.sent`,
      round: batch.round,
      unit,
      insurance: batch.insurance,
      on,
      persons,
      amount,
    }));
    await appendFacts(trx, county, process, facts, batch.madeAt);
  });
  await parts.at?.('handed-over');
}

/** A make order is done when all its batches are handed over. */
export async function finishMake({ store }: Pick<CycleParts, 'store'>, { county }: CycleOf, orderId: string): Promise<void> {
  await store.db.transaction().execute(async (trx) => {
    const order = await lockOrder(trx, county, orderId);
    if (order.status === 'staged') await changeOrder(trx, county, orderId, { status: 'done' });
  });
}
