import { sql, type RawBuilder } from 'kysely';
import { VERDICTS, type Verdict } from '../../domain/deduction/judge.js';
import type { Move } from '../../domain/deduction/counters.js';
import type { ReturnProblem } from '../../domain/deduction/problems.js';
import type { OutcomeClass } from '../../domain/deduction/classes.js';
import type { Digest, LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';
import { answerEntries } from '../ledger/deduction-entries.js';
import { writeEntries } from '../ledger/entries.js';
import { insertMany } from './plans.js';
import { standingOver } from './standing.js';

export interface PostOf {
  readonly county: string;
  readonly process: ProcessId;
  readonly batch: string;
}

/** The one rule of answers as a table, for a whole file at once. */
const RULE = sql`jsonb_to_recordset(${toJson(VERDICTS)}::jsonb) as v (standing text, late boolean, said text, verdict text)`;

/**
 * Puts what a return says beside what was sent and what is answered already: the temporary table `judged`. `problem` is set where the file says what the batch does
 * not. `line` is the batch's own; `said_line` may be any number, as a file may hold one that no batch ever has.
 */
export async function judgeStaged(
  trx: Trx,
  of: PostOf,
  order: { readonly id: string; readonly token: number; readonly today: LocalDate },
): Promise<void> {
  const { county, batch } = of;
  await sql`
    create temp table judged on commit drop as
    select s.file_line, l.line, s.line as said_line, s.code, s.outcome::text as outcome, s.class as said, s.taken_on::text as taken_on, s.amount as said_amount, l.amount,
      l.contribution_id::text as contribution_id, l.attempt, l.due_id::text as due_id, l.unit_id::text as unit_id,
      coalesce(t.standing, 'pending') as standing, coalesce(t.late, false) as late, v.verdict,
      case when s.line is null then 'line-missing' when l.line is null then 'line-unknown'
        when s.account_index <> a.account_index then 'account-differs' when s.name <> a.holder_name then 'name-differs-sent' when s.amount <> l.amount then 'amount-differs'
        when s.taken_on::text < (select left(made_at::text, 10) from deduction_batches where county_id = ${county} and batch_id = ${batch}) or s.taken_on::text > ${order.today}
          then 'day-impossible' end as problem
    from deduction_staged s
    left join deduction_lines l on l.county_id = ${county} and l.batch_id = ${batch} and l.line = s.line
    left join bank_accounts a on a.county_id = ${county} and a.account_id = l.bank_account
    left join (
      select o.line, ${standingOver} as standing, bool_or(o.late) as late from deduction_outcomes o where o.county_id = ${county} and o.batch_id = ${batch} group by 1) t on t.line = s.line
    left join ${RULE} on v.standing = coalesce(t.standing, 'pending') and v.late = coalesce(t.late, false) and v.said = s.class
    where s.county_id = ${county} and s.order_id = ${order.id} and s.token = ${order.token}`.execute(trx);
  await sql`analyze judged (line, verdict, said, outcome)`.execute(trx);
}

/** One line's answer by two people, judged by the same rule. */
export async function judgeDecision(
  trx: Trx,
  of: PostOf,
  said: { readonly line: number; readonly outcome: string; readonly class: OutcomeClass; readonly on: LocalDate },
): Promise<void> {
  const { county, batch } = of;
  await sql`
    create temp table judged on commit drop as
    select 0 as file_line, l.line, null::text as code, ${said.outcome}::text as outcome, ${said.class}::text as said, ${said.on}::text as taken_on, l.amount as said_amount, l.amount,
      l.contribution_id::text as contribution_id, l.attempt, l.due_id::text as due_id, l.unit_id::text as unit_id,
      t.standing, t.late, v.verdict, null::text as problem
    from deduction_lines l
    cross join lateral (
      select ${standingOver} as standing, coalesce(bool_or(o.late), false) as late from deduction_outcomes o where o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line) t
    left join ${RULE} on v.standing = t.standing and v.late = t.late and v.said = ${said.class}
    where l.county_id = ${county} and l.batch_id = ${batch} and l.line = ${said.line}`.execute(trx);
}

/** What refuses the file: the first lines, and how many of each kind. */
export async function judgedProblems(
  trx: Trx,
  most: number,
): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly first: readonly ReturnProblem[] }> {
  const counted = await sql<{
    code: string;
    n: number;
  }>`select problem as code, count(*) as n from judged where problem is not null group by 1 order by 1`.execute(trx);
  if (counted.rows.length === 0) return { counts: {}, first: [] };
  const { rows } = await sql<ReturnProblem>`
    select file_line as line, problem as code, case problem when 'amount-differs' then jsonb_build_object('found', said_line, 'amount', said_amount, 'expected', amount)
      when 'day-impossible' then jsonb_build_object('found', said_line, 'day', taken_on) else jsonb_build_object('found', coalesce(said_line, 0)) end as params
    from judged where problem is not null order by file_line limit ${most}`.execute(trx);
  return { counts: Object.fromEntries(counted.rows.map(({ code, n }) => [code, n])), first: rows };
}

