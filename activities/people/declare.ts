import { ageOn } from '../../domain/people/resident-id.js';
import { checkRules, type RuleHit } from '../../domain/rules/check-rules.js';
import type { Row } from '../../domain/rules/values.js';
import { lockDue, type DueRow } from '../../store/payments/book.js';
import { changeTier, isWithBank } from '../../store/payments/tiers.js';
import type { CampaignContext } from '../imports/context.js';
import { refreshTallies } from '../measures/keep-tallies.js';
import { phaseOn } from '../measures/plan.js';
import { blankRow } from '../measures/tally.js';
import { dayOf, inMoneyAct, positive, type DailyAct } from './act.js';
import { payFor } from './membership.js';
import { refuse, ruleBroken } from './refusal.js';

export interface Declare extends DailyAct {
  readonly due: string;
  /** Fen. */
  readonly tier: number;
  readonly reason: string;
}

export interface Declared {
  readonly changed: boolean;
  /** Rules that the tier is marked by. */
  readonly marked: readonly RuleHit[];
}

/**
 * Changes the tier that a person chose, before anything has come in for it (`already-paid`) and while no request about it is with the bank (`with-bank`). Rules that guard `declare`
 * refuse (`rule-broken`) or mark it. The same tier again changes nothing.
 */
export async function declareTier(act: Declare): Promise<Declared> {
  positive(act.tier);
  return inMoneyAct<Declared>(act, async (trx, campaign) => {
    const { county, process, now } = act;
    const due = await lockDue(trx, county, process, act.due);
    if (due === null) throw refuse('unknown-due', '没有这笔应缴', 'there is no such due', { due: act.due });
    const { denied, marked } = checkRules('declare', {
      setting: campaign.setting,
      unit: due.unit,
      today: dayOf(now),
      row: declareRow(campaign, due, act),
    });
    const [broken] = denied;
    if (broken) throw ruleBroken(broken, denied);
    if ((due.tier ?? due.amount) === act.tier) return { result: { changed: false, marked }, audit: null };
    if (due.arrived > 0 || due.collected > 0)
      throw refuse('already-paid', '已缴费，档次不能再改', 'it has been paid: the tier stands', { due: due.due });
    if (await isWithBank(trx, county, process, due.due))
      throw refuse(
        'with-bank',
        '代扣申请在银行处理中，结果回来前不能改档次',
        'a request is with the bank: the tier stands until it has answered',
        { due: due.due },
      );
    await changeTier(trx, { county, process, due: due.due }, { tier: act.tier, reason: act.reason, by: act.actor.user, at: now });
    const target = { county, process, setting: campaign.setting, today: dayOf(now), at: now };
    await payFor(trx, target, { persons: [due.person] });
    await refreshTallies(trx, target, [due.unit]);
    return {
      result: { changed: true, marked },
      audit: {
        action: 'due.declared',
        subject: due.due,
        detail: {
          process,
          from: due.tier,
          to: act.tier,
          reason: act.reason,
          marked: marked.map(({ rule }) => rule),
          onBehalfOf: act.actor.onBehalfOf,
        },
      },
    };
  });
}

function declareRow(campaign: CampaignContext, due: DueRow, { tier, now }: Declare): Row {
  const today = dayOf(now);
  return blankRow('dues', {
    ...due.attributes,
    person: due.person,
    name: due.name,
    unit: due.unit,
    village: due.unitName,
    ...(due.born === null ? {} : { born: due.born, age: ageOn(due.born, today) }),
    groups: due.groups,
    insurance: due.insurance,
    year: due.year,
    tier,
    amount: tier,
    yearSum: tier,
    alreadyPaid: Math.max(due.arrived, due.collected) > 0,
    arrived: due.arrived > 0 && due.arrived >= due.amount,
    phase: phaseOn(campaign.setting, today),
  });
}
