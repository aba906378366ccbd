import { allHandlersFinished, condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type { CoreEvent } from '../../domain/model/event.js';
import type { Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import {
  UPDATE_ACTS,
  UPDATE_ADVANCE,
  type ActAnswer,
  type ActRequest,
  type AdvanceRequest,
  type CampaignActivities,
} from '../../workflows/contract/campaign.js';

export interface MinimalInput {
  readonly county: string;
  readonly process: ProcessId;
  readonly setting: Digest;
  readonly at: Moment;
  readonly by: UserId;
}

/** What the floor asks of the outside: the setting once, and one journal row for each event. */
export interface MinimalActivities {
  loadSetting: CampaignActivities['loadSetting'];
  writeRows(request: { county: string; process: ProcessId; fromSeq: number; events: readonly CoreEvent[] }): Promise<{ recorded: number }>;
}

const store = proxyActivities<MinimalActivities>({ startToCloseTimeout: '60s' });
const acts = defineUpdate<readonly ActAnswer[], [readonly ActRequest[]]>(UPDATE_ACTS);
const advance = defineUpdate<number, [AdvanceRequest]>(UPDATE_ADVANCE);

/**
 * What somebody would write who wants the same journal and nothing else: no rules, no state, no read model. It answers the same messages
 * and calls as many activities as a campaign's life does.
 */
export async function minimal(input: MinimalInput): Promise<number> {
  const { county, process } = input;
  let setting: Setting | null = null;
  let seq = 0;
  let stopped = false;
  const write = async (events: readonly CoreEvent[]): Promise<number> => {
    const fromSeq = seq + 1;
    seq += events.length;
    await store.writeRows({ county, process, fromSeq, events });
    return fromSeq;
  };

  setHandler(acts, async (requests) => {
    await condition(() => setting !== null && seq > 0);
    const first = await write(requests.map(({ actId, actor, act, at }) => ({ type: 'acted', at, actId, actor, act })));
    stopped ||= requests.some(({ act }) => act.kind === 'stop');
    return requests.map((_, index) => ({ ok: true, seq: first + index }));
  });
  setHandler(advance, async ({ to }) => {
    await condition(() => setting !== null && seq > 0);
    return write([{ type: 'woke', at: to }]);
  });

  setting = await store.loadSetting({ county, digest: input.setting });
  await write([{ type: 'launched', at: input.at, by: input.by }]);
  await condition(() => stopped && allHandlersFinished());
  return seq;
}
