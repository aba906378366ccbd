import { z } from 'zod';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Client } from '../client.js';
import { deductionPath, sendReturn } from '../deducting.js';
import { EXIT, Failure } from '../failure.js';
import { read } from '../shape.js';
import { deductionStatus, ordered, orderShown, settlements } from '../shapes/deductions.js';
import { waitQuiet } from '../worlds.js';
import { depositsFile } from './banked.js';
import { Counter } from './counter.js';
import type { ScriptedBank, Step } from './shapes.js';
import { as, PATIENCE_SECONDS, type Stage } from './stage.js';
import { importWhole } from './start.js';

/** What the bank and its counterparts do in a step: deposits, round, answer, supplement, money, refunds. `key`: idempotency key of the step. */
export async function playBankSteps(stage: Stage, bank: ScriptedBank, step: Step, key: string): Promise<void> {
  const counter = new Counter(stage.context, stage.scenario, bank);
  const on = step.at.slice(0, 10) as LocalDate;
  if (step.deposits !== undefined) await reportDeposits(stage, counter, step.deposits.by, on, key);
  if (step.round) await makeRound(stage, bank, counter, key);
  if (step.answer) await handIn(stage, bank, key, (file) => counter.answer(file, on));
  if (step.supplement) await handIn(stage, bank, key, (file) => counter.supplement(file, on));
  if (step.clear) await clear(stage, bank, counter, on, key);
  if (step.refunds !== undefined) await settleRefunds(stage, bank, step.refunds, key);
}

const pathIn = (stage: Stage, bank: ScriptedBank, rest = ''): string => deductionPath(stage.kept.campaign, bank.deduction, rest);
const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });

async function reportDeposits(stage: Stage, counter: Counter, by: string, on: string, key: string): Promise<void> {
  const file = await counter.withBook((bank) => depositsFile(on, stage.banked, (account) => bank.account(account)?.balance ?? 0));
  await importWhole(await as(stage, by), { kind: 'deposits', campaign: stage.kept.campaign, ...file, key: `${key}-deposits` });
}

/** Waits until an order is done. Error: `scenario-order` when it is refused: the story itself is wrong. */
async function doneOrder(stage: Stage, bank: ScriptedBank, order: string): Promise<z.infer<typeof orderShown>> {
  await waitQuiet(stage.admin, stage.kept.world, PATIENCE_SECONDS);
  const shown = read(orderShown, await stage.admin.get(pathIn(stage, bank, `orders/${order}`)));
  if (shown.status === 'done' && shown.result?.kind !== 'refused') return shown;
  const why = shown.result?.kind === 'refused' ? shown.result : { zh: shown.status, en: shown.status };
  const [first] = shown.problems;
  throw new Failure(EXIT.refused, 'scenario-order', {
    zh: `工作单 ${order}：${why.zh}${first === undefined ? '' : `（${first.zh}）`}`,
    en: `Order ${order}: ${why.en}${first === undefined ? '' : ` (${first.en})`}`,
  });
}

async function makeRound(stage: Stage, bank: ScriptedBank, counter: Counter, key: string): Promise<void> {
  const proposer = await as(stage, bank.by);
  const { order, status } = read(ordered, await proposer.post(pathIn(stage, bank, 'runs'), {}, keyed(`${key}-run`)));
  if (status === 'proposed')
    await (await as(stage, bank.confirm)).post(pathIn(stage, bank, `runs/${order}/confirm`), undefined, keyed(`${key}-confirm`));
  const { result } = await doneOrder(stage, bank, order);
  for (const { id, file } of result?.kind === 'made' ? result.batches : [])
    await counter.take(file, (await proposer.call('GET', pathIn(stage, bank, `batches/${id}/file`))).bytes);
}

/** Batches of the last round. */
export async function lastBatches(
  admin: Client,
  campaign: string,
  { deduction }: ScriptedBank,
): Promise<z.infer<typeof deductionStatus>['batches']> {
  const { batches } = read(deductionStatus, await admin.get(deductionPath(campaign, deduction)));
  const last = Math.max(0, ...batches.map(({ round }) => round));
  return batches.filter(({ round }) => round === last);
}

/** How many of each unit below the launching one failed in the last round. */
export async function lastFailures(stage: Stage, bank: ScriptedBank): Promise<{ round: number; failed: ReadonlyMap<string, number> }> {
  const [batch] = await lastBatches(stage.admin, stage.kept.campaign, bank);
  const round = batch?.round ?? 0;
  const answer = z.object({ units: z.array(z.object({ unitName: z.string(), failed: z.number() })) });
  const { units } = read(answer, await stage.admin.get(pathIn(stage, bank, 'failures'), { round }));
  return { round, failed: new Map(units.map(({ unitName, failed }) => [unitName, failed])) };
}

async function handIn(stage: Stage, bank: ScriptedBank, key: string, write: (file: string) => Promise<string | null>): Promise<void> {
  const api = await as(stage, bank.by);
  for (const { id, file } of await lastBatches(stage.admin, stage.kept.campaign, bank)) {
    const path = await write(file);
    if (path === null) continue;
    const sent = { campaign: stage.kept.campaign, deduction: bank.deduction, path, dryRun: false, key: `${key}-return-${id}` };
    const { order } = await sendReturn(api, sent);
    if (order !== null) await doneOrder(stage, bank, order);
  }
}

/** The bank hands over what it took of the last round: its own figure, which the county's returns must agree with. */
async function clear(stage: Stage, bank: ScriptedBank, counter: Counter, on: string, key: string): Promise<void> {
  const api = await as(stage, bank.confirm);
  for (const { id, file } of await lastBatches(stage.admin, stage.kept.campaign, bank)) {
    const amount = await counter.takenOf(file);
    if (amount === 0) continue;
    const body = { amount, on, reference: `DEMO-${stage.kept.campaign}-${id}` };
    await api.post(pathIn(stage, bank, `batches/${id}/clear`), body, keyed(`${key}-clear-${id}`));
  }
  await waitQuiet(stage.admin, stage.kept.world, PATIENCE_SECONDS);
}

async function settleRefunds(
  stage: Stage,
  bank: ScriptedBank,
  { choice, reason }: NonNullable<Step['refunds']>,
  key: string,
): Promise<void> {
  const [one, other] = [await as(stage, bank.confirm), await as(stage, bank.by)];
  const open = read(settlements, await one.get(pathIn(stage, bank, 'settlements')));
  for (const { kind, subject } of open.items) {
    if (kind !== 'refund') continue;
    const body = { kind, subject, choice, reason };
    const answer = z.object({ decision: z.string() });
    const { decision } = read(answer, await one.post(pathIn(stage, bank, 'settlements'), body, keyed(`${key}-${subject}`)));
    await other.post(pathIn(stage, bank, `settlements/${decision}/confirm`), undefined, keyed(`${key}-${subject}-confirm`));
  }
  await waitQuiet(stage.admin, stage.kept.world, PATIENCE_SECONDS);
}
