import { afterEach, describe, expect, test } from '@jest/globals';
import { turnRows } from '../../activities/rows/run.js';
import type { Act, Actor, UnitFact } from '../../domain/model/event.js';
import type { LocalDate, Moment, ObligationId, UnitId, UserId } from '../../domain/model/ids.js';
import { verifyAudit } from '../../store/audit.js';
import { openCases, type CaseOpening } from '../../store/cases/openings.js';
import { freedDues } from '../../store/cases/frees.js';
import { rowsStanding } from '../../store/rows/counts.js';
import { appendFacts, rowsTouched } from '../../store/inbox.js';
import { found } from '../support/definitions.js';
import { BANK, BRANCH, OTHER_TOWNSHIP, shuchengSetting, TOWNSHIP } from '../support/shucheng.js';
import { COUNTY } from './given.js';
import { Town } from './given-rows.js';

/* Cases of single persons in the store: opened by what a return file says, joined, acted on by offices, closed by the money, and folded again. */

const towns: Town[] = [];
/** The county after the window, its campaign running since January. */
async function given(persons = 6): Promise<Town> {
  const town = await Town.given(0, { setting: shuchengSetting(), day: '2018-01-02' });
  towns.push(town);
  await town.people(1, persons / 2, 'v1', 20_000);
  await town.people(persons / 2 + 1, persons, 'v3', 20_000);
  await town.launch();
  await town.until('2018-04-11T10:00:00');
  return town;
}
afterEach(async () => {
  for (const town of towns.splice(0)) await town.close();
});

const outcome = (due: string, what: string, round = 1, type: string | null = 'deductionRetry', more = {}): CaseOpening => ({
  id: `b${round}/${due}`,
  type,
  due,
  event: `pensionDeduction.${what}`,
  cause: { round, outcome: what, amount: 20_000, deposited: 0, ...more },
});

/** What posting a return file does: openings and the fact, in one transaction; then the process takes it in. */
async function returned(town: Town, openings: readonly CaseOpening[], facts: readonly UnitFact[] = []): Promise<void> {
  const at = town.state.now;
  await town.store.db.transaction().execute(async (trx) => {
    await openCases(trx, COUNTY, town.process, openings, { at, by: 'system' as UserId });
    await appendFacts(trx, COUNTY, town.process, [rowsTouched('u1' as never, at), ...facts], at);
  });
  await town.facts();
}
async function act(town: Town, id: string, who: Actor, name: string, more: Partial<Extract<Act, { kind: 'step' }>> = {}, actId?: string) {
  const done = await town.onRow(
    id,
    who,
    { kind: 'step', obligation: id as ObligationId, act: name, ...more },
    actId ?? `${id} ${name} ${who.user} ${town.state.seq}`,
  );
  await town.facts();
  return done.ok ? null : done.refusal.code;
}
/** Cases as they stand: `deductionRetry/d1@1 urging open`. */
async function cases(town: Town): Promise<string[]> {
  const rows = await town.sql(
    `select obligation_id as id, body -> 'case' ->> 'state' as state, status, body -> 'case' ->> 'notes' as notes from obligations
     where process_id = $1 and row_id = obligation_id order by 1`,
    [town.process],
  );
  return rows.map(
    ({ id, state, status, notes }) => `${String(id)} ${String(state)} ${String(status)}${notes === '0' ? '' : ` +${String(notes)}`}`,
  );
}
const proof = (fen: number) => ({ answer: { deposited: fen }, evidence: [{ paper: 'depositProof', fields: { amount: fen }, file: null }] });

