import type { Amount, Count, Group, Measure, Milestone, Paper, Report, Rule } from '../../../domain/model/definition.js';
import type { Path } from '../text/problem.js';
import { guessWord } from '../text/guess.js';
import type { Item } from './book.js';
import { elementOf, fieldsOf, guardedActivities, listOf, responsesOf } from './common.js';
import { ACTIVITY_ROWS, ROW_SETS } from '../../../domain/rules/columns.js';
import { placeOfCount } from '../../../domain/rules/figure-types.js';
import type { Place } from '../../../domain/rules/scope.js';
import { Reader, type Ledger } from './reader.js';

type Written<S extends Item['section']> = NonNullable<Item<S>['written']>;

export function groupOf(ledger: Ledger, item: Item<'groups'>, written: Written<'groups'>): Group {
  const reader = Reader.of(ledger, item);
  return {
    ...elementOf(reader, item.id, written),
    by: reader.ref(['by'], ['roles'], written.by),
    if: written.if === undefined ? null : reader.cel(['if'], written.if, { kind: 'row', over: 'identities' }),
    due: written.due === undefined ? null : reader.date(['due'], written.due),
    lateLoses: reader.refs(['lateLoses'], ['amounts'], written.lateLoses),
  };
}

export function amountOf(ledger: Ledger, item: Item<'amounts'>, written: Written<'amounts'>): Amount {
  const reader = Reader.of(ledger, item);
  const over = ROW_SETS.find((set) => set === written.over);
  if (!over)
    reader.tell(['over'], {
      code: 'not-in-list',
      zh: `没有行集“${written.over}”`,
      en: `there is no row set '${written.over}'`,
      expected: ROW_SETS.join(' | '),
      guess: guessWord(written.over, ROW_SETS),
    });
  return {
    ...elementOf(reader, item.id, written),
    over: over ?? 'dues',
    value: reader.cel(['value'], written.value, { kind: 'row', over: over ?? 'dues' }, ['Money', 'int']),
  };
}

export function ruleOf(ledger: Ledger, item: Item<'rules'>, written: Written<'rules'>): Rule {
  const reader = Reader.of(ledger, item);
  if (written.deny === undefined && written.mark === undefined)
    reader.tell(
      [],
      { code: 'missing-key', zh: '规则须写“deny”或“mark”', en: "a rule needs 'deny' or 'mark'", expected: 'deny | mark' },
      'key',
    );
  const guards = reader.ref(['guards'], ['duties'], written.guards, guardedActivities);
  const rows = ACTIVITY_ROWS[guards];
  const place: Place = rows === undefined ? { kind: 'answer', duty: guards } : { kind: 'row', over: rows };
  return {
    ...elementOf(reader, item.id, written),
    guards,
    deny: written.deny === undefined ? null : reader.cel(['deny'], written.deny, place),
    mark: written.mark === undefined ? null : reader.cel(['mark'], written.mark, place),
  };
}

export function countOf(ledger: Ledger, item: Item<'counts'>, written: Written<'counts'>): Count {
  const reader = Reader.of(ledger, item);
  const over = written.over.startsWith('cases.')
    ? reader.ref(['over'], ['cases'], written.over.slice('cases.'.length))
    : reader.ref(['over'], ['duties'], written.over, ROW_SETS);
  return {
    ...elementOf(reader, item.id, written),
    over,
    if: written.if === undefined ? null : reader.cel(['if'], written.if, placeOfCount(over)),
    value: written.value === undefined ? null : reader.cel(['value'], written.value, placeOfCount(over), ['Money', 'int']),
  };
}

