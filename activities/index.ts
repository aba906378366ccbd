import type { Store } from '../store/connection.js';
import type { CampaignActivities } from '../workflows/contract/campaign.js';
import { measureActivities } from './measures/index.js';
import { recordActivities } from './record/index.js';
import { nowOf } from './worlds/now.js';

/** All that workflows ask of the outside, for one worker. */
export function campaignActivities(store: Store): CampaignActivities {
  return { ...recordActivities(store), ...measureActivities(store, (county, process) => nowOf(store.db, county, process)) };
}
