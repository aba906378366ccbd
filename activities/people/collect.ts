import type { ActId, LocalDate, UnitId } from '../../domain/model/ids.js';
import { checkRules, type RuleHit } from '../../domain/rules/check-rules.js';
import type { Row } from '../../domain/rules/values.js';
import { ageOn } from '../../domain/people/resident-id.js';
import { fen, showYuan } from '../../domain/money/fen.js';
import type { Trx } from '../../store/connection.js';
import { claimSlip } from '../../store/evidence.js';
import { nextId } from '../../store/ids.js';
import { appendFacts } from '../../store/inbox.js';
import { matchPaid, postEvents } from '../../store/ledger/post.js';
import { addPayment, creditDue, heldBy, lockDue, paymentByMeaning, type DueRow } from '../../store/payments/book.js';
import { unitById } from '../../store/units/read.js';
import type { CampaignContext } from '../imports/context.js';
import { refreshTallies } from '../measures/keep-tallies.js';
import { phaseOn } from '../measures/plan.js';
import { blankRow } from '../measures/tally.js';
import { causeOf, dayOf, inMoneyAct, notLater, positive, recordingOf, type DailyAct } from './act.js';
import { takeReceipt } from './receipts.js';
import { refuse, ruleBroken } from './refusal.js';

export interface Collect extends DailyAct {
  readonly due: string;
  /** Fen. */
  readonly amount: number;
  readonly on: LocalDate;
  readonly receipt: string | null;
  readonly channel: string | null;
  readonly means: string | null;
}

/**
 * Records money that a collector takes from one person, before it is taken for good: the definition's rules that guard `collect` are asked and
 * a broken one refuses with its title and clause (`rule-broken`); more than is owed is refused (`too-much-for-due`). The receipt comes from a range issued to
 * the unit and is used once. `actor.onBehalfOf`: who collected, when somebody else records it; both names are kept.
 */
export async function recordCollected(act: Collect): Promise<{ readonly payment: string; readonly marked: readonly RuleHit[] }> {
  positive(act.amount);
  notLater(act.on, act.now);
  return inMoneyAct(act, async (trx, campaign) => {
    const { county, process } = act;
    const meaning = `a|${act.actId}`;
    const before = await paymentByMeaning(trx, county, process, meaning);
    if (before !== null) return { result: { payment: before, marked: [] }, audit: null };
    const due = await lockDue(trx, county, process, act.due);
    if (due === null) throw refuse('unknown-due', '没有这笔应缴', 'there is no such due', { due: act.due });
    const verdict = checkRules('collect', {
      setting: campaign.setting,
      unit: due.unit,
      today: act.on,
      row: collectRow(campaign, due, act),
    });
    const [broken] = verdict.denied;
    if (broken) throw ruleBroken(broken, verdict.denied);
    const left = due.amount - Math.max(due.collected, due.arrived);
    if (act.amount > left)
      throw refuse('too-much-for-due', `应缴余额为${showYuan(fen(left))}元，不能多收`, `only ${showYuan(fen(left))} yuan are still owed`, {
        left,
        amount: act.amount,
      });
    if (act.receipt !== null) await takeReceipt(trx, county, process, due.unit, act.receipt);
    const payment = await nextId(trx, county, 'k');
    await addPayment(trx, {
      county,
      process,
      id: payment,
      due: due.due,
      person: due.person,
      unit: due.unit,
      insurance: due.insurance,
      year: due.year,
      amount: act.amount,
      kind: 'collected',
      on: act.on,
      at: act.now,
      source: 'collector',
      meaning,
      by: act.actor.user,
      onBehalfOf: act.actor.onBehalfOf,
      receipt: act.receipt,
      channel: act.channel,
      means: act.means,
    });
    await postEvents(trx, recordingOf(act), [
      {
        kind: 'collected',
        cause: causeOf(payment),
        book: 'personalAccount',
        insurance: due.insurance,
        year: due.year,
        amount: fen(act.amount),
        on: act.on,
        person: due.person,
        unit: due.unit,
      },
    ]);
    await creditDue(trx, county, process, due.due, 'collected', act.amount, act.on);
    await matchPaid(trx, recordingOf(act), payment, due.due, act.on);
    await refreshTallies(trx, { county, process, setting: campaign.setting, today: dayOf(act.now) }, [due.unit]);
    await appendFacts(
      trx,
      county,
      process,
      [{ kind: 'payment.collected', unit: due.unit, insurance: due.insurance, on: act.on, amount: act.amount }],
      act.now,
    );
    return {
      result: { payment, marked: verdict.marked },
      audit: {
        action: 'payment.collected',
        subject: payment,
        detail: { process, due: due.due, amount: act.amount, on: act.on, receipt: act.receipt, onBehalfOf: act.actor.onBehalfOf },
      },
    };
  });
}

