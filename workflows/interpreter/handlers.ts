import { ApplicationFailure, condition, defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { isMoment } from '../../domain/calendar/dates.js';
import type { Refusal } from '../../domain/model/effect.js';
import type { Moment } from '../../domain/model/ids.js';
import {
  ACTS_LIMIT,
  FAILURE,
  QUERY_SUMMARY,
  SIGNAL_FACTS,
  UPDATE_ACTS,
  UPDATE_ADVANCE,
  UPDATE_REPLACE_SETTING,
  type ActAnswer,
  type ActRequest,
  type AdvanceRequest,
  type CampaignInput,
  type FactsSignal,
  type FailureType,
  type ReplaceSettingRequest,
  type Summary,
} from '../contract/campaign.js';
import { utf8Bytes } from './chunks.js';
import { advanceTo } from './loops.js';
import { store } from './ports.js';
import { CoreFailure, type CampaignRun } from './run.js';

const acts = defineUpdate<readonly ActAnswer[], [readonly ActRequest[]]>(UPDATE_ACTS);
const advance = defineUpdate<Summary, [AdvanceRequest]>(UPDATE_ADVANCE);
const replaceSetting = defineUpdate<Summary, [ReplaceSettingRequest]>(UPDATE_REPLACE_SETTING);
const facts = defineSignal<[FactsSignal]>(SIGNAL_FACTS);
const summary = defineQuery<Summary>(QUERY_SUMMARY);

/** The place where the run stands once it has begun; messages can arrive before. */
export interface Stage {
  run: CampaignRun | null;
  /** Facts that were told of before the run had begun. */
  early: FactsSignal | null;
  /** A move of the clock is under way. */
  moving: boolean;
}

/** Sets all handlers. Validators are synchronous and pure: an asynchronous one would fail the workflow task again and again. */
export function receive(input: CampaignInput, stage: Stage): void {
  /** At once where the run stands already: every further promise of a message is paid for again at each replay. */
  const onStage = <T>(work: (run: CampaignRun) => Promise<T>): Promise<T> =>
    stage.run === null ? begun(stage).then(work) : work(stage.run);

  setHandler(acts, (requests) => onStage((run) => takeActs(run, requests)), {
    validator: (requests) => {
      checkActs(requests);
      if (stage.run?.isRenewing()) reject(FAILURE.renewing, '正在更换运行记录，请马上重发 / renewing, send again at once');
    },
  });

  setHandler(advance, ({ to }) => onStage((run) => moveTo(run, stage, to)), {
    validator: (request) => {
      if (input.clock.kind === 'real') reject(FAILURE.realWorld, '真实时间不能推进 / the real clock cannot be moved');
      if (!isMoment(request?.to ?? '')) reject(FAILURE.badMessage, '不是有效时刻 / not a moment');
    },
  });

  setHandler(replaceSetting, (request) => onStage((run) => replace(run, request)), {
    validator: (request) => {
      if (typeof request?.digest !== 'string' || !isMoment(request.at)) reject(FAILURE.badMessage, '消息格式不对 / wrong shape');
    },
  });

  setHandler(facts, (told) => {
    if (stage.run === null) stage.early = told;
    else stage.run.tell(told);
  });

  setHandler(summary, () => {
    if (stage.run === null) throw new Error('not begun');
    return stage.run.summary();
  });
}

async function begun(stage: Stage): Promise<CampaignRun> {
  await condition(() => stage.run !== null);
  if (stage.run === null) throw new Error('not begun');
  return stage.run;
}

/** NUL and halves of a character pair as JSON writes them: the journal could never take them, and everything behind them would wait. */
const UNSTORABLE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

function checkActs(requests: readonly ActRequest[]): void {
  if (!Array.isArray(requests) || requests.length === 0) reject(FAILURE.badMessage, '没有动作 / no acts');
  if (requests.length > ACTS_LIMIT.acts) reject(FAILURE.badMessage, `一次最多 ${ACTS_LIMIT.acts} 个动作 / at most ${ACTS_LIMIT.acts} acts`);
  const text = JSON.stringify(requests);
  if (UNSTORABLE.test(text)) reject(FAILURE.badMessage, '文字含有无法保存的字符 / the text holds characters that cannot be stored');
  if (utf8Bytes(text) > ACTS_LIMIT.bytes)
    reject(FAILURE.badMessage, `一次最多 ${ACTS_LIMIT.bytes} 字节 / at most ${ACTS_LIMIT.bytes} bytes`);
  for (const request of requests) {
    const whole =
      typeof request?.actId === 'string' &&
      request.actId !== '' &&
      typeof request.act?.kind === 'string' &&
      Array.isArray(request.actor?.roles);
    if (!whole || !isMoment(request.at)) reject(FAILURE.badMessage, '动作格式不对 / wrong shape of an act');
  }
}

function reject(type: FailureType, message: string): never {
  throw ApplicationFailure.nonRetryable(message, type);
}

/** Steps all acts before anything is awaited, so that no other message comes between them; answers when they are in the journal. */
async function takeActs(run: CampaignRun, requests: readonly ActRequest[]): Promise<readonly ActAnswer[]> {
  const failed: CoreFailure[] = [];
  const taken = requests.map((request): ActAnswer | { readonly known: ActRequest } => {
    const known = run.known(request.actId);
    if (known !== null) return known.seq === null ? { known: request } : { ok: true, seq: known.seq };
    try {
      const { actId, actor, act } = request;
      return run.apply({ type: 'acted', at: run.at(request.at), actId, actor, act });
    } catch (error) {
      if (!(error instanceof CoreFailure)) throw error;
      failed.push(error);
      return { ok: false, refusal: coreFailed(request) };
    }
  });
  await run.written(run.state.seq);
  for (const error of failed) await run.coreFailed(error, 'acted');
  const answers = taken.filter((answer): answer is ActAnswer => !('known' in answer));
  if (answers.length === taken.length) return answers;
  return Promise.all(taken.map(async (answer) => ('known' in answer ? repeated(run, answer.known) : answer)));
}

/** An act that an earlier run of this process took in: the journal has its number. */
async function repeated(run: CampaignRun, request: ActRequest): Promise<ActAnswer> {
  const found = await store.findAct({ ...run.place, actId: request.actId });
  if (found !== null) return { ok: true, seq: found.seq };
  throw ApplicationFailure.nonRetryable('日志中没有已受理的动作 / an accepted act is not in the journal', FAILURE.superseded);
}

function coreFailed(request: ActRequest): Refusal {
  return {
    code: FAILURE.coreFailed,
    zh: '系统处理这个动作时出错，没有任何改动；已报告管理员，修好后请重试。',
    en: 'The engine failed on this act; nothing has changed. The administrator has been told; try again when it is mended.',
    params: { act: request.act.kind },
  };
}

/** Moves in a virtual world one after the other. */
async function moveTo(run: CampaignRun, stage: Stage, to: Moment): Promise<Summary> {
  while (stage.moving) await condition(() => !stage.moving);
  stage.moving = true;
  try {
    await advanceTo(run, to);
    return run.summary();
  } catch (error) {
    if (!(error instanceof CoreFailure)) throw error;
    await run.coreFailed(error, 'woke');
    throw ApplicationFailure.nonRetryable('推进时内核出错，见故障清单 / the core failed, see the incidents', FAILURE.coreFailed);
  } finally {
    stage.moving = false;
  }
}

async function replace(run: CampaignRun, request: ReplaceSettingRequest): Promise<Summary> {
  const { digest, what, by, reason } = request;
  if (digest === run.settingDigest) {
    await run.written(run.state.seq);
    return run.summary();
  }
  const setting = await store.loadSetting({ county: run.input.county, digest });
  try {
    const applied = run.apply({ type: 'settingChanged', at: run.at(request.at), setting: digest, what, by, reason }, { setting, digest });
    if (!applied.ok) throw ApplicationFailure.nonRetryable(`${applied.refusal.zh} / ${applied.refusal.en}`, applied.refusal.code);
    await run.written(applied.seq);
  } catch (error) {
    if (!(error instanceof CoreFailure)) throw error;
    await run.coreFailed(error, 'settingChanged');
    throw ApplicationFailure.nonRetryable('更换设置时内核出错，见故障清单 / the core failed, see the incidents', FAILURE.coreFailed);
  }
  return run.summary();
}
