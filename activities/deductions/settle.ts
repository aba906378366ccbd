import { dateOf } from '../../domain/calendar/dates.js';
import { CLASS_OF, isFailure, type OutcomeClass } from '../../domain/deduction/classes.js';
import type { Digest, Moment, UserId } from '../../domain/model/ids.js';
import type { EvidenceGiven } from '../../domain/model/state.js';
import { settlementRefusal } from '../../domain/process/index.js';
import { appendAudit } from '../../store/audit.js';
import type { Trx } from '../../store/connection.js';
import { lockBatch } from '../../store/deductions/batches.js';
import {
  addDecision,
  decide,
  lineIsBooked,
  lineStanding,
  lockDecision,
  lockQuarantined,
  lockRefund,
  roomOfLine,
  settleQuarantined,
  settleRefund,
  type Decision,
} from '../../store/deductions/decisions.js';
import { judgeDecision } from '../../store/deductions/post.js';
import { appendFacts, tellTouched } from '../../store/inbox.js';
import { lockMoney } from '../../store/payments/merge.js';
import { sha256 } from '../../store/settings.js';
import { inTransaction } from '../../store/tried.js';
import { refreshTallies } from '../measures/keep-tallies.js';
import { batchIn, closeWhenDone } from './clear.js';
import { saySettled } from './owed-back.js';
import { loadCycle, type CycleContext, type CycleOf, type CycleParts } from './parts.js';
import { postAnswer } from './post.js';
import { CycleRefusal } from './refusal.js';

export interface Propose extends CycleOf {
  readonly kind: Decision['kind'];
  /** line: `b17/3`; quarantine: `b17/3/w5`; refund: `y9`. */
  readonly subject: string;
  /** line: an outcome of the definition; quarantine: `keep`, `reverse` or `taken`; refund: `paid` or `credited`. */
  readonly choice: string;
  readonly reason: string;
  /** A line: what `may.settleUnknown` asks for. */
  readonly evidence: readonly EvidenceGiven[];
  readonly at: Moment;
  readonly by: UserId;
  /** Everything is checked and done, and then undone. */
  readonly dryRun?: boolean;
}

/**
 * Proposes how something that the files leave open is settled: a line whose answer is unknown, missing or `duplicate-reported`; an answer that contradicts a definite
 * one; money owed back. Another person confirms. Refusals: `evidence-refused`, `wrong-choice`, `already-settled`, `unknown-batch`, `cycle-stopped`.
 */
export async function proposeSettlement({ store }: Pick<CycleParts, 'store'>, act: Propose): Promise<{ readonly decision: string }> {
  const context = await loadCycle({ store }, act);
  checkPapers(act, context);
  return inTransaction(store, act.dryRun === true, async (trx) => {
    await check(trx, act, context, act);
    const id = await addDecision(trx, act);
    if (id === null)
      throw new CycleRefusal('already-settled', '这一项已有人提出处理意见，等待复核', 'a proposal for it waits for its confirmation', {
        subject: act.subject,
      });
    await appendAudit(trx, act.county, {
      at: act.at,
      actor: act.by,
      action: `deduction.${act.kind}.proposed`,
      subject: act.subject,
      detail: { process: act.process, decision: id, choice: act.choice, evidence: act.evidence },
    });
    return { decision: id };
  });
}

export interface Confirm extends CycleOf {
  readonly decision: string;
  readonly at: Moment;
  readonly by: UserId;
  readonly dryRun?: boolean;
}

/** Takes a proposal back; nothing has come of it. */
export async function dropSettlement({ store }: Pick<CycleParts, 'store'>, act: Confirm): Promise<void> {
  await inTransaction(store, act.dryRun === true, async (trx) => {
    const decision = await openDecision(trx, act);
    await decide(trx, act.county, decision.decision_id, 'dropped', act.by, act.at);
    await appendAudit(trx, act.county, {
      at: act.at,
      actor: act.by,
      action: `deduction.${decision.kind}.dropped`,
      subject: decision.subject,
      detail: { process: act.process },
    });
  });
}

