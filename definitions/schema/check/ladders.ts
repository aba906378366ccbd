import type { Definition, Distance, Duty, Ladder, Response, Rhythm } from '../../../domain/model/definition.js';
import { formatDistance, parseDuration } from '../../../domain/calendar/distance.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import type { Path } from '../text/problem.js';

/** About how many days a distance is, for putting rungs in order; a sign alone when its parameter is not set. */
export function roughDays(definition: Definition, distance: Distance): { readonly days: number } | { readonly sign: 1 | -1 } {
  if (distance.kind === 'fixed') return { days: daysIn(distance) };
  const value = definition.parameters[distance.parameter]?.value;
  return typeof value === 'string' ? { days: distance.sign * daysIn(parseDuration(value)) } : { sign: distance.sign };
}

const daysIn = ({ n, unit }: { readonly n: number; readonly unit: 'd' | 'wd' | 'm' | 'y' }): number =>
  n * { d: 1, wd: 1.4, m: 30, y: 365 }[unit];

/** Index of the first rung that stands after one it should precede; -1 when all ascend as far as is known. */
export function rungOutOfOrder(definition: Definition, ladder: Ladder): number {
  const rough = ladder.rungs.map((rung) => roughDays(definition, rung.at));
  return rough.findIndex((now, i) => {
    const before = rough[i - 1];
    if (before === undefined) return false;
    if ('days' in before && 'days' in now) return now.days < before.days;
    if ('days' in now) return 'sign' in before && before.sign > 0 && now.days < 0;
    return now.sign < 0 && ('days' in before ? before.days >= 0 : before.sign > 0);
  });
}

/** Days of the shortest period of a rhythm; null when a parameter decides. */
function shortest(definition: Definition, every: Rhythm): number | null {
  if (every.kind !== 'distance') return { day: 1, month: 28, quarter: 90, year: 365 }[every.kind];
  const rough = roughDays(definition, every.distance);
  return 'days' in rough ? rough.days : null;
}

/** The first rung that comes only after the next period of a duty is due, when that is certain. */
export function rungAfterNextDue(definition: Definition, duty: Duty): number {
  const period = duty.every === null ? null : shortest(definition, duty.every);
  if (period === null) return -1;
  return (definition.ladders[duty.ladder]?.rungs ?? []).findIndex((rung) => {
    const rough = roughDays(definition, rung.at);
    return 'days' in rough && rough.days > period;
  });
}

export function checkLadders(ledger: Ledger, definition: Definition): void {
  const { items } = ledger.book;
  for (const ladder of Object.values(definition.ladders)) {
    const item = items.ladders.get(ladder.id);
    const wrong = rungOutOfOrder(definition, ladder);
    const [now, before] = [ladder.rungs[wrong], ladder.rungs[wrong - 1]];
    if (!item || !now || !before) continue;
    const text = `${formatDistance(now.at)}`;
    Reader.of(ledger, item).tell(['rungs', wrong, 'at'], {
      code: 'rung-order',
      zh: `第${wrong + 1}级（${text}）排在第${wrong}级（${formatDistance(before.at)}）之后`,
      en: `rung ${wrong + 1} (${text}) stands after rung ${wrong} (${formatDistance(before.at)})`,
      expected: `>= ${formatDistance(before.at)}`,
    });
  }
  for (const duty of Object.values(definition.duties)) {
    if (definition.ladders[duty.ladder]?.rungs.length === 0)
      ledgerReader(ledger, duty.id)?.tell(['ladder'], {
        code: 'bad-value',
        zh: `梯次“${duty.ladder}”没有一级：任务须有人催办`,
        en: `ladder '${duty.ladder}' has no rung: nobody would be told of this duty`,
        expected: 'rungs: [{ at: …, tell: … }]',
      });
    const wrong = rungAfterNextDue(definition, duty);
    const rung = definition.ladders[duty.ladder]?.rungs[wrong];
    const item = items.ladders.get(duty.ladder);
    if (rung && item)
      Reader.of(ledger, item).tell(['rungs', wrong, 'at'], {
        code: 'rung-after-next-due',
        zh: `第${wrong + 1}级（${formatDistance(rung.at)}）晚于任务“${duty.id}”下一期的到期日`,
        en: `rung ${wrong + 1} (${formatDistance(rung.at)}) comes after the next due date of '${duty.id}'`,
        expected: '不超过一期 / within one period',
      });
    checkPeople(ledger, definition, duty);
  }
  for (const milestone of Object.values(definition.milestones)) {
    const item = items.milestones.get(milestone.id);
    if (!item) continue;
    const depth = definition.levels[milestone.per]?.depth;
    for (const key of ['met', 'missed'] as const)
      milestone[key].forEach((response, i) => {
        const reader = Reader.of(ledger, item);
        if (response.kind === 'tell' && response.to.includes('owner'))
          reader.tell([key, i, 'tell'], {
            code: 'bad-value',
            zh: '里程碑没有负责人，请写角色',
            en: 'nobody owes a milestone: name a role',
            expected: 'role',
          });
        tellBelow(reader, definition, response, [key, i], depth, milestone.id);
      });
  }
}