describe('opened', () => {
  test('by what the bank could not take; the same file told again opens nothing', async () => {
    const town = await given();
    await returned(town, [
      outcome('d1', 'short'),
      outcome('d2', 'short'),
      outcome('d4', 'bare', 1, 'deductionAnomaly', { deposited: 20_000 }),
    ]);
    await returned(town, [outcome('d1', 'short'), outcome('d2', 'short')]);
    expect(await cases(town)).toEqual([
      'deductionAnomaly/d4@1 finding open',
      'deductionRetry/d1@1 urging open',
      'deductionRetry/d2@1 urging open',
    ]);
    expect(town.state.rows?.sums).toEqual({
      deductionAnomaly: { open: 1, late: 0, closed: 0 },
      deductionRetry: { open: 2, late: 0, closed: 0 },
    });
    expect(await town.sql('select count(*)::int as n from case_openings_waiting')).toEqual([{ n: 0 }]);
  });

  test('a second failure joins the case that is open; after it has ended a new one is opened', async () => {
    const town = await given();
    await returned(town, [outcome('d1', 'short')]);
    await act(town, 'deductionRetry/d1@1', TOWNSHIP, 'urge');
    await returned(town, [outcome('d1', 'short', 2)]);
    expect(await cases(town)).toEqual(['deductionRetry/d1@1 urging open +1']);
    await town.paid('d1', 20_000, '2018-04-11');
    await town.facts();
    await town.paid('d1', 0, '');
    await town.facts();
    await returned(town, [outcome('d1', 'short', 3)]);
    expect(await cases(town)).toEqual(['deductionRetry/d1@1 closed done +1', 'deductionRetry/d1@2 urging open']);
  });

  test('where the money is there already the case ends as soon as it is opened', async () => {
    const town = await given();
    await town.paid('d1', 20_000, '2018-04-10');
    await returned(town, [outcome('d1', 'short')]);
    expect(await cases(town)).toEqual(['deductionRetry/d1@1 closed done']);
  });

  test('by money that is owed back, once for a due, and ended when it is settled', async () => {
    const town = await given();
    const told = (id: string, event: string, more = {}): CaseOpening => ({
      id,
      type: null,
      due: 'd1',
      event: `pensionDeduction.${event}`,
      cause: { round: 1, ...more },
    });
    await returned(town, [outcome('d1', 'short')]);
    await returned(town, [told('refund/y1', 'owedBack', { owed: 20_000, why: 'late' })]);
    await returned(town, [told('refund/y2', 'owedBack', { owed: 25_000, why: 'excess' })]);
    expect(await cases(town)).toEqual(['deductionRefund/d1@1 owed open', 'deductionRetry/d1@1 taken open']);
    await returned(town, [told('settled/y2', 'paidBack')]);
    expect(await cases(town)).toEqual(['deductionRefund/d1@1 paid done', 'deductionRetry/d1@1 urging open']);
  });

  test('one case opens another about the same due: a note where it is open, and it hears no event of its own', async () => {
    const town = await given();
    await returned(town, [outcome('d1', 'short', 1, 'deductionRetry', { deposited: 20_000 })]);
    await returned(town, [outcome('d1', 'unknown', 2, 'deductionAnomaly', { deposited: 20_000, code: '99' })]);
    expect(await cases(town)).toEqual(['deductionAnomaly/d1@1 finding open +1', 'deductionRetry/d1@1 handed done']);
    const [row] = await town.sql(
      `select body -> 'case' -> 'fields' as fields, body -> 'case' -> 'opener' ->> 'event' as event from obligations where obligation_id = 'deductionAnomaly/d1@1'`,
    );
    expect(row).toEqual({ event: 'pensionDeduction.unknown', fields: { amount: 20_000, deposited: 20_000, code: '99' } });
  });

  test('in pages of a thousand; killed in the middle of one it goes on with what is left', async () => {
    const town = await given(2_400);
    const openings = Array.from({ length: 2_400 }, (_, i) => outcome(`d${i + 1}`, 'short'));
    town.patient = true;
    await returned(town, openings);
    const effect = found(town.waiting[0], 'turn');
    let pages = 0;
    const store = new Proxy(town.store, {
      get: (real, name) =>
        name === 'db'
          ? new Proxy(real.db, {
              get: (db, of) => {
                // The touched dues are one page; then a page of openings is done, the next fails.
                if (of === 'transaction' && (pages += 1) > 3) throw new Error('killed');
                const member: unknown = Reflect.get(db, of);
                return typeof member === 'function' ? member.bind(db) : member;
              },
            })
          : Reflect.get(real, name),
    });
    await expect(turnRows(store, town.book, { county: COUNTY, process: town.process, effect })).rejects.toThrow('killed');
    const [some] = await town.sql(`select count(*)::int as n from obligations where origin = 'case'`);
    expect([1_000, 2_000]).toContain(some?.['n']);
    await town.turn();
    expect(await town.standing()).toEqual(['deductionRetry open 2400']);
    const [entries] = await town.sql(`select count(*)::int as n from row_journal`);
    expect(entries).toEqual({ n: 2_400 });
  });
});

