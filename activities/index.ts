import type { Store } from '../store/connection.js';
import type { CampaignActivities } from '../workflows/contract/campaign.js';
import { measureActivities } from './measures/index.js';
import { recordActivities, Recorder } from './record/index.js';
import { rowActivities } from './rows/index.js';
import { nowOf } from './worlds/now.js';

/** All that workflows ask of the outside, for one worker. */
export function campaignActivities(store: Store): CampaignActivities {
  const recorder = new Recorder(store);
  return {
    ...recordActivities(store, recorder),
    ...rowActivities(store, (db, county, digest) => recorder.setting(db, county, digest)),
    ...measureActivities(store, (county, process) => nowOf(store.db, county, process)),
  };
}
