import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clearBatch } from '../../activities/deductions/clear.js';
import { confirmSettlement, dropSettlement, proposeSettlement, type Propose } from '../../activities/deductions/settle.js';
import { openProposals, unsettled } from '../../store/lists/settlements.js';
import { all, clerk, COUNTY, day, DEDUCTION, givenCounty, moment, officer, paidOtherwise as paid, type County } from './given.js';

/* What files leave open is settled by two people; the bank's money comes to the fen or is not booked. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

const AT = moment('2018-04-10');
const PROOF = [{ paper: 'depositProof', fields: { amount: 20_000 }, file: null }];
const propose = (kind: Propose['kind'], subject: string, choice: string, evidence: Propose['evidence'] = kind === 'line' ? PROOF : []) =>
  proposeSettlement(county.parts, { ...county.of, kind, subject, choice, reason: '与银行核对', evidence, at: AT, by: clerk });
const confirm = (decision: string, by = officer) => confirmSettlement(county.parts, { ...county.of, decision, at: AT, by });
const settle = async (kind: Propose['kind'], subject: string, choice: string) => confirm((await propose(kind, subject, choice)).decision);
const refused = (work: Promise<unknown>, code: string) => expect(work).rejects.toMatchObject({ code });
async function batchOf(persons: number): Promise<{ readonly batch: string; readonly dues: readonly string[] }> {
  const dues = await county.people(Array.from({ length: persons }, () => ({})));
  return { batch: await county.made('2018-04-02'), dues };
}
const clear = (batch: string, amount: number, reference: string) =>
  clearBatch(county.parts, { ...county.of, batch, amount, on: day('2018-04-09'), reference, at: AT, by: clerk });
/** What the cases of a batch's dues are told of refunds: `owedBack y7 15000 excess`. */
const told = async (batch: string): Promise<readonly string[]> => {
  const rows = await county.rows(
    `select concat_ws(' ', event, cause ->> 'owed', cause ->> 'why') as told from case_openings
     where case_type is null and (event like '%Back' or event like '%.credited') and cause ->> 'batch' = $1 order by n`,
    batch,
  );
  return rows.map((row) => String(row['told']));
};
const EVERYWHERE = ['/u1/'];
/** What waits for two people: `kind subject stands said`. */
const waiting = async (batch: string): Promise<readonly string[]> => {
  const found = await unsettled(county.store.db, COUNTY, county.process, DEDUCTION, EVERYWHERE, 1_000);
  return found.flatMap((one) => (one.batch === batch ? [`${one.kind} ${one.subject} ${one.stands} ${one.said ?? '-'}`] : []));
};
const proposed = async (batch: string): Promise<readonly string[]> => {
  const found = await openProposals(county.store.db, COUNTY, county.process, DEDUCTION, EVERYWHERE);
  return found.flatMap((one) => (one.batch === batch ? [`${one.kind} ${one.subject} ${one.standing} ${one.said ?? '-'}`] : []));
};
const paidOtherwise = (due: string, amount: number) => paid(county, due, amount, '2018-04-05');
const refundOf = async (batch: string): Promise<string> => {
  const [found] = await county.rows('select refund_id from deduction_refunds where batch_id = $1', batch);
  return String(found?.['refund_id']);
};