/** Lines that are posted and want somebody: taken late, contradicting, or without a definite answer. The first of them. */
export async function toldOfPosted(trx: Trx, most: number): Promise<readonly ReturnProblem[]> {
  const { rows } = await sql<ReturnProblem>`
    select file_line as line, case when verdict = 'late' then 'line-taken-late' when verdict = 'quarantine' then 'line-contradicts'
        when said = 'unknown' then 'line-left-unknown' else 'line-left-duplicate' end as code, jsonb_build_object('found', line) as params
    from judged where verdict in ('late', 'quarantine') or verdict = 'post' and said in ('unknown', 'duplicate-reported') order by file_line limit ${most}`.execute(
    trx,
  );
  return rows;
}

/** SHA-256 over batch and lines: what the return says, however it is written. */
export async function meaningOf(trx: Trx, batch: string): Promise<Digest> {
  const { rows } = await sql<{ digest: Digest }>`
    select encode(sha256(convert_to(${batch}::text || E'\n' || string_agg(line || '|' || outcome || '|' || coalesce(code, '') || '|' || coalesce(taken_on, ''), E'\n' order by line), 'UTF8')), 'hex') as digest
    from judged`.execute(trx);
  const [found] = rows;
  if (found === undefined) throw new Error('nothing is judged');
  return found.digest;
}

/** Whether the batch was answered with this meaning before. */
export async function meantBefore(trx: Trx, { county, batch }: PostOf, meaning: Digest): Promise<boolean> {
  const row = await trx
    .selectFrom('deduction_returns')
    .select('return_id')
    .where('county_id', '=', county)
    .where('batch_id', '=', batch)
    .where('meaning_digest', '=', meaning)
    .executeTakeFirst();
  return row !== undefined;
}

export interface Answer extends PostOf {
  readonly returnId: string;
  readonly kind: 'file' | 'decision';
  readonly bytes: Digest;
  readonly meaning: Digest;
  readonly at: Moment;
  readonly by: UserId;
}

/** What `judged` comes to, by verdict and by move from one standing to another. */
export interface PostedFigures {
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly moves: readonly Move[];
  /** Fen of the successes posted, and of what is owed back. */
  readonly taken: number;
  readonly refunds: number;
}