describe('urged', () => {
  const fact = (event: string, unit: string, round: number, on: string): UnitFact => ({
    kind: 'deduction',
    event: `pensionDeduction.${event}`,
    round,
    unit: unit as UnitId,
    insurance: 'pension',
    on: on as LocalDate,
    persons: 1,
    amount: 20_000,
  });
  const urged = async (town: Town): Promise<string[]> =>
    (await town.sql(`select obligation_id as id, status, due, late from obligations where duty = 'urgeDeposits' order by 1`)).map(
      ({ id, status, due, late }) => `${String(id)} ${String(status)} by ${String(due)}${late === true ? ' late' : ''}`,
    );
  const figures = async (town: Town): Promise<unknown> =>
    town.figures(['urging', 'toDeposit']).then((of) => Object.fromEntries(Object.entries(of).map(([unit, one]) => [unit, { ...one }])));

  test('S1-37 a township owes one thing a round: its persons are counted into it, with what they should deposit', async () => {
    const town = await given();
    await returned(
      town,
      ['d1', 'd2', 'd4'].map((due) => outcome(due, 'short')),
      [fact('short', 'v1', 1, '2018-04-11'), fact('bare', 'v1', 1, '2018-04-11'), fact('short', 'v3', 1, '2018-04-11')],
    );
    expect(await urged(town)).toEqual(['urgeDeposits/u2@2018-04-11 open by 2018-04-16', 'urgeDeposits/u3@2018-04-11 open by 2018-04-16']);
    // 200 yuan each, and 10 yuan that are advised to be more (S1-38).
    expect(await figures(town)).toEqual({ v1: { urging: 2, toDeposit: 42_000 }, v3: { urging: 1, toDeposit: 21_000 } });
    // A second file of the round: counted into what stands.
    await returned(town, [outcome('d3', 'short')], [fact('short', 'v1', 1, '2018-04-11')]);
    expect(await urged(town)).toHaveLength(2);
    // Each person is taken off by a report of the deposit, or by being urged; the last one discharges it.
    expect(await act(town, 'deductionRetry/d1@1', TOWNSHIP, 'deposit', proof(20_000))).toBeNull();
    expect(await act(town, 'deductionRetry/d2@1', TOWNSHIP, 'urge')).toBeNull();
    expect((await urged(town))[0]).toBe('urgeDeposits/u2@2018-04-11 open by 2018-04-16');
    const own = 'urgeDeposits/u2@2018-04-11' as ObligationId;
    expect(await town.act(TOWNSHIP, { kind: 'done', obligation: own })).toBe('engine-act');
    expect(await act(town, 'deductionRetry/d3@1', TOWNSHIP, 'urge')).toBeNull();
    expect(await urged(town)).toEqual(['urgeDeposits/u2@2018-04-11 done by 2018-04-16', 'urgeDeposits/u3@2018-04-11 open by 2018-04-16']);
    // More of the same day after it was discharged: owed again.
    await returned(town, [{ ...outcome('d2', 'short'), id: 'another file' }], [fact('short', 'v1', 1, '2018-04-11')]);
    expect((await urged(town))[1]).toBe('urgeDeposits/u2@2018-04-11.2 open by 2018-04-16');
  });

  test('S1-37 the office is told once, the chief when it is late, nobody of each person; the next run discharges it, late as it is', async () => {
    const town = await given();
    await returned(
      town,
      ['d1', 'd2', 'd4'].map((due) => outcome(due, 'short')),
      [fact('short', 'v1', 1, '2018-04-11'), fact('short', 'v3', 1, '2018-04-11')],
    );
    await town.until('2018-04-20');
    const told = (await town.outbox()).filter((line) => line.includes('urgeDeposits'));
    expect(told).toEqual([
      'dueSoon townshipHr@u2 2018-04-13T08:30:00 urgeDeposits/u2@2018-04-11',
      'dueSoon townshipHr@u3 2018-04-13T08:30:00 urgeDeposits/u3@2018-04-11',
      'overdue townshipHr@u2 2018-04-17T08:30:00 urgeDeposits/u2@2018-04-11',
      'overdue townshipHr@u3 2018-04-17T08:30:00 urgeDeposits/u3@2018-04-11',
      'overdueReport townshipChief@u2 2018-04-19T08:30:00 urgeDeposits/u2@2018-04-11',
      'overdueReport townshipChief@u3 2018-04-19T08:30:00 urgeDeposits/u3@2018-04-11',
    ]);
    expect((await town.outbox()).filter((line) => line.startsWith('case'))).toEqual([]);
    expect(await town.standing()).toContain('deductionRetry open late 3');
    // d1 failed again, d2 was taken, d4 has no answer yet.
    await returned(town, [outcome('d1', 'short', 2)], [fact('short', 'v1', 2, '2018-04-20')]);
    expect(await urged(town)).toEqual([
      'urgeDeposits/u2@2018-04-11 done by 2018-04-16 late',
      'urgeDeposits/u2@2018-04-20 open by 2018-04-25',
      'urgeDeposits/u3@2018-04-11 open by 2018-04-16 late',
    ]);
    // A late answer of the first round joins what stands.
    await returned(town, [], [fact('short', 'v1', 1, '2018-04-20')]);
    expect(await urged(town)).toHaveLength(3);
  });

  test('S1-37 persons stand in the state in which they were on a day', async () => {
    const town = await given();
    await returned(
      town,
      ['d1', 'd2'].map((due) => outcome(due, 'short')),
      [fact('short', 'v1', 1, '2018-04-11')],
    );
    await town.until('2018-04-13T10:00:00');
    expect(await act(town, 'deductionRetry/d1@1', TOWNSHIP, 'urge')).toBeNull();
    expect(await figures(town)).toEqual({ v1: { urging: 1, toDeposit: 21_000 } });
    const query = { county: COUNTY, process: town.process, units: null };
    const on = (day: string) => ({ happenedBy: day as LocalDate, recordedBefore: `${day}T24:00:00` as Moment });
    const states = async (day: string) =>
      (await rowsStanding(town.store.db, { ...query, asOf: on(day) }, 'deductionRetry', ['amount', 'round'])).map(
        ({ state, status, values, rows }) => [state, status, values, rows],
      );
    const values = { amount: 20_000, round: 1 };
    expect(await states('2018-04-10')).toEqual([]);
    expect(await states('2018-04-12')).toEqual([['urging', 'open', values, 2]]);
    expect(await states('2018-04-13')).toEqual([
      ['urging', 'open', values, 1],
      ['waiting', 'open', values, 1],
    ]);
  });

  test('the person alone is told what is missing', async () => {
    const town = await given();
    await returned(town, [outcome('d1', 'short', 1, 'deductionRetry', { deposited: 19_999 })]);
    expect(await act(town, 'deductionRetry/d1@1', TOWNSHIP, 'urge')).toBeNull();
    expect(await town.sql(`select role, obligation_id, fields ->> 'short' as short from outbox where text_id = 'depositMore'`)).toEqual([
      { role: 'person', obligation_id: 'deductionRetry/d1@1', short: '0.01' },
    ]);
  });
});

