import type { Trx } from '../../store/connection.js';
import { mergeEntered, stagedEntries, stageIdentity, type IdentityRecording } from '../../store/people/identities.js';
import { isOnRoster } from '../../store/people/daily.js';
import type { ImportWork } from '../imports/context.js';
import { RowGuard } from '../imports/kinds/row-guard.js';
import { dayOf, inMoneyAct, type DailyAct } from './act.js';
import { followIdentities } from './membership.js';
import { refuse } from './refusal.js';

const PAGE = 2_000;

/** Staged entries that break a rule on entering, with its title: asked beside what is certified of the person. */
export async function brokenEntries(
  trx: Trx,
  work: Pick<ImportWork, 'campaign' | 'today'>,
  of: IdentityRecording,
): Promise<readonly { readonly line: number; readonly title: string }[]> {
  const guard = new RowGuard(work, 'enterIdentity');
  const broken: { line: number; title: string }[] = [];
  for (let after = 0; ;) {
    const page = await stagedEntries(trx, of, after, PAGE);
    for (const { line, certified, certifiedBy, attributes, unit, ...row } of page) {
      const title = guard.brokenBy(unit, {
        ...attributes,
        ...row,
        certified: certified === true,
        certifiedBy: certifiedBy ?? '',
        enteredOn: work.today,
      });
      if (title !== null) broken.push({ line, title });
    }
    if (page.length < PAGE) return broken;
    after = page.at(-1)?.line ?? after;
  }
}

export interface EnterIdentity extends DailyAct {
  readonly person: string;
  readonly group: string;
}

/**
 * Enters that a person belongs to a group, on the day of recording. Rules that guard `enterIdentity` refuse (`rule-broken`): in general, whatever no office has certified. What is
 * entered already stays entered on its first day. Errors besides: `unknown-person` (not on the roster), `unknown-group`.
 */
export async function enterIdentity(act: EnterIdentity): Promise<{ readonly entered: boolean }> {
  return inMoneyAct(act, async (trx, campaign) => {
    const { county, process, now } = act;
    const group = campaign.setting.definition.groups[act.group];
    if (group === undefined) throw refuse('unknown-group', '没有这个人群类别', 'there is no such group', { group: act.group });
    if (!(await isOnRoster(trx, county, process, act.person)))
      throw refuse('unknown-person', '名册中没有这个人', 'the person is not on the roster', { person: act.person });
    const of: IdentityRecording = { county, process, at: now, by: act.actor.user, importId: null };
    const today = dayOf(now);
    await stageIdentity(trx, of, act.person, act.group);
    const [broken] = await brokenEntries(trx, { campaign, today }, of);
    if (broken) throw refuse('rule-broken', `不符合规则：${broken.title}`, `breaks the rule '${broken.title}'`, { rule: broken.title });
    const { persons } = await mergeEntered(trx, of, today);
    await followIdentities(trx, { county, process, setting: campaign.setting, today, at: now }, persons);
    return {
      result: { entered: persons.length > 0 },
      audit:
        persons.length === 0
          ? null
          : { action: 'identity.entered', subject: act.person, detail: { process, group: act.group, onBehalfOf: act.actor.onBehalfOf } },
    };
  });
}