describe('a line without a definite answer', () => {
  test('is settled by two people, never by one', async () => {
    const { batch } = await batchOf(2);
    await county.returned('2018-04-04', batch, [{ line: 1, code: '9X' }]);
    expect(await waiting(batch)).toEqual([`line ${batch}/1 unknown 9X`]);
    const { decision } = await propose('line', `${batch}/1`, 'arrived');
    expect(await proposed(batch)).toEqual([`line ${batch}/1 unknown -`]);
    await refused(propose('line', `${batch}/1`, 'short'), 'already-settled');
    await refused(confirm(decision, clerk), 'same-person');
    await confirm(decision);
    expect([await waiting(batch), await proposed(batch)]).toEqual([[], []]);
    await refused(confirm(decision), 'already-settled');
    // A line that no file answered may be settled too; a definite one may not.
    await settle('line', `${batch}/2`, 'short');
    await refused(propose('line', `${batch}/1`, 'short'), 'already-settled');
    await refused(propose('line', `${batch}/2`, 'unknown'), 'wrong-choice');
    await refused(propose('line', `${batch}/9`, 'short'), 'unknown-batch');
    for (const line of ['3000000000', '9'.repeat(40), '']) await refused(propose('line', `${batch}/${line}`, 'short'), 'unknown-batch');
    expect(
      await county.rows(`select kind, count(*)::int as n from deduction_returns where batch_id = $1 group by 1 order by 1`, batch),
    ).toEqual([
      { kind: 'decision', n: 2 },
      { kind: 'file', n: 1 },
    ]);
    expect(await county.verified()).toBeNull();
  });

  test('is settled on the papers that the definition asks for, which the second person sees', async () => {
    const { batch } = await batchOf(1);
    const without = propose('line', `${batch}/1`, 'arrived', []);
    await expect(without).rejects.toMatchObject({ code: 'evidence-refused', params: { because: 'evidence-missing' } });
    const bare = propose('line', `${batch}/1`, 'arrived', [{ paper: 'depositProof', fields: {}, file: null }]);
    await expect(bare).rejects.toMatchObject({ code: 'evidence-refused', params: { because: 'fields-missing' } });
    const { decision } = await propose('line', `${batch}/1`, 'arrived');
    expect(await county.rows('select evidence from deduction_decisions where decision_id = $1', decision)).toEqual([{ evidence: PROOF }]);
    await confirm(decision);
  });

  test('a proposal that is taken back has no effect', async () => {
    const { batch } = await batchOf(1);
    const { decision } = await propose('line', `${batch}/1`, 'arrived');
    await dropSettlement(county.parts, { ...county.of, decision, at: AT, by: clerk });
    await refused(confirm(decision), 'already-settled');
    expect(await county.rows('select count(*)::int as n from deduction_outcomes where batch_id = $1', batch)).toEqual([{ n: 0 }]);
  });
});

describe('an answer that contradicts a definite one', () => {
  test('may be set aside, or take the success back while its money has not come', async () => {
    const { batch } = await batchOf(2);
    await county.returned('2018-04-04', batch, all(2, 'arrived'));
    await county.returned('2018-04-05', batch, all(2, 'account'), 2);
    const [{ return_id: from } = {}] = await county.rows('select distinct return_id from deduction_quarantine where batch_id = $1', batch);
    expect(await waiting(batch)).toEqual([1, 2].map((line) => `quarantine ${batch}/${line}/${String(from)} success account`));
    const { decision } = await propose('quarantine', `${batch}/1/${String(from)}`, 'keep');
    // Whoever confirms sees both sides.
    expect(await proposed(batch)).toEqual([`quarantine ${batch}/1/${String(from)} success account`]);
    await confirm(decision);
    await refused(propose('quarantine', `${batch}/2/${String(from)}`, 'taken'), 'wrong-choice');
    await settle('quarantine', `${batch}/2/${String(from)}`, 'reverse');
    expect(await county.verified()).toBeNull();
    await refused(clear(batch, 40_000, 'Q1'), 'clearing-differs');
    await clear(batch, 20_000, 'Q1');
    expect(await county.verified()).toBeNull();
  });

  test('of a failure may be a success after all: it is owed back', async () => {
    const { batch } = await batchOf(1);
    await county.returned('2018-04-04', batch, all(1, 'account'));
    await county.returned('2018-04-05', batch, all(1, 'duplicate'), 2);
    const [{ return_id: from } = {}] = await county.rows('select return_id from deduction_quarantine where batch_id = $1', batch);
    await settle('quarantine', `${batch}/1/${String(from)}`, 'taken');
    expect(await county.rows('select why, amount from deduction_refunds where batch_id = $1', batch)).toEqual([
      { why: 'late', amount: 20_000 },
    ]);
    expect(await county.verified()).toBeNull();
  });
});