describe('acted on', () => {
  test('by whom it is owed, once for a key; the left state stays as the obligation that it was', async () => {
    const town = await given();
    await returned(town, [outcome('d1', 'short')]);
    const id = 'deductionRetry/d1@1';
    expect(await act(town, id, OTHER_TOWNSHIP, 'urge')).toBe('not-yours');
    expect(await act(town, id, TOWNSHIP, 'deposit', proof(20_000), 'key-1')).toBeNull();
    expect(await act(town, id, TOWNSHIP, 'deposit', proof(20_000), 'key-1')).toBeNull();
    expect(await freedDues(town.store.db, COUNTY, town.process, 'pensionDeduction')).toEqual([{ due: 'd1', afterRound: 1, extra: true }]);
    expect(await town.sql(`select obligation_id, status, origin, duty from obligations where row_id = $1 order by 1`, [id])).toEqual([
      { obligation_id: id, status: 'open', origin: 'case', duty: 'deductionRetry' },
      { obligation_id: `~entry/${id}/1`, status: 'done', origin: 'case', duty: 'deductionRetry' },
    ]);
    // What the township says is its report of the deposit: the next answer of the bank is routed by it.
    expect(await town.sql(`select deposited::int from dues where due_id = 'd1'`)).toEqual([{ deposited: 20_000 }]);
    expect(await town.sql(`select due_id, amount::int, source, on_date from deposits`)).toEqual([
      { due_id: 'd1', amount: 20_000, source: 'township', on_date: '2018-04-11' },
    ]);
    const board = await town.sql(`select open, done from board where unit_id = 'v1'`);
    expect(board).toMatchObject([{ done: 1 }]);
  });

  test('jointly, and freed for the next round when it is cured; closed when the money is in the ledger', async () => {
    const town = await given();
    await returned(town, [outcome('d1', 'bare', 1, 'deductionAnomaly', { deposited: 20_000 })]);
    const id = 'deductionAnomaly/d1@1';
    const cause = { answer: { finding: '查明', cause: 'accountClosed', remedy: 'bank' } };
    for (const who of [TOWNSHIP, BANK, BRANCH]) expect(await act(town, id, who, 'find', cause)).toBeNull();
    for (const who of [TOWNSHIP, BANK, BRANCH]) expect(await act(town, id, who, 'cure', { reason: '已换账户' })).toBeNull();
    expect(await cases(town)).toEqual([`${id} waiting open`]);
    expect(await freedDues(town.store.db, COUNTY, town.process, 'pensionDeduction')).toEqual([{ due: 'd1', afterRound: 1, extra: false }]);
    await returned(town, [outcome('d1', 'arrived', 2, null)]);
    expect(await cases(town)).toEqual([`${id} waiting open`]);
    await town.paid('d1', 19_999, '2018-04-11');
    await town.facts();
    expect(await cases(town)).toEqual([`${id} waiting open`]);
    await town.paid('d1', 20_000, '2018-04-11');
    await town.facts();
    expect(await cases(town)).toEqual([`${id} closed done`]);
  });
});