/** Posts `judged` in a few statements, whatever the number of lines: the answer, outcomes, releases, refunds, what contradicts, and the ledger. */
export async function postJudged(trx: Trx, answer: Answer): Promise<PostedFigures> {
  const { county, process, batch, returnId, kind, bytes, meaning, at, by } = answer;
  await trx
    .insertInto('deduction_returns')
    .values({
      county_id: county,
      return_id: returnId,
      batch_id: batch,
      kind,
      bytes_digest: bytes,
      meaning_digest: meaning,
      at,
      by_user: by,
    })
    .execute();
  await insertMany(trx, async () => {
    await sql`
    insert into deduction_outcomes (county_id, batch_id, line, return_id, class, code, late, outcome, taken_on)
    select ${county}, ${batch}, line, ${returnId}, said, code, verdict = 'late', outcome, taken_on from judged where verdict in ('post', 'late') order by line`.execute(
      trx,
    );
    await sql`
    insert into deduction_releases (county_id, contribution_id, attempt, batch_id, line, return_id, class)
    select ${county}, contribution_id, attempt, ${batch}, line, ${returnId}, said from judged
    where verdict = 'post' and said in ('failed-retryable', 'failed-permanent') order by line`.execute(trx);
    await sql`
    insert into deduction_refunds (county_id, process_id, refund_id, batch_id, line, why, amount, on_date, at, by_user)
    select ${county}, ${process}, 'y' || nextval('surrogates'), ${batch}, line, 'late', amount, coalesce(taken_on, left(${at}::text, 10)), ${at}, ${by}
    from judged where verdict = 'late' order by line`.execute(trx);
    await sql`
    insert into deduction_quarantine (county_id, process_id, batch_id, line, return_id, outcome, class, code, taken_on, at)
    select ${county}, ${process}, ${batch}, line, ${returnId}, outcome, said, code, taken_on, ${at} from judged where verdict = 'quarantine' order by line`.execute(
      trx,
    );
  });
  await writeEntries(trx, { county, process }, answerEntries({ county, process }, judgedAnswers(answer), await amongJudged(trx)));
  return figuresOf(trx);
}

/** What of `judged` is posted as a success, for the ledger. */
const judgedAnswers = ({ batch, at, by }: Answer): RawBuilder<unknown> => sql`
  select ${batch}::text as batch_id, line, contribution_id, amount, verdict = 'late' as late, taken_on, ${at}::text as at, ${by}::text as by_user
  from judged where verdict in ('post', 'late') and said = 'success'`;

/** That part of the county's debts `c` in which those of `judged` lie: those made with them, mostly, and not all of every year. */
async function amongJudged(trx: Trx): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ first: string | null; last: string | null }>`
    select min(contribution_id collate "C") as first, max(contribution_id collate "C") as last from judged`.execute(trx);
  return sql`c.contribution_id between ${rows[0]?.first ?? ''}::text and ${rows[0]?.last ?? ''}::text`;
}

async function figuresOf(trx: Trx): Promise<PostedFigures> {
  const { rows } = await sql<{ verdict: Verdict; standing: Move['from']; said: OutcomeClass; outcome: string; n: number; amount: number }>`
    select verdict, standing, said, outcome, count(*) as n, sum(amount)::bigint as amount from judged group by 1, 2, 3, 4 order by 1, 2, 3, 4`.execute(
    trx,
  );
  const [verdicts, outcomes]: [Partial<Record<Verdict, number>>, Record<string, number>] = [{}, {}];
  const moves: Move[] = [];
  let [taken, refunds] = [0, 0];
  for (const { verdict, standing, said, outcome, n, amount } of rows) {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + n;
    if (verdict === 'late') refunds += amount;
    if (verdict !== 'post') continue;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
    moves.push({ from: standing, to: said, lines: n });
    if (said === 'success') taken += amount;
  }
  return { verdicts, outcomes, moves, taken, refunds };
}

/** Posted lines by unit and outcome: what the campaign is told. */
export async function postedByUnit(
  trx: Trx,
): Promise<readonly { readonly unit: UnitId; readonly outcome: string; readonly persons: number; readonly amount: number }[]> {
  const { rows } = await sql<{ unit: UnitId; outcome: string; persons: number; amount: number }>`
    select unit_id as unit, outcome, count(*) as persons, sum(amount)::bigint as amount from judged where verdict = 'post' group by 1, 2 order by 1, 2`.execute(
    trx,
  );
  return rows;
}
