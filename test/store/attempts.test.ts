import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { LocalDate, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import { fen } from '../../domain/money/fen.js';
import type { Store } from '../../store/connection.js';
import { postEvents } from '../../store/ledger/post.js';
import { verifyLedger } from '../../store/ledger/verify.js';
import { COUNTY, givenProcess, givenStore } from './given.js';

/* One debt is deducted once, by what the database itself allows: written here past every program. */
let store: Store;
let close: () => Promise<void>;
let process: ProcessId;
beforeAll(async () => {
  ({ store, close } = await givenStore());
  ({ process } = await givenProcess(store));
});
afterAll(() => close());

let n = 0;
let debt: string;
beforeEach(async () => {
  n += 1;
  debt = `o${n}`;
  await run(
    `insert into contribution_dues (county_id, contribution_id, person_id, insurance, year) values ('${COUNTY}', $1, $2, 'pension', 2018)`,
    debt,
    `n${n}`,
  );
});
const run = (text: string, ...values: unknown[]) => store.pool.query(text, values);

let batches = 0;
async function batch(): Promise<string> {
  batches += 1;
  const id = `b${batches}`;
  await run(
    `insert into deduction_batches (county_id, batch_id, process_id, round, seq, format, digest, made_at, made_by) values ('${COUNTY}', $1, $2, 1, $3, 'bank', 'd', '2018-04-01T08:00:00', 'p1')`,
    id, process, batches,
  ); // prettier-ignore
  return id;
}
const attempt = (of: string, number: number, line = 1) =>
  run(
    `insert into deduction_lines (county_id, batch_id, line, contribution_id, attempt, amount, bank_account) values ('${COUNTY}', $1, $2, $3, $4, 20000, 'a1')`,
    of, line, debt, number,
  ); // prettier-ignore
let returns = 0;
async function answered(of: string, outcome: string, late = false): Promise<string> {
  returns += 1;
  const id = `f${returns}`;
  await run(
    `insert into deduction_returns (county_id, return_id, batch_id, kind, bytes_digest, meaning_digest, at, by_user) values ('${COUNTY}', $1, $2, 'file', $1, $1, '2018-04-02T08:00:00', 'p1')`,
    id, of,
  ); // prettier-ignore
  await run(
    `insert into deduction_outcomes (county_id, batch_id, line, return_id, class, code, late) values ('${COUNTY}', $1, 1, $2, $3, '00', $4)`,
    of, id, outcome, late,
  ); // prettier-ignore
  return id;
}
const release = (of: string, number: number, by: string, outcome: string) =>
  run(
    `insert into deduction_releases (county_id, contribution_id, attempt, batch_id, line, return_id, class) values ('${COUNTY}', $1, $2, $3, 1, $4, $5)`,
    debt, number, of, by, outcome,
  ); // prettier-ignore
const refused = (work: Promise<unknown>, code: string) => expect(work).rejects.toMatchObject({ code });

describe('a debt with an attempt under way', () => {
  test('is not attempted again, neither under the same number nor under the next', async () => {
    await attempt(await batch(), 1);
    await refused(attempt(await batch(), 1), '23505');
    await refused(attempt(await batch(), 2), '23503');
    await refused(attempt(await batch(), 0), '23514');
  });

  test('two batches made at once: one gets it, the other does not', async () => {
    const [one, two] = [await batch(), await batch()];
    const both = await Promise.allSettled([attempt(one, 1), attempt(two, 1)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.each(['unknown', 'duplicate-reported', 'success'])('is not released by the outcome %s', async (outcome) => {
    const first = await batch();
    await attempt(first, 1);
    const file = await answered(first, outcome);
    await refused(release(first, 1, file, outcome), '23514');
    await refused(release(first, 1, file, 'failed-retryable'), '23503');
    await refused(attempt(await batch(), 2), '23503');
  });

  test('nor by a failure that no return says', async () => {
    const first = await batch();
    await attempt(first, 1);
    await refused(release(first, 1, 'f0', 'failed-retryable'), '23503');
  });
});

describe('a definite failure', () => {
  test.each(['failed-retryable', 'failed-permanent'])('%s releases: the next number exists, once', async (outcome) => {
    const first = await batch();
    await attempt(first, 1);
    await release(first, 1, await answered(first, outcome), outcome);
    await refused(attempt(await batch(), 3), '23503');
    await attempt(await batch(), 2);
    await refused(attempt(await batch(), 2), '23505');
  });

  test('of another debt does not release this one', async () => {
    const first = await batch();
    await attempt(first, 1);
    const file = await answered(first, 'failed-retryable');
    const mine = debt;
    debt = `o${n + 1_000}`;
    await run(
      `insert into contribution_dues (county_id, contribution_id, person_id, insurance, year) values ('${COUNTY}', $1, $2, 'pension', 2018)`,
      debt,
      `n${n + 1_000}`,
    );
    await attempt(await batch(), 1);
    await refused(release(first, 1, file, 'failed-retryable'), '23503');
    debt = mine;
    await release(first, 1, file, 'failed-retryable');
  });

  test('and a success for the same line: one of them is definite, the other only as a late success', async () => {
    const first = await batch();
    await attempt(first, 1);
    await release(first, 1, await answered(first, 'failed-retryable'), 'failed-retryable');
    await refused(answered(first, 'success'), '23505');
    await answered(first, 'success', true);
    await refused(answered(first, 'success', true), '23505');
    await refused(answered(first, 'failed-retryable', true), '23514');
  });
});

describe('what nothing stands behind is not stored, and nothing of its statement', () => {
  const strange = (work: Promise<unknown>, table: string) => expect(work).rejects.toMatchObject({ code: '23503', table });
  const linesOf = async (of: string) => (await run(`select line from deduction_lines where batch_id = $1`, of)).rows;

  test('a line of no batch, or for no debt', async () => {
    const first = await batch();
    await strange(attempt('b0', 1), 'deduction_lines');
    await strange(
      run(
        `insert into deduction_lines (county_id, batch_id, line, contribution_id, attempt, amount, bank_account)
         values ('${COUNTY}', $1, 1, $2, 1, 20000, 'a1'), ('${COUNTY}', $1, 2, 'o0', 1, 20000, 'a1')`,
        first,
        debt,
      ),
      'deduction_lines',
    );
    expect(await linesOf(first)).toEqual([]);
  });

  test('an outcome of a line that was not sent, or by a return of another batch', async () => {
    const [first, other] = [await batch(), await batch()];
    await strange(answered(first, 'success'), 'deduction_outcomes');
    await attempt(first, 1);
    const mine = debt;
    debt = `o${n + 2_000}`;
    await run(
      `insert into contribution_dues (county_id, contribution_id, person_id, insurance, year) values ('${COUNTY}', $1, $2, 'pension', 2018)`,
      debt,
      `n${n + 2_000}`,
    );
    await attempt(other, 1);
    const file = await answered(other, 'unknown');
    debt = mine;
    await strange(
      run(
        `insert into deduction_outcomes (county_id, batch_id, line, return_id, class, code) values ('${COUNTY}', $1, 1, $2, 'success', '00')`,
        first,
        file,
      ),
      'deduction_outcomes',
    );
  });

  test('a release of an attempt that was not made', async () => {
    const first = await batch();
    await attempt(first, 1);
    const file = await answered(first, 'failed-retryable');
    await strange(release(first, 2, file, 'failed-retryable'), 'deduction_releases');
    await release(first, 1, file, 'failed-retryable');
  });
});

test('a debt is one for the county, whatever campaign collects it', async () => {
  await refused(
    run(
      `insert into contribution_dues (county_id, contribution_id, person_id, insurance, year) values ('${COUNTY}', 'o9999', $1, 'pension', 2018)`,
      `n${n}`,
    ),
    '23505',
  );
});

test('the same meaning of a return is taken once for a batch', async () => {
  const first = await batch();
  await attempt(first, 1);
  const file = await answered(first, 'unknown');
  await refused(
    run(
      `insert into deduction_returns (county_id, return_id, batch_id, kind, bytes_digest, meaning_digest, at, by_user) values ('${COUNTY}', 'f9999', $1, 'file', 'other', $2, '2018-04-02T08:00:00', 'p1')`,
      first,
      file,
    ),
    '23505',
  );
});

test.each(['deduction_lines', 'deduction_outcomes', 'deduction_releases', 'contribution_dues'])('%s is only added to', async (table) => {
  await refused(store.pool.query(`delete from ${table}`), '42501');
  await refused(store.pool.query(`update ${table} set county_id = 'x'`), '42501');
});

describe('verifying', () => {
  const made = async (detail: string): Promise<{ own: ProcessId; of: string }> => {
    const own = (await givenProcess(store)).process;
    const of = `b${9_000 + n}`;
    await run(
      `insert into deduction_batches (county_id, batch_id, process_id, round, seq, format, digest, made_at, made_by) values ('${COUNTY}', $1, $2, 1, 1, 'bank', 'd', '2018-04-01T08:00:00', 'p1')`,
      of, own,
    ); // prettier-ignore
    await run(
      `insert into deduction_batch_events (county_id, batch_id, n, status, at, by_user, detail) values ('${COUNTY}', $1, 1, 'made', '2018-04-01T08:00:00', 'p1', $2)`,
      of, detail,
    ); // prettier-ignore
    await attempt(of, 1);
    return { own, of };
  };
  const verified = async (own: ProcessId) => (await verifyLedger(store.db, { county: COUNTY, process: own })).violation;

  test('names a batch that holds other lines than were made', async () => {
    const { own, of } = await made('{"lines": 2, "amount": 40000}');
    expect(await verified(own)).toEqual({ code: 'batch-differs', at: of, expected: '2 40000', found: '1 20000' });
  });

  test('is content while an answer is awaited, and names a success that is not in the ledger', async () => {
    const { own, of } = await made('{"lines": 1, "amount": 20000}');
    expect(await verified(own)).toBeNull();
    await answered(of, 'success');
    expect(await verified(own)).toEqual({ code: 'deduction-differs', at: `deduction/${of}/1/posted`, expected: '20000', found: '0' });
    await store.db.transaction().execute((trx) =>
      postEvents(trx, { county: COUNTY, process: own, at: '2018-04-02T08:00:00' as Moment, by: 'p1' as UserId }, [
        {
          kind: 'deductionPosted',
          cause: `deduction/${of}/1/posted`,
          book: 'personalAccount',
          insurance: 'pension',
          year: 2018,
          amount: fen(20_000),
          on: '2018-04-02' as LocalDate,
          batch: of,
          person: `n${n}`,
        },
      ]),
    );
    // Taken by the bank, not yet come: on the due it stands only then.
    expect(await verified(own)).toBeNull();
  });
});
