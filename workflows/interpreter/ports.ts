import { proxyActivities } from '@temporalio/workflow';
import { FAILURE, type CampaignActivities } from '../contract/campaign.js';

/** Tried for ever: the store may be away for hours, and nothing may be lost for it. A failing one becomes an incident after some tries. */
const retry = { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '15s', nonRetryableErrorTypes: Object.values(FAILURE) };

/** Short transactions and reads. */
export const store = proxyActivities<Omit<CampaignActivities, 'measure' | 'count' | 'turnRows'>>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '8s',
  retry,
});

/** Figures: sums over a subtree can take longer. */
export const figures = proxyActivities<Pick<CampaignActivities, 'measure' | 'count'>>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '8s',
  retry,
});

/** Hundreds of thousands of rows, a page at a time: a worker that is killed is known by its silence, not by the time it takes. */
export const rows = proxyActivities<Pick<CampaignActivities, 'turnRows'>>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '8s',
  retry,
});
