import type { Deduction } from '../../domain/model/deduction.js';
import type { ProcessId } from '../../domain/model/ids.js';
import type { Store } from '../../store/connection.js';
import type { PersonalDataKey } from '../../store/people/personal-data-key.js';
import { HAND_OVER_POINTS } from '../files/hand-over.js';
import { loadCampaign, type CampaignContext } from '../imports/context.js';
import { CycleRefusal } from './refusal.js';

/**
 * Points of the cycle at which a test stops the process, in their order: a request made but not handed over; each step of a hand-over; lines of a return
 * staged in part and as a whole; before and inside the posting transaction, behind it; fed back.
 */
export const CYCLE_POINTS = [
  'made',
  ...HAND_OVER_POINTS,
  'handed-over',
  'staging',
  'staged',
  'posting',
  'before-commit',
  'posted',
  'fed-back',
] as const;
export type CyclePoint = (typeof CYCLE_POINTS)[number];

/** What the cycle works with. */
export interface CycleParts {
  readonly store: Store;
  readonly key: PersonalDataKey;
  /** Folder in which the bank looks for requests; null = they are downloaded. */
  readonly handOverFolder: string | null;
  /** Called at each point, awaited. */
  readonly at?: (point: CyclePoint) => void | Promise<void>;
}

/** Names one cycle. */
export interface CycleOf {
  readonly county: string;
  readonly process: ProcessId;
  readonly deduction: string;
}

export interface CycleContext {
  readonly campaign: CampaignContext;
  readonly deduction: Deduction;
}

/** Errors: `unknown-process`, `unknown-deduction`. */
export async function loadCycle({ store }: Pick<CycleParts, 'store'>, of: CycleOf): Promise<CycleContext> {
  const campaign = await loadCampaign(store.db, of.county, of.process);
  const deduction = campaign.setting.definition.deductions?.[of.deduction];
  if (deduction === undefined)
    throw new CycleRefusal('unknown-deduction', `方案没有代扣“${of.deduction}”`, `the definition has no deduction '${of.deduction}'`, {
      deduction: of.deduction,
    });
  return { campaign, deduction };
}