/** Depth of a role's level, the deepest of a group of roles; null when unknown. */
function depthOf(definition: Definition, id: string): number | null {
  const role = definition.roles[id];
  if (!role) return null;
  const levels = role.per === null ? role.oneOf.map((one) => definition.roles[one]?.per ?? null) : [role.per];
  const depths = levels.map((level) => (level === null ? null : (definition.levels[level]?.depth ?? null)));
  return depths.includes(null) || depths.length === 0 ? null : Math.max(...depths.filter((one) => one !== null));
}

function rolesOf(response: Response): readonly string[] {
  const to = response.kind === 'tell' ? response.to : [];
  return [...to, ...(response.confirm === null ? [] : [response.confirm])].filter((one) => one !== 'owner' && one !== 'person');
}

/** Where a duty, or the rounds of a deduction, is written. */
function ledgerReader(ledger: Ledger, duty: string): Reader | null {
  const item = ledger.book.items.duties.get(duty) ?? ledger.book.items.deductions.get(duty);
  return item ? Reader.of(ledger, item) : null;
}

/** Owners, and whoever the ladder speaks to, must stand at the unit or above it: below there may be many, or none. */
function checkPeople(ledger: Ledger, definition: Definition, duty: Duty): void {
  const reader = ledgerReader(ledger, duty.id);
  if (reader === null) return;
  definition.ladders[duty.ladder]?.rungs.forEach(({ response }, i) => {
    if (response.kind === 'open' || response.kind === 'retry')
      reader.tell(['ladder'], {
        code: 'later-word',
        zh: `梯次“${duty.ladder}”第${i + 1}级“${response.kind}”只用于办件；目前请用 tell 通知有权办理的人`,
        en: `rung ${i + 1} of ladder '${duty.ladder}' says '${response.kind}', which belongs to cases: for now 'tell' whoever may act`,
        expected: 'tell | flag',
      });
  });
  const depth = definition.levels[duty.per]?.depth;
  if (depth === undefined) return;
  for (const role of duty.owes) {
    const own = depthOf(definition, role);
    if (own !== null && own > depth)
      reader.tell(['owes'], {
        code: 'owner-below',
        zh: `角色“${role}”在“${duty.per}”之下，不能按“${duty.per}”负责`,
        en: `role '${role}' is held below '${duty.per}' and cannot owe one for each ${duty.per}`,
        expected: duty.per,
        guess: definition.roles[role]?.per ?? null,
      });
  }
  const ladder = definition.ladders[duty.ladder];
  ladder?.rungs.forEach((rung, i) => {
    for (const role of rolesOf(rung.response)) {
      const below = depthOf(definition, role);
      if (below !== null && below > depth)
        reader.tell(['ladder'], {
          code: 'recipient-below',
          zh: `梯次“${duty.ladder}”第${i + 1}级通知“${role}”，它在任务所在的“${duty.per}”之下`,
          en: `rung ${i + 1} of ladder '${duty.ladder}' speaks to '${role}', who is below the duty's level '${duty.per}'`,
          expected: '本级或上级的角色 / a role at that level or above',
        });
    }
  });
  duty.missed.forEach((response, i) => tellBelow(reader, definition, response, ['missed', i], depth, duty.id));
}

function tellBelow(reader: Reader, definition: Definition, response: Response, path: Path, depth: number | undefined, id: string): void {
  for (const role of rolesOf(response)) {
    const below = depthOf(definition, role);
    if (depth !== undefined && below !== null && below > depth)
      reader.tell(path, {
        code: 'recipient-below',
        zh: `“${role}”在“${id}”所在层级之下`,
        en: `'${role}' is below the level of '${id}'`,
        expected: '本级或上级的角色 / a role at that level or above',
      });
  }
}