export interface Remit extends DailyAct {
  readonly unit: UnitId;
  readonly insurance: string;
  readonly amount: number;
  readonly on: LocalDate;
  /** `dedicated`, `fiscal` or `personal`, as rules on `remit` see it. */
  readonly account: string;
  /** Number of the deposit slip. */
  readonly slip: string | null;
}

/**
 * Records that a unit handed in what it holds. Never more than it holds (`bad-amount`); rules that guard `remit` refuse. A slip is good for one handing-in
 * (`slip-used`), and its number belongs to the obligation that asks for it.
 */
export async function recordRemitted(act: Remit): Promise<{ readonly payment: string }> {
  positive(act.amount);
  notLater(act.on, act.now);
  return inMoneyAct(act, async (trx, campaign) => {
    const { county, process } = act;
    const meaning = `a|${act.actId}`;
    const before = await paymentByMeaning(trx, county, process, meaning);
    if (before !== null) return { result: { payment: before }, audit: null };
    const unit = await unitById(trx, county, act.unit);
    if (unit === null || !unit.path.startsWith(campaign.rootPath))
      throw refuse('unknown-unit', '没有这个单位', 'there is no such unit', { unit: act.unit });
    const held = await heldBy(trx, county, process, act.unit, act.insurance);
    if (act.amount > held)
      throw refuse('bad-amount', `该单位只持有${showYuan(fen(held))}元`, `the unit holds ${showYuan(fen(held))} yuan only`, {
        held,
        amount: act.amount,
      });
    const row = blankRow('held', {
      unit: act.unit,
      insurance: act.insurance,
      amount: act.amount,
      collectedOn: act.on,
      account: act.account,
      receipt: act.slip ?? '',
    });
    const { denied } = checkRules('remit', { setting: campaign.setting, unit: act.unit, today: act.on, row });
    const [broken] = denied;
    if (broken) throw ruleBroken(broken, denied);
    if (act.slip !== null) await takeSlip(trx, campaign, act, act.slip);
    const payment = await nextId(trx, county, 'k');
    await addPayment(trx, { county, process, id: payment, due: null, person: null, unit: act.unit, insurance: act.insurance, year: campaign.year, amount: act.amount, kind: 'remitted', on: act.on, at: act.now, source: 'collector', meaning, by: act.actor.user, onBehalfOf: act.actor.onBehalfOf, receipt: null, externalId: act.slip }); // prettier-ignore
    await postEvents(trx, recordingOf(act), [
      {
        kind: 'remitted',
        cause: causeOf(payment),
        book: 'personalAccount',
        insurance: act.insurance,
        year: campaign.year,
        amount: fen(act.amount),
        on: act.on,
        unit: act.unit,
      },
    ]);
    await refreshTallies(trx, { county, process, setting: campaign.setting, today: dayOf(act.now) }, [act.unit]);
    await appendFacts(
      trx,
      county,
      process,
      [{ kind: 'payment.remitted', unit: act.unit, insurance: act.insurance, on: act.on, amount: act.amount }],
      act.now,
    );
    return {
      result: { payment },
      audit: {
        action: 'payment.remitted',
        subject: payment,
        detail: { process, unit: act.unit, amount: act.amount, on: act.on, slip: act.slip },
      },
    };
  });
}

/** Claims the number in the papers that duties over money held ask for. */
async function takeSlip(trx: Trx, { setting }: CampaignContext, act: Remit, number: string): Promise<void> {
  const { duties, papers } = setting.definition;
  const asking = Object.values(duties).filter(({ over }) => over === 'held');
  const fields = new Set(
    asking.flatMap(({ evidence }) =>
      evidence.flatMap((paper) =>
        (papers[paper]?.fields ?? []).flatMap(({ id, type }) => (type === 'serial' ? [`papers.${paper}.${id}`] : [])),
      ),
    ),
  );
  const { county, process, unit } = act;
  const claim = { county, process, unit, act: act.actId as ActId, duties: asking.map(({ id }) => id), fields: [...fields], number };
  if (!(await claimSlip(trx, claim)))
    throw refuse('slip-used', `缴款单号${number}已经用过`, `slip ${number} has been used`, { slip: number });
}

function collectRow(campaign: CampaignContext, due: DueRow, act: Collect): Row {
  return blankRow('payments', {
    ...due.attributes,
    person: due.person,
    name: due.name,
    unit: due.unit,
    village: due.unitName,
    ...(due.born === null ? {} : { born: due.born, age: ageOn(due.born, act.on) }),
    groups: due.groups,
    insurance: due.insurance,
    year: due.year,
    tier: due.tier ?? due.amount,
    yearSum: Math.max(due.arrived, due.collected) + act.amount,
    alreadyPaid: Math.max(due.arrived, due.collected) > 0,
    amount: act.amount,
    kind: 'collected',
    happenedOn: act.on,
    phase: phaseOn(campaign.setting, act.on),
    channel: act.channel ?? '',
    means: act.means ?? '',
    receipt: act.receipt ?? '',
    onRoster: true,
  });
}
