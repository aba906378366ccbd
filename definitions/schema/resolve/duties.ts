import type { Duty, Publish, RowDuty } from '../../../domain/model/definition.js';
import { guessWord } from '../text/guess.js';
import type { Item } from './book.js';
import { elementOf, fieldsOf, guardedActivities, listOf, perOf, responsesOf } from './common.js';
import { ROW_SETS } from '../../../domain/rules/columns.js';
import { Reader, type Ledger } from './reader.js';

type WrittenDuty = NonNullable<Item<'duties'>['written']>;

/** Events that do not come from an element of the definition. */
export const factEvents = ['payment.collected', 'payment.arrived', 'funds.arrived'] as const;
/** Columns a public list may show beside the unit's levels: never an ID number. */
export const publicColumns = ['name', 'unit', 'insurance', 'year', 'month', 'tier', 'amount'] as const;

export function dutyOf(ledger: Ledger, item: Item<'duties'>, written: WrittenDuty): Duty {
  const reader = Reader.of(ledger, item);
  const { id } = item;
  if (guardedActivities.some((one) => one === id))
    reader.tell(
      [],
      {
        code: 'bad-id',
        zh: `“${id}”是内设办理事项的名称，任务请另取标识`,
        en: `'${id}' is the name of a guarded activity: give the duty another id`,
        expected: `${id}…`,
      },
      'key',
    );
  const aboutPersons = listOf(written.per).includes('due');
  const owes = reader.refs(['owes'], ['roles'], written.owes, aboutPersons ? ['person'] : []);
  const per = aboutPersons ? { level: 'due', perInsurance: listOf(written.per).length > 1 } : perOf(reader, ['per'], written.per);
  if (written.if !== undefined && !aboutPersons)
    reader.tell(
      ['if'],
      { code: 'bad-value', zh: '“if”只用于逐人任务', en: "'if' belongs to a duty about persons", expected: 'per: due' },
      'key',
    );
  const fields = fieldsOf(reader, ['fields'], written.fields);
  checkAnswers(reader, written, Object.keys(written.fields ?? {}));
  const table = reader.maybeRef(['table'], ['tables'], written.table);
  const of = reader.refs(['of'], ['milestones'], written.of);
  checkScore(reader, written, of.length);
  return {
    ...elementOf(reader, id, written),
    owes,
    per: per.level ?? levelOfOwners(reader, owes),
    perInsurance: per.perInsurance,
    during: reader.maybeRef(['during'], ['phases'], written.during),
    every: written.every === undefined ? null : reader.rhythm(['every'], written.every),
    after: listOf(written.after).map((event, i) => eventOf(reader, typeof written.after === 'string' ? ['after'] : ['after', i], event)),
    over: written.over ?? null,
    due: reader.date(['due'], written.due, reader.roll(['roll'], written.roll)),
    dueIf: written.dueIf === undefined ? null : reader.cel(['dueIf'], written.dueIf, { kind: 'held' }),
    doneIf: written.doneIf === undefined || aboutPersons ? null : reader.cel(['doneIf'], written.doneIf, { kind: 'figures' }),
    needs: reader.refs(['needs'], ['duties'], written.needs),
    wants: reader.refs(['wants'], ['duties'], written.wants),
    nil: written.nil ?? null,
    fields,
    compare: written.compare ?? [],
    missed: responsesOf(reader, ['missed'], written.missed),
    items: written.items ?? {},
    evidence: reader.refs(['evidence'], ['papers'], written.evidence),
    gives: reader.refs(['gives'], ['papers', 'reports', 'formats'], written.gives),
    for: reader.refs(['for'], ['roles'], written.for),
    publish: written.publish === undefined ? null : publishOf(reader, written.publish),
    table,
    of,
    checker: reader.maybeRef(['checker'], ['roles'], written.checker),
    ladder: reader.ref(['ladder'], ['ladders'], written.ladder),
    ...(aboutPersons ? { rows: rowsOf(reader, written) } : {}),
  };
}