/** Confirms a proposal of somebody else and books it. Refusals: `same-person`, and those of the proposal. */
export async function confirmSettlement(
  { store }: Pick<CycleParts, 'store'>,
  act: Confirm,
): Promise<{ readonly subject: string; readonly choice: string }> {
  const context = await loadCycle({ store }, act);
  return inTransaction(store, act.dryRun === true, async (trx) => {
    await lockMoney(trx, act.county, act.process);
    const decision = await openDecision(trx, act);
    if (decision.by_user === act.by) throw new CycleRefusal('same-person', '须由另一人复核', 'another person has to confirm it');
    await check(trx, act, context, decision);
    await apply(trx, act, context, decision);
    await decide(trx, act.county, decision.decision_id, 'confirmed', act.by, act.at);
    await appendAudit(trx, act.county, {
      at: act.at,
      actor: act.by,
      action: `deduction.${decision.kind}.settled`,
      subject: decision.subject,
      detail: { process: act.process, choice: decision.choice, proposedBy: decision.by_user },
    });
    return { subject: decision.subject, choice: decision.choice };
  });
}

async function openDecision(trx: Trx, act: Confirm): Promise<Decision> {
  const decision = await lockDecision(trx, act.county, act.process, act.decision);
  if (decision === null || decision.status !== 'open') {
    const [zh, en] =
      decision === null
        ? [`没有处理意见 ${act.decision}`, `there is no proposal ${act.decision}`]
        : decision.status === 'confirmed'
          ? ['这份处理意见已经复核，无需再办', 'this proposal was confirmed already: nothing is left to do']
          : ['这份处理意见已经撤回；如仍需办理，请重新提出', 'this proposal was taken back: propose it again if it is still wanted'];
    throw new CycleRefusal('already-settled', zh, en, { decision: act.decision });
  }
  return decision;
}

/** What nobody knows is settled on papers; a contradiction and a refund are settled on what the books and files say. */
function checkPapers({ kind, evidence }: Propose, { campaign }: CycleContext): void {
  const refusal = kind === 'line' ? settlementRefusal(campaign.setting, evidence) : null;
  if (refusal !== null) {
    const { code, zh, en, params } = refusal;
    const listed = (name: 'papers' | 'fields'): string => String(params[name] ?? '');
    throw new CycleRefusal('evidence-refused', zh, en, { because: code, papers: listed('papers'), fields: listed('fields') });
  }
  if (kind !== 'line' && evidence.length > 0) throw wrong('这一项不须附材料', 'no papers are asked for here');
}

type Asked = Pick<Decision, 'kind' | 'subject' | 'choice'>;

/** Batch and line (and return) that a subject names; 0, which no batch has, for what is no number of a line. */
function placeOf(subject: string): { readonly batch: string; readonly line: number; readonly from: string } {
  const [batch = '', line = '', from = ''] = subject.split('/');
  return { batch, line: /^\d{1,9}$/.test(line) ? Number(line) : 0, from };
}

const wrong = (zh: string, en: string): CycleRefusal => new CycleRefusal('wrong-choice', zh, en);
const settled = (): CycleRefusal => new CycleRefusal('already-settled', '这一项已有确定结果', 'it has its definite answer already');

/** Whether it may be settled so; asked when it is proposed and again when it is confirmed. */
async function check(trx: Trx, of: CycleOf, { deduction }: CycleContext, { kind, subject, choice }: Asked): Promise<void> {
  if (kind === 'refund') return checkRefund(trx, of, subject, choice);
  const { batch, line, from } = placeOf(subject);
  await batchIn(trx, of, batch);
  const found = await lineStanding(trx, of.county, batch, line);
  if (found === null) throw new CycleRefusal('unknown-batch', `没有这一行：${subject}`, `there is no such line: ${subject}`, { subject });
  if (kind === 'line') {
    const outcome = deduction.outcomes[choice];
    if (outcome === undefined || outcome.class === 'unknown' || outcome.class === 'duplicate')
      throw wrong('须选一个确定的结果', 'a definite outcome has to be chosen');
    if (found.standing === 'success' || isFailure(found.standing)) throw settled();
    return;
  }
  const quarantined = await lockQuarantined(trx, of.county, batch, line, from);
  if (quarantined === null || quarantined.process_id !== of.process) throw wrong('没有这一条矛盾记录', 'there is no such contradiction');
  if (quarantined.settled_at !== null) throw settled();
  if (choice === 'keep') return;
  const booked = await lineIsBooked(trx, of.county, batch, line);
  if (choice === 'reverse') {
    if (found.standing !== 'success') throw wrong('只有成功的行可以冲正', 'only a success can be taken back');
    if (booked.cleared) throw wrong('款已到账，不能冲正：须按退款处理', 'its money has come: it cannot be taken back');
    if (booked.reversed) throw settled();
    return;
  }
  if (choice !== 'taken' || !isFailure(found.standing) || found.late)
    throw wrong('请选 keep（维持）、reverse（冲正）或 taken（实已扣款）', 'choose keep, reverse or taken');
}

