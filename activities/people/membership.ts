import type { Definition } from '../../domain/model/definition.js';
import type { Moment } from '../../domain/model/ids.js';
import { evaluateAmount } from '../../domain/rules/amounts.js';
import { membershipOf, type Identity } from '../../domain/rules/groups.js';
import type { Trx } from '../../store/connection.js';
import { joinedByHash } from '../../store/imports/statistics.js';
import { identitiesEntered, type IdentityEntered } from '../../store/people/identities.js';
import {
  duesAlike,
  putGovernmentPaid,
  putGroups,
  unitsOfPersons,
  type DuesChosen,
  type PersonGroups,
} from '../../store/people/membership.js';
import { refreshTallies, type TallyTarget } from '../measures/keep-tallies.js';
import { columnsUsed, phaseOn } from '../measures/plan.js';
import { blankRow } from '../measures/tally.js';

/** A campaign in which something changes at a business moment. */
export interface MembershipTarget extends TallyTarget {
  readonly at: Moment;
}

const PERSONS = 1_000;
/** The amount of a definition whose value is kept with each due: what the government pays of it. */
const GOVERNMENT_PAID = 'governmentPaid';
/** A cut-off is a day of a phase or a written day: nothing here hangs on other duties. */
const DATES = { dueOf: () => null, doneOf: () => null, fact: () => null };

/**
 * Draws from persons' identities what follows: the groups of what they owe, which of these came late, what the government pays (the definition's amount
 * `governmentPaid`: one tier, the highest), and the figures of their units. Returns how many dues have other groups now.
 */
export async function followIdentities(trx: Trx, target: MembershipTarget, persons: readonly string[]): Promise<number> {
  const { county, process } = target;
  let changed = 0;
  for (let i = 0; i < persons.length; i += PERSONS) {
    const page = persons.slice(i, i + PERSONS);
    const entered = new Map<string, IdentityEntered[]>(page.map((person) => [person, []]));
    for (const one of await identitiesEntered(trx, county, process, page)) entered.get(one.person)?.push(one);
    changed += await putGroups(
      trx,
      target,
      page.map((person) => groupsOf(target, person, entered.get(person) ?? [])),
    );
    await payFor(trx, target, { persons: page });
  }
  await refreshTallies(trx, target, await unitsOfPersons(trx, county, process, persons));
  return changed;
}

function groupsOf({ setting, today }: MembershipTarget, person: string, entered: readonly IdentityEntered[]): PersonGroups {
  const known = entered.filter(({ group }) => setting.definition.groups[group] !== undefined);
  const { members } = membershipOf(setting, known.map(identityOf), today, DATES);
  return {
    person,
    groups: members.map(({ group }) => group).sort(),
    late: members.flatMap(({ group, late }) => (late ? [group] : [])).sort(),
  };
}

const identityOf = (one: IdentityEntered): Identity => ({
  group: one.group,
  certifiedBy: one.certifiedBy,
  enteredOn: one.enteredOn,
  row: blankRow('identities', {
    ...one.attributes,
    person: one.person,
    name: one.name,
    unit: one.unit,
    village: one.village,
    born: one.born,
    group: one.group,
    certified: true,
    certifiedBy: one.certifiedBy,
    entered: true,
    enteredOn: one.enteredOn,
  }),
});

/**
 * Puts on dues what the government pays of them, where the definition says it: of what some persons owe, or of what came in or changed at this moment (`since`). Figures are the
 * caller's to refresh.
 */
export const payFor = (trx: Trx, target: MembershipTarget, chosen: DuesChosen): Promise<void> =>
  'since' in chosen ? joinedByHash(trx, () => payForChosen(trx, target, chosen)) : payForChosen(trx, target, chosen);

async function payForChosen(trx: Trx, target: MembershipTarget, chosen: DuesChosen): Promise<void> {
  const { setting, today } = target;
  const { definition } = setting;
  if (!paidByDefinition(definition)) return;
  const used = columnsUsed(definition, 'dues', [definition.amounts[GOVERNMENT_PAID]?.value ?? null]).columns;
  const by = { columns: [...used].filter((id) => id !== 'phase').sort(), today };
  const phase = phaseOn(setting, today);
  const amounts = (await duesAlike(trx, target, by, chosen)).map(({ key, unit, row }) => ({
    key,
    fen: evaluateAmount(GOVERNMENT_PAID, { setting, unit, today, row: { ...row, phase } }),
  }));
  if (amounts.length > 0) await putGovernmentPaid(trx, target, by, chosen, amounts);
}

/** The definition says what the government pays, so no file does. */
export const paidByDefinition = ({ amounts }: Definition): boolean => amounts[GOVERNMENT_PAID]?.over === 'dues';
