import { evaluateDate, type DateContext } from '../calendar/evaluate.js';
import type { Group } from '../model/definition.js';
import type { LocalDate } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import { compileExpression } from './expressions.js';
import { RuleError } from './errors.js';
import type { Row } from './values.js';

/** One entry "this person belongs to this group", as it was certified and entered. `row` holds the columns of `identities`. */
export interface Identity {
  readonly group: string;
  readonly certifiedBy: string;
  readonly enteredOn: LocalDate;
  readonly row: Row;
}

/** `late` = entered after the group's due date: the amounts in `loses` do not count the group this year, all others do. */
export type GroupMember = {
  readonly group: string;
  readonly enteredOn: LocalDate;
  readonly late: boolean;
  readonly loses: readonly string[];
};
/** Why an entry gives no membership. */
export interface NotMember {
  readonly group: string;
  readonly code: 'not-certified' | 'condition-not-met';
  readonly zh: string;
  readonly en: string;
}
export interface Membership {
  readonly members: readonly GroupMember[];
  readonly refused: readonly NotMember[];
}

/**
 * Groups a person belongs to. Only the role in `by` certifies (or one of its `oneOf`); the day of entry counts, its due day included
 * . `dates` answers what the due date refers to. Throws RuleError `unknown-group` and what expressions and dates throw.
 */
export function membershipOf(
  setting: Setting,
  identities: readonly Identity[],
  today: LocalDate,
  dates: Omit<DateContext, 'setting' | 'unit'>,
): Membership {
  const members = new Map<string, GroupMember>();
  const refused: NotMember[] = [];
  for (const identity of identities) {
    const group = setting.definition.groups[identity.group];
    if (!group)
      throw new RuleError('unknown-group', `没有群体“${identity.group}”`, `unknown group '${identity.group}'`, { group: identity.group });
    const not = notMember(setting, group, identity, today);
    if (not) refused.push(not);
    else {
      const member = memberOf(setting, group, identity, dates);
      const before = members.get(group.id);
      if (!before || member.enteredOn < before.enteredOn) members.set(group.id, member);
    }
  }
  return { members: [...members.values()], refused };
}

/** The groups an amount may count: all but those entered too late for it. */
export const groupsForAmount = (members: readonly GroupMember[], amount: string): readonly string[] =>
  members.filter(({ late, loses }) => !(late && loses.includes(amount))).map(({ group }) => group);

function notMember(setting: Setting, group: Group, { certifiedBy, row }: Identity, today: LocalDate): NotMember | null {
  const { definition } = setting;
  const may = certifiedBy === group.by || (definition.roles[group.by]?.oneOf.includes(certifiedBy) ?? false);
  if (!may) {
    const by = definition.roles[group.by]?.title ?? group.by;
    return {
      group: group.id,
      code: 'not-certified',
      zh: `“${group.title}”只能由${by}认定`,
      en: `only '${group.by}' certifies '${group.id}'`,
    };
  }
  if (group.if === null) return null;
  const holds = compileExpression(group.if, { kind: 'row', over: 'identities' }, definition).evaluate({ setting, unit: null, today, row });
  return holds === true
    ? null
    : { group: group.id, code: 'condition-not-met', zh: `不符合“${group.title}”的条件`, en: `the condition of '${group.id}' is not met` };
}

function memberOf(setting: Setting, group: Group, { enteredOn }: Identity, dates: Omit<DateContext, 'setting' | 'unit'>): GroupMember {
  const due = group.due === null ? null : evaluateDate(group.due, { ...dates, setting, unit: null });
  const late = due !== null && 'date' in due && enteredOn > due.date;
  return { group: group.id, enteredOn, late, loses: late ? group.lateLoses : [] };
}
