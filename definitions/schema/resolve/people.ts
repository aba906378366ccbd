import type { Apart, Forbidden, Grant, Level, Parameter, Role, Value } from '../../../domain/model/definition.js';
import { guessWord } from '../text/guess.js';
import { elementOf, listOf, typeOf } from './common.js';
import type { Item } from './book.js';
import { Reader, type Ledger } from './reader.js';
import { readValue } from './values.js';

/** Acts that exist for every obligation or campaign; only who is named in `may` has them (`suspend` and `pause` also end what they began). */
export const builtInActs = [
  'waive',
  'extend',
  'suspend',
  'pause',
  'stop',
  'markBeforeLaunch',
  'judge',
  'correctSnapshot',
  'recordFor',
  'assign',
  'seePersons',
  'declare',
  'enterIdentity',
  'reportDeposit',
  'amendTables',
  'amendParameters',
  'amendPhases',
  'amendUnits',
  'amendCalendar',
  'makeRun',
  'settleUnknown',
] as const;
const laterActs = ['merge', 'attach', 'reopen', 'correct'];

type Written<S extends Item['section']> = NonNullable<Item<S>['written']>;

export function levelOf(ledger: Ledger, item: Item<'levels'>, written: Written<'levels'>): Level {
  const reader = Reader.of(ledger, item);
  if (item.id === 'due')
    reader.tell(
      [],
      {
        code: 'bad-id',
        zh: '“due”表示逐人（每笔应缴一份），层级请另取标识',
        en: "'due' means one for each person's due: give the level another id",
        expected: 'village',
      },
      'key',
    );
  const under = reader.maybeRef(['under'], ['levels'], written.under);
  const above: string[] = [];
  for (let at = under; at !== null && !above.includes(at); at = reader.find('levels', at)?.under ?? null) above.push(at);
  if (above.includes(item.id)) {
    const chain = [item.id, ...above.slice(0, above.indexOf(item.id) + 1)].join(' -> ');
    reader.tell(['under'], { code: 'level-circle', zh: `层级互为上级：${chain}`, en: `levels stand under each other: ${chain}` });
  }
  return {
    ...elementOf(reader, item.id, written),
    under,
    depth: above.length,
    table: reader.maybeRef(['table'], ['tables'], written.table),
  };
}

export function roleOf(ledger: Ledger, item: Item<'roles'>, written: Written<'roles'>): Role {
  const reader = Reader.of(ledger, item);
  const oneOf = reader.refs(['oneOf'], ['roles'], written.oneOf);
  if (written.per === undefined && oneOf.length === 0)
    reader.tell(
      [],
      { code: 'missing-key', zh: '角色须写“per”（层级）或“oneOf”', en: "a role needs 'per' (its level) or 'oneOf'", expected: 'per: …' },
      'key',
    );
  if (written.per !== undefined && oneOf.length > 0)
    reader.tell(
      ['oneOf'],
      { code: 'bad-value', zh: '“per”和“oneOf”只能写一个', en: "only one of 'per' and 'oneOf'", expected: 'per | oneOf' },
      'key',
    );
  oneOf.forEach((id, i) => {
    if (reader.find('roles', id)?.oneOf !== undefined)
      reader.tell(['oneOf', i], {
        code: 'role-circle',
        zh: `“${id}”本身也是一组角色`,
        en: `'${id}' is itself a group of roles`,
        expected: 'roles with per',
      });
  });
  return {
    ...elementOf(reader, item.id, written),
    per: oneOf.length > 0 ? null : reader.maybeRef(['per'], ['levels'], written.per),
    oneOf,
    most: written.most ?? null,
    evidence: reader.refs(['evidence'], ['papers'], written.evidence),
  };
}

export function parameterOf(ledger: Ledger, item: Item<'parameters'>, written: Written<'parameters'>): Parameter {
  const reader = Reader.of(ledger, item);
  const type = typeOf(reader, ['type'], written.type);
  const given = ledger.book.values.get(item.id);
  let value: Value | null = null;
  const raw = given?.value ?? written.value;
  if (raw !== undefined) {
    const read = readValue(type, raw);
    if (read.ok) value = read.value;
    else {
      const said = { code: 'bad-value', zh: read.zh, en: read.en, expected: type } as const;
      if (given) ledger.problems.push(given.source.problem(given.path, said));
      else reader.tell(['value'], said);
    }
    if (read.ok && type === 'phase' && typeof read.value === 'string') value = reader.ref(['value'], ['phases'], read.value);
  }
  const codes = written.codes ?? {};
  if (type === 'code' && Object.keys(codes).length === 0)
    reader.tell([], { code: 'missing-key', zh: '类型是code，须列出codes', en: 'type code needs codes', expected: 'codes: { … }' }, 'key');
  if (type === 'code' && typeof value === 'string' && !(value in codes))
    reader.tell(['value'], {
      code: 'not-in-list',
      zh: `“${value}”不在codes中`,
      en: `'${value}' is not in codes`,
      expected: Object.keys(codes).join(' | '),
      guess: guessWord(value, Object.keys(codes)),
    });
  return {
    ...elementOf(reader, item.id, written),
    type,
    value,
    per: reader.maybeRef(['per'], ['levels'], written.per),
    reach: reachOf(reader, item.id, written, type),
    codes,
  };
}