function rowsOf(reader: Reader, written: WrittenDuty): RowDuty {
  const place = { kind: 'row', over: 'dues' } as const;
  return {
    over: 'dues',
    if: written.if === undefined ? null : reader.cel(['if'], written.if, place),
    doneIf: written.doneIf === undefined ? null : reader.cel(['doneIf'], written.doneIf, place),
  };
}

/** Without `per`: the level of the owing roles, when they all have the same. */
function levelOfOwners(reader: Reader, owes: readonly string[]): string {
  const levels = new Set(
    owes.flatMap((id) => {
      const role = reader.find('roles', id);
      const members = role?.oneOf === undefined ? [role] : role.oneOf.map((one) => reader.find('roles', reader.named(one)));
      return members.flatMap((one) => (one?.per === undefined ? [] : [one.per]));
    }),
  );
  const [level] = levels;
  if (levels.size > 1)
    reader.tell(
      [],
      {
        code: 'missing-key',
        zh: `负责角色在不同层级（${[...levels].join('、')}），须写“per”`,
        en: `the owing roles are held at different levels (${[...levels].join(', ')}): write 'per'`,
        expected: 'per: …',
        guess: [...levels].at(-1) ?? null,
      },
      'key',
    );
  return level ?? '';
}

export function eventOf(reader: Reader, path: (string | number)[], written: string): string {
  if (factEvents.some((event) => event === written)) return written;
  const [name = '', what, ...more] = written.split('.');
  const id = reader.named(name);
  const has = (section: 'duties' | 'milestones' | 'phases' | 'ladders'): boolean => reader.has(section, id);
  const forbidden = [...reader.ledger.book.items.forbid.values()].some((item) => item.written?.of.includes(id));
  if (more.length === 0) {
    if (what === undefined && has('ladders')) return reader.ref(path, ['ladders'], name);
    if ((what === 'done' || what === 'late') && has('duties')) return `${id}.${what}`;
    if ((what === 'met' || what === 'missed') && has('milestones')) return `${id}.${what}`;
    if ((what === 'opened' || what === 'ended') && has('phases')) return `${id}.${what}`;
    if (what === 'reported' && forbidden) return `${id}.${what}`;
  }
  if (more.length === 0 && what !== undefined && deductionEvents(reader, id).includes(what)) return `${id}.${what}`;
  const { items } = reader.ledger.book;
  const known = [
    ...factEvents,
    ...[...items.deductions.keys()].flatMap((one) => deductionEvents(reader, one).map((told) => `${one}.${told}`)),
    ...[...items.duties.keys()].flatMap((one) => [`${one}.done`, `${one}.late`]),
    ...[...items.milestones.keys()].flatMap((one) => [`${one}.met`, `${one}.missed`]),
    ...[...items.phases.keys()].flatMap((one) => [`${one}.opened`, `${one}.ended`]),
  ];
  reader.tell(path, {
    code: 'unknown-event',
    zh: `没有事件“${written}”`,
    en: `unknown event '${written}'`,
    expected: `${factEvents.join(' | ')} | deduction.sent | deduction.returned | deduction.<outcome> | duty.done | duty.late | milestone.met | milestone.missed | phase.opened | phase.ended`,
    guess: guessWord(written, known),
  });
  return written;
}

/** What a deduction tells: its rounds, and each outcome. */
export function deductionEvents(reader: Reader, id: string): readonly string[] {
  const item = reader.ledger.book.items.deductions.get(id);
  return item === undefined ? [] : ['sent', 'returned', ...Object.keys(item.written?.outcomes ?? {}), 'done', 'late'];
}

