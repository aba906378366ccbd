import type { RefundEvent } from '../../domain/model/deduction.js';
import type { Moment, UserId } from '../../domain/model/ids.js';
import { isHeard } from '../../domain/process/case-types.js';
import type { Trx } from '../../store/connection.js';
import { tellOwedBack, tellPaidBack } from '../../store/deductions/openings.js';
import { appendFacts, rowsTouched } from '../../store/inbox.js';
import type { CycleContext, CycleOf } from './parts.js';

interface Told {
  readonly at: Moment;
  readonly by: UserId;
}

const hears = ({ campaign }: CycleContext, { deduction }: CycleOf, event: RefundEvent): boolean =>
  isHeard(campaign.setting.definition, `${deduction}.${event}`);

/** The campaign's rows take up what was stored on their next turn. */
async function wake(trx: Trx, { county, process }: CycleOf, { campaign }: CycleContext, at: Moment): Promise<void> {
  const root = campaign.setting.units.find(({ parent }) => parent === null);
  if (root !== undefined) await appendFacts(trx, county, process, [rowsTouched(root.id, at)], at);
}

/** What the bank took and nobody owed calls for a case, where the definition has one for it: each refund of the batch is told once, in the caller's transaction. */
export async function sayOwedBack(trx: Trx, of: CycleOf, context: CycleContext, batch: string, { at, by }: Told): Promise<void> {
  if (!hears(context, of, 'owedBack')) return;
  const { county, process, deduction } = of;
  if ((await tellOwedBack(trx, { county, process, deduction, batch }, { at, by })) > 0) await wake(trx, of, context, at);
}

/** A refund was settled by two people: its case hears of it when nothing more is owed back of the due. */
export async function saySettled(
  trx: Trx,
  of: CycleOf,
  context: CycleContext,
  refund: { readonly id: string; readonly as: 'paid' | 'credited' },
  { at, by }: Told,
): Promise<void> {
  const event = refund.as === 'paid' ? 'paidBack' : 'credited';
  if (!hears(context, of, event)) return;
  if ((await tellPaidBack(trx, of, { id: refund.id, event }, { at, by })) > 0) await wake(trx, of, context, at);
}