test('C-D07 ten lines: six taken, three short, one failed though 260 was deposited', async () => {
  const town = await given(10);
  await returned(town, [
    ...['d7', 'd8', 'd9'].map((due) => outcome(due, 'short')),
    outcome('d10', 'bare', 1, 'deductionAnomaly', { deposited: 26_000 }),
  ]);
  expect(await town.standing()).toEqual(['deductionAnomaly open 1', 'deductionRetry open 3']);
});

test('folding journals and turns gives the same rows, column by column, and the audit vouches for all of it', async () => {
  const town = await given();
  await returned(town, [outcome('d1', 'short'), outcome('d2', 'short'), outcome('d4', 'bare', 1, 'deductionAnomaly')]);
  await act(town, 'deductionRetry/d1@1', TOWNSHIP, 'deposit', proof(20_000));
  await town.until('2018-04-23');
  await returned(town, [outcome('d1', 'unknown', 2, 'deductionAnomaly'), outcome('d2', 'short', 2)]);
  await town.paid('d2', 20_000, '2018-04-22');
  await town.facts();
  const before = await town.dump();
  expect((await town.recorder.verify(COUNTY, town.process)).differs).toEqual([]);
  await town.sql(`update row_counts set rows = rows + 1 where process_id = $1 and state = 'finding'`, [town.process]);
  expect((await town.recorder.verify(COUNTY, town.process)).differs).toEqual(['row_counts']);
  await town.recorder.rebuild(COUNTY, town.process);
  expect(await town.dump()).toEqual(before);
  expect(before.some((line) => line.includes('~entry/deductionRetry/d1@1/1'))).toBe(true);
  expect((await verifyAudit(town.store.db, COUNTY)).violations).toEqual([]);
  const outside = await town.sql('select count(*)::int as n from case_openings');
  await town.recorder.rebuild(COUNTY, town.process);
  expect(await town.sql('select count(*)::int as n from case_openings')).toEqual(outside);
});

test('a stopped campaign withdraws its cases and opens none', async () => {
  const town = await given();
  await returned(town, [outcome('d1', 'short')]);
  await town.act(
    { user: 'p1' as UserId, roles: [{ role: 'hrDepartment', unit: 'u1' as never }], onBehalfOf: null },
    { kind: 'stop', reason: '试运行结束' },
  );
  await returned(town, [outcome('d2', 'short')]);
  expect(await cases(town)).toEqual(['deductionRetry/d1@1 urging withdrawn']);
  expect(town.state.now satisfies Moment).toBe('2018-04-11T10:00:00');
});