async function checkRefund(trx: Trx, of: CycleOf, subject: string, choice: string): Promise<void> {
  const refund = await lockRefund(trx, of.county, of.process, subject);
  if (refund === null) throw wrong('没有这笔应退款', 'there is no such refund');
  if (refund.settled_at !== null) throw settled();
  if (choice === 'paid') return;
  if (choice !== 'credited' || refund.why !== 'late')
    throw wrong('请选 paid（已退款）；迟到的扣款也可选 credited（转作缴费）', 'choose paid, or credited for a late success');
  const room = await roomOfLine(trx, of.county, of.process, refund.batch_id, refund.line);
  const { cleared } = await lineIsBooked(trx, of.county, refund.batch_id, refund.line);
  if (room === null || room.live || room.room < refund.amount || !cleared)
    throw new CycleRefusal(
      'refund-has-no-room',
      '不能转作缴费：须款已到账、应缴余额足够且没有正在进行的代扣',
      'it cannot be credited: its money must have come, enough must be owed, and no attempt may be under way',
      { refund: subject },
    );
}

async function apply(trx: Trx, act: Confirm, context: CycleContext, decision: Decision): Promise<void> {
  const { county, process, at, by } = act;
  if (decision.kind === 'refund') return applyRefund(trx, act, context, decision);
  const { batch: batchId, line, from } = placeOf(decision.subject);
  const batch = await batchIn(trx, act, batchId);
  await lockBatch(trx, county, batch.id);
  const post = async (outcome: string, said: OutcomeClass): Promise<void> => {
    await judgeDecision(trx, { county, process, batch: batch.id }, { line, outcome, class: said, on: dateOf(at) });
    const meaning = sha256(`${decision.decision_id}|${decision.subject}|${decision.choice}`);
    const answer = {
      county,
      process,
      batch: batch.id,
      returnId: decision.decision_id,
      kind: 'decision' as const,
      bytes: meaning satisfies Digest,
      meaning,
      at,
      by,
    };
    await postAnswer(trx, act, context, batch, answer, 1, {});
  };
  if (decision.kind === 'line') {
    const outcome = context.deduction.outcomes[decision.choice];
    if (outcome === undefined) throw wrong('没有这个结果', 'there is no such outcome');
    await post(outcome.id, CLASS_OF[outcome.class]);
  } else {
    const quarantined = await lockQuarantined(trx, county, batch.id, line, from);
    if (quarantined === null) throw wrong('没有这一条矛盾记录', 'there is no such contradiction');
    const as = decision.choice === 'reverse' ? 'reverse' : decision.choice === 'taken' ? 'taken' : 'keep';
    await settleQuarantined(trx, quarantined, as, at, by);
    const success = Object.values(context.deduction.outcomes).find((one) => one.class === 'success');
    if (as === 'taken' && success !== undefined) await post(success.id, 'success');
  }
  await closeWhenDone(trx, county, batch.id, at, by);
}

async function applyRefund(trx: Trx, act: Confirm, context: CycleContext, { subject, choice }: Decision): Promise<void> {
  const { county, process, at, by } = act;
  const refund = await lockRefund(trx, county, process, subject);
  if (refund === null) throw wrong('没有这笔应退款', 'there is no such refund');
  const room = await roomOfLine(trx, county, process, refund.batch_id, refund.line);
  const as = choice === 'credited' ? 'credited' : 'paid';
  await settleRefund(trx, refund, as, dateOf(at), at, by);
  await saySettled(trx, act, context, { id: subject, as }, { at, by });
  if (as !== 'credited' || room === null) return;
  await refreshTallies(trx, { county, process, setting: context.campaign.setting, today: dateOf(at) }, [room.unit]);
  await appendFacts(
    trx,
    county,
    process,
    [{ kind: 'payment.arrived', unit: room.unit, insurance: room.insurance, on: dateOf(at), amount: refund.amount }],
    at,
  );
  await tellTouched(trx, county, at);
}