/** A count, or `table.column` of a table whose rows are units. */
function figure(reader: Reader, path: Path, written: string): string {
  const [table, column, ...more] = written.split('.');
  if (table === undefined || column === undefined || more.length > 0) return reader.ref(path, ['counts'], written);
  const id = reader.ref(path, ['tables'], table);
  const found = reader.find('tables', id);
  if (!found) return `${id}.${column}`;
  const outputs = Object.keys(found.outputs);
  const type = found.outputs[column];
  if (type === undefined)
    reader.tell(
      path,
      {
        code: 'column-missing',
        zh: `表“${id}”没有输出列“${column}”`,
        en: `table '${id}' has no output '${column}'`,
        expected: outputs.join(', '),
        guess: guessWord(column, outputs),
      },
      'value',
      table.length + 1,
    );
  else if (type !== 'count' && type !== 'money')
    reader.tell(
      path,
      {
        code: 'bad-value',
        zh: `列“${column}”不是数或金额`,
        en: `column '${column}' is neither a count nor money`,
        expected: 'count | money',
      },
      'value',
      table.length + 1,
    );
  if (!Object.values(found.inputs).some((input) => reader.has('levels', input)))
    reader.tell(path, {
      code: 'bad-value',
      zh: `表“${id}”没有单位列，不能作指标`,
      en: `table '${id}' has no column of units`,
      expected: 'inputs: { unit: <level> }',
    });
  return `${id}.${column}`;
}

export function measureOf(ledger: Ledger, item: Item<'measures'>, written: Written<'measures'>): Measure {
  const reader = Reader.of(ledger, item);
  return {
    ...elementOf(reader, item.id, written),
    part: figure(reader, ['part'], written.part),
    whole: written.whole === undefined ? null : figure(reader, ['whole'], written.whole),
    per: written.per ?? null,
    // The default needs the type of the counts, which is known when their expressions have been checked.
    show: written.show ?? 'count',
  };
}

export function milestoneOf(ledger: Ledger, item: Item<'milestones'>, written: Written<'milestones'>): Milestone {
  const reader = Reader.of(ledger, item);
  if (written.reach === undefined && written.needs === undefined)
    reader.tell(
      [],
      { code: 'missing-key', zh: '里程碑须写“reach”或“needs”', en: "a milestone needs 'reach' or 'needs'", expected: 'reach | needs' },
      'key',
    );
  return {
    ...elementOf(reader, item.id, written),
    per: reader.ref(['per'], ['levels'], written.per),
    every: written.every === undefined ? null : reader.rhythm(['every'], written.every),
    due: reader.date(['due'], written.due, reader.roll(['roll'], written.roll)),
    reach: written.reach === undefined ? null : reader.cel(['reach'], written.reach, { kind: 'figures' }),
    needs: reader.refs(['needs'], ['duties'], written.needs),
    strength: written.strength ?? 'must',
    grace: written.grace === undefined ? { kind: 'fixed', n: 0, unit: 'd' } : reader.distance(['grace'], written.grace),
    empty: written.empty ?? 'open',
    met: responsesOf(reader, ['met'], written.met),
    missed: responsesOf(reader, ['missed'], written.missed),
  };
}

export function paperOf(ledger: Ledger, item: Item<'papers'>, written: Written<'papers'>): Paper {
  const reader = Reader.of(ledger, item);
  return { ...elementOf(reader, item.id, written), fields: fieldsOf(reader, ['fields'], written.fields) };
}

export function reportOf(ledger: Ledger, item: Item<'reports'>, written: Written<'reports'>): Report {
  const reader = Reader.of(ledger, item);
  const names = listOf(written.per);
  const levels = names.filter((name) => name !== 'insurance');
  const [level] = levels;
  if (levels.length !== 1 || level === undefined)
    reader.tell(['per'], { code: 'bad-value', zh: '须写一个层级或person', en: 'write one level, or person', expected: 'level | person' });
  const at = typeof written.per === 'string' ? ['per'] : ['per', names.indexOf(level ?? '')];
  return {
    ...elementOf(reader, item.id, written),
    per: level === undefined ? 'person' : reader.ref(at, ['levels'], level, ['person']),
    perInsurance: names.includes('insurance'),
    shows: reader.refs(['shows'], ['measures', 'milestones', 'duties', 'counts', 'papers'], written.shows, ROW_SETS),
    for: reader.refs(['for'], ['roles'], written.for, ['owner', 'person', 'public']),
  };
}