describe('the bank’s money', () => {
  test('is booked when it is what the returns say, once for a slip; the difference is named', async () => {
    const { batch, dues } = await batchOf(3);
    await refused(clear(batch, 40_000, 'C1'), 'nothing-to-clear');
    await county.returned('2018-04-04', batch, [{ line: 1 }, { line: 2 }, { line: 3, outcome: 'short' }]);
    await expect(clear(batch, 39_999, 'C1')).rejects.toMatchObject({
      code: 'clearing-differs',
      params: { expected: 40_000, found: 39_999, difference: -1 },
    });
    await refused(
      clearBatch(county.parts, { ...county.of, batch, amount: 40_000, on: day('2018-04-11'), reference: 'C1', at: AT, by: clerk }),
      'bad-date',
    );
    await clear(batch, 40_000, 'C1');
    await refused(clear(batch, 40_000, 'C1'), 'reference-used');
    await refused(clear(batch, 40_000, 'C2'), 'nothing-to-clear');
    expect(await county.rows('select arrived from dues where due_id = any($1) order by due_id', dues)).toEqual([
      { arrived: 20_000 },
      { arrived: 20_000 },
      { arrived: 0 },
    ]);
    expect(await county.verified()).toBeNull();
  });

  test('for what the person paid otherwise meanwhile is owed back, and paid back by two people', async () => {
    const { batch, dues } = await batchOf(1);
    const [due = ''] = dues;
    await county.returned('2018-04-04', batch, all(1, 'arrived'));
    await paidOtherwise(due, 15_000);
    await clear(batch, 20_000, 'E1');
    expect(await county.rows('select arrived from dues where due_id = $1', due)).toEqual([{ arrived: 20_000 }]);
    expect(await county.rows('select why, amount from deduction_refunds where batch_id = $1', batch)).toEqual([
      { why: 'excess', amount: 15_000 },
    ]);
    expect(await county.verified()).toBeNull();
    const refund = await refundOf(batch);
    expect(await told(batch)).toEqual(['pensionDeduction.owedBack 15000 excess']);
    await refused(propose('refund', refund, 'credited'), 'wrong-choice');
    await settle('refund', refund, 'paid');
    expect(await told(batch)).toEqual(['pensionDeduction.owedBack 15000 excess', 'pensionDeduction.paidBack']);
    expect(await county.verified()).toBeNull();
    await refused(propose('refund', refund, 'paid'), 'already-settled');
  });

  test('owed back twice for one due is one case: it hears of the settlement when nothing more is owed back', async () => {
    const { batch, dues } = await batchOf(1);
    const [due = ''] = dues;
    await county.returned('2018-04-04', batch, all(1, 'short'));
    const again = await county.made('2018-04-18');
    const [{ line } = {}] = await county.rows('select line from deduction_lines where batch_id = $1 and due_id = $2', again, due);
    await county.returned('2018-04-19', batch, all(1, 'arrived'), 2);
    await county.returned('2018-04-19', again, [{ line: Number(line) }]);
    await paidOtherwise(due, 5_000);
    const slip = { amount: 20_000, on: day('2018-04-20'), reference: 'W1', at: moment('2018-04-20'), by: clerk };
    await clearBatch(county.parts, { ...county.of, batch: again, ...slip });
    expect(await told(batch)).toEqual(['pensionDeduction.owedBack 20000 late']);
    expect(await told(again)).toEqual(['pensionDeduction.owedBack 25000 excess']);
    await settle('refund', await refundOf(batch), 'paid');
    expect(await told(batch)).toHaveLength(1);
    await settle('refund', await refundOf(again), 'paid');
    expect(await told(again)).toEqual(['pensionDeduction.owedBack 25000 excess', 'pensionDeduction.paidBack']);
    expect(await county.verified()).toBeNull();
  });

  test('of a late success may stand for the contribution, when it has come and nothing else is under way', async () => {
    const { batch, dues } = await batchOf(1);
    await county.returned('2018-04-04', batch, all(1, 'short'));
    await county.returned('2018-04-05', batch, all(1, 'arrived'), 2);
    const refund = await refundOf(batch);
    expect(await waiting(batch)).toEqual([`refund ${refund} late -`]);
    await refused(propose('refund', refund, 'credited'), 'refund-has-no-room');
    await clear(batch, 20_000, 'L1');
    expect(await told(batch)).toEqual(['pensionDeduction.owedBack 20000 late']);
    await settle('refund', refund, 'credited');
    expect(await told(batch)).toEqual(['pensionDeduction.owedBack 20000 late', 'pensionDeduction.credited']);
    expect(await county.rows('select arrived from dues where due_id = $1', dues[0])).toEqual([{ arrived: 20_000 }]);
    expect(await county.verified()).toBeNull();
  });
});