/** `>= 200` as a condition on `value`: `value >= yuan("200")` for money. */
function reachOf(reader: Reader, id: string, written: Written<'parameters'>, type: Parameter['type']): string | null {
  const { reach } = written;
  if (reach === undefined) return null;
  const found = /^(>=|<=|>|<)\s*(\d+(?:\.\d+)?)$/.exec(reach.trim());
  const bound = found?.[2] ?? '';
  const limit = type === 'money' ? `yuan("${bound}")` : type === 'percent' ? `percent("${bound}")` : type === 'count' ? bound : null;
  if (!found || limit === null) {
    reader.tell(['reach'], {
      code: 'bad-value',
      zh: `“${reach}”不是有效的范围`,
      en: `'${reach}' is not a bound`,
      expected: '">= 200", "<= 30" (money, count, percent)',
    });
    return null;
  }
  if (written.per === undefined)
    reader.tell(['reach'], { code: 'bad-value', zh: '写了“reach”就须写“per”', en: "'reach' needs 'per'", expected: 'per: …' }, 'key');
  return reader.cel(['reach'], `value ${found[1]} ${limit}`, { kind: 'parameter', parameter: id });
}

export function grantOf(ledger: Ledger, item: Item<'may'>, written: Written<'may'>): Grant {
  const reader = Reader.of(ledger, item);
  if (laterActs.includes(item.id))
    reader.tell(
      [],
      {
        code: 'later-word',
        zh: `本版本还不认识“${item.id}”：只用于办件`,
        en: `this version does not know '${item.id}' yet: it belongs to cases`,
        expected: builtInActs.join(', '),
      },
      'key',
    );
  else if (!builtInActs.some((act) => act === item.id) && !item.id.startsWith('lookUp'))
    reader.tell(
      [],
      {
        code: 'unknown-act',
        zh: `没有内设办理“${item.id}”`,
        en: `there is no built-in act '${item.id}'`,
        expected: [...builtInActs, 'lookUp…'].join(', '),
        guess: guessWord(item.id, builtInActs),
      },
      'key',
    );
  const sections =
    item.id === 'amendTables'
      ? (['tables'] as const)
      : item.id === 'amendParameters'
        ? (['parameters'] as const)
        : item.id === 'amendPhases'
          ? (['phases'] as const)
          : (['duties', 'milestones', 'tables', 'papers'] as const);
  const by = reader.refs(['by'], ['roles'], written.by);
  if (by.length === 0) reader.tell([], { code: 'missing-key', zh: '缺少“by”', en: "'by' is missing", expected: 'by: role' }, 'key');
  return {
    ...elementOf(reader, item.id, written),
    by,
    of: reader.refs(['of'], sections, written.of),
    effect: written.effect ?? (item.id === 'extend' ? 'newDate' : null),
    evidence: reader.refs(['evidence'], ['papers'], written.evidence),
    most: written.most ?? null,
    confirm: reader.maybeRef(['confirm'], ['roles'], written.confirm),
    asks: written.asks ?? [],
  };
}

export function forbiddenOf(ledger: Ledger, item: Item<'forbid'>, written: Written<'forbid'>): Forbidden {
  const reader = Reader.of(ledger, item);
  return {
    ...elementOf(reader, item.id, written),
    by: listOf(written.by).includes('anyone') ? 'anyone' : reader.refs(['by'], ['roles'], written.by),
    of: written.of,
  };
}

/** Only what a person does as a duty can be held apart. A round is done by a file, and whoever has it made is held to two people where it is granted. */
export function apartOf(ledger: Ledger, item: Item<'apart'>, written: Written<'apart'>): Apart {
  const reader = Reader.of(ledger, item);
  const of = written.of.flatMap((name, i) => {
    const round = ledger.book.items.deductions.has(name);
    if (!round && (ledger.book.items.duties.has(name) || !builtInActs.some((act) => act === name)))
      return [reader.ref(['of', i], ['duties'], name)];
    const grant = round ? 'makeRun' : name;
    reader.tell(['of', i], {
      code: 'bad-value',
      zh: `“apart”只分开任务，“${name}”${round ? '的各轮由文件办结' : '是内设办理'}：要由两人办理，请在“may.${grant}”中写“confirm”`,
      en: `'apart' holds duties apart; '${name}' is ${round ? 'done by a file' : 'a built-in act'}: have a second person confirm it`,
      expected: `may: { ${grant}: { by: …, confirm: … } }`,
    });
    return [];
  });
  return { ...elementOf(reader, item.id, written), of };
}
