import type { Deduction, Outcome } from '../../../domain/model/deduction.js';
import type { Duty } from '../../../domain/model/definition.js';
import type { Item } from './book.js';
import { elementOf } from './common.js';
import { Reader, type Ledger } from './reader.js';

type WrittenDeduction = NonNullable<Item<'deductions'>['written']>;
const ROW = { kind: 'row', over: 'dues' } as const;

/** Reads a deduction: references and defaults. What concerns its formats, codes and routes together is checked in `check/deductions.ts`. */
export function deductionOf(ledger: Ledger, item: Item<'deductions'>, written: WrittenDeduction): Deduction {
  const reader = Reader.of(ledger, item);
  const [request = ''] = reader.refs(['gives'], ['formats'], written.gives);
  if (written.gives.length > 1)
    reader.tell(['gives', 1], {
      code: 'bad-value',
      zh: '请求文件只有一种格式',
      en: 'a deduction has one format of request',
      expected: 'gives: [format]',
    });
  return {
    ...elementOf(reader, item.id, written),
    over: written.over,
    if: reader.cel(['if'], written.if, ROW),
    owes: reader.ref(['owes'], ['roles'], written.owes),
    during: reader.ref(['during'], ['phases'], written.during),
    every: reader.rhythm(['every'], written.every),
    due: reader.date(['due'], written.due, reader.roll(['roll'], written.roll)),
    ladder: reader.ref(['ladder'], ['ladders'], written.ladder),
    request,
    return: reader.ref(['takes'], ['formats'], written.takes),
    most: written.most ?? null,
    within: written.within ?? null,
    margin: written.margin === undefined ? null : reader.moneyParameter(['margin'], written.margin),
    outcomes: Object.fromEntries(
      Object.entries(written.outcomes).map(([id, outcome]): [string, Outcome] => {
        const at = ['outcomes', id];
        return [
          id,
          {
            id,
            title: outcome.title ?? id,
            class: outcome.class,
            if: outcome.if === undefined ? null : reader.cel([...at, 'if'], outcome.if, ROW),
            open: reader.maybeRef([...at, 'open'], ['cases'], outcome.open),
            else: reader.maybeRef([...at, 'else'], ['cases'], outcome.else),
          },
        ];
      }),
    ),
  };
}

/** Its rounds are obligations of the bank: a duty of the same id, discharged by a request having been sent. */
export function roundsOf(ledger: Ledger, item: Item<'deductions'>, written: WrittenDeduction, deduction: Deduction): Duty {
  const { id, title, clause, readings, owes, during, every, due, ladder, request } = deduction;
  const role = Reader.of(ledger, item).find('roles', owes);
  if (role !== null && role.per === undefined)
    Reader.of(ledger, item).tell(['owes'], {
      code: 'bad-value',
      zh: `代扣由一个角色负责，“${written.owes}”是一组角色`,
      en: `one role owes a deduction, '${written.owes}' is a group of roles`,
      expected: 'role',
    });
  return {
    id,
    title,
    clause,
    readings,
    owes: [owes],
    per: role?.per ?? '',
    perInsurance: false,
    during,
    every,
    after: [],
    over: null,
    due,
    dueIf: null,
    doneIf: null,
    needs: [],
    wants: [],
    nil: null,
    fields: [],
    compare: [],
    missed: [],
    items: {},
    evidence: [],
    gives: [request],
    for: [],
    publish: null,
    table: null,
    of: [],
    checker: null,
    ladder,
    rounds: true,
  };
}