function checkAnswers(reader: Reader, written: WrittenDuty, fields: readonly string[]): void {
  if (written.nil !== undefined && fields.length === 0)
    reader.tell(
      ['nil'],
      { code: 'fields-missing', zh: '写了“nil”就须写“fields”', en: "'nil' needs 'fields'", expected: 'fields: { … }' },
      'key',
    );
  if (written.compare !== undefined && fields.length === 0)
    reader.tell(
      ['compare'],
      { code: 'fields-missing', zh: '写了“compare”就须写“fields”', en: "'compare' needs 'fields'", expected: 'fields: { … }' },
      'key',
    );
  else
    written.compare?.forEach((name, i) => {
      if (!fields.includes(name))
        reader.tell(['compare', i], {
          code: 'unknown-field',
          zh: `“fields”中没有“${name}”`,
          en: `'${name}' is not in 'fields'`,
          expected: fields.join(', '),
          guess: guessWord(name, fields),
        });
    });
  if (written.compare !== undefined && listOf(written.owes).length < 2)
    reader.tell(
      ['compare'],
      {
        code: 'bad-value',
        zh: '只有一方负责，没有可比的',
        en: 'only one party owes it: there is nothing to compare',
        expected: 'owes: [a, b]',
      },
      'key',
    );
  if (written.missed !== undefined && written.compare === undefined)
    reader.tell(
      ['missed'],
      { code: 'bad-value', zh: '任务的“missed”只用于“compare”', en: "'missed' of a duty goes with 'compare'", expected: 'compare: […]' },
      'key',
    );
}

function checkScore(reader: Reader, written: WrittenDuty, milestones: number): void {
  if ((written.table === undefined) !== (written.of === undefined))
    reader.tell(
      [written.table === undefined ? 'of' : 'table'],
      { code: 'missing-key', zh: '“table”和“of”须一起写', en: "'table' and 'of' go together", expected: 'table, of' },
      'key',
    );
  const inputs = written.table === undefined ? undefined : reader.find('tables', reader.named(written.table))?.inputs;
  if (!inputs || written.of === undefined) return;
  const types = Object.values(inputs);
  if (types.length !== milestones || types.some((type) => type !== 'result'))
    reader.tell(['of'], {
      code: 'bad-value',
      zh: `表“${written.table}”须有${milestones}个result输入列`,
      en: `table '${written.table}' must have ${milestones} inputs of type result`,
      expected: 'result',
    });
}

function publishOf(reader: Reader, written: NonNullable<WrittenDuty['publish']>): Publish {
  const over = ROW_SETS.find((set) => set === written.over);
  if (!over)
    reader.tell(['publish', 'over'], {
      code: 'not-in-list',
      zh: `没有行集“${written.over}”`,
      en: `there is no row set '${written.over}'`,
      expected: ROW_SETS.join(' | '),
      guess: guessWord(written.over, ROW_SETS),
    });
  const known = [...publicColumns, ...reader.ledger.book.items.levels.keys()];
  written.shows.forEach((column, i) => {
    if (!known.includes(column))
      reader.tell(['publish', 'shows', i], {
        code: 'not-in-list',
        zh: `公示不能含“${column}”`,
        en: `a posted list cannot show '${column}'`,
        expected: known.join(', '),
        guess: guessWord(column, known),
      });
  });
  return {
    over: over ?? 'dues',
    if: written.if === undefined ? null : reader.cel(['publish', 'if'], written.if, { kind: 'row', over: over ?? 'dues' }),
    shows: written.shows,
    days: daysOf(reader, written.days),
  };
}

function daysOf(reader: Reader, written: number | string): Publish['days'] {
  if (typeof written === 'number') return written;
  const name = /^\$([A-Za-z]\w*)$/.exec(written)?.[1];
  if (name === undefined) {
    reader.tell(['publish', 'days'], {
      code: 'bad-value',
      zh: `“${written}”不是天数`,
      en: `'${written}' is not a number of days`,
      expected: '10 | $parameter',
    });
    return 0;
  }
  const parameter = reader.parameter(['publish', 'days'], name);
  reader.parameterType(['publish', 'days'], parameter, ['count']);
  return { parameter };
}
