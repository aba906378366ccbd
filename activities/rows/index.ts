import type { Store } from '../../store/connection.js';
import type { CampaignActivities } from '../../workflows/contract/campaign.js';
import { turnRows } from './run.js';
import { TurnBook, type SettingOf } from './turns.js';

/** The rows' part of the contract, for one worker. */
export function rowActivities(store: Store, settingOf: SettingOf): Pick<CampaignActivities, 'turnRows'> {
  const book = new TurnBook(settingOf);
  return { turnRows: (request) => turnRows(store, book, request) };
}
