import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { As, Answer } from '../api/support/client.js';
import { csv, sendFile, tryAct, untilQuiet, type Launched } from '../support/http.js';
import type { KilledPart, Site } from './site.js';
import { inventedId } from './staff.js';

/* One county's year as a script: every step is one request with a key of its own, so that it can be sent again. */

/** Places of the invented county by name. */
export type Places = Readonly<Record<string, string>>;
/** A step: who sends what; a move is under way for a while after its answer. */
export interface Step {
  readonly by: string;
  readonly moves?: string;
  send(as: As, at: { readonly campaign: string; readonly world: string; readonly key: string }): Promise<Answer>;
}

const moveTo = (to: string): Step => ({
  by: 'office',
  moves: to,
  send: (as, { world, key }) => as.post(`/worlds/${world}/advance`, { to }, { key }),
});
const done = (by: string, obligation: string, more: Readonly<Record<string, unknown>> = {}): Step => ({
  by,
  send: (as, { campaign, key }) => tryAct(as, campaign, obligation, { kind: 'done', ...more }, key),
});
const file = (kind: 'roster' | 'payments' | 'unitTotals', text: string): Step => ({
  by: 'office',
  send: (as, { campaign, key }) => sendFile(as, { kind, campaign, text }, key),
});

const card = { evidence: [{ paper: 'nameCard', fields: { number: '聘字1号' } }] };
const slip = { evidence: [{ paper: 'slip', fields: { number: 'S1', amount: 224_000 } }] };
const persons = Array.from({ length: 7 }, (_, n) => [inventedId(n + 20), `乙${n}`, '柳林', '医疗', 2021, 320]);

/** The year of the third county: people named late, visits, money in hand, milestones, points, a posted list. */
export function yearOf(at: Places): readonly Step[] {
  const id = (duty: string, place: string, period = ''): string => `${duty}/${at[place] ?? place}${period}`;
  const count = (day: string, ...rows: readonly (readonly [string, number])[]): Step =>
    file('unitTotals', csv(['村居', '险种', '日期', '人数', '金额'], ...rows.map(([place, n]) => [place, '医疗', day, n, n * 320])));
  return [
    moveTo('2021-09-08'),
    done('chief-w', id('stewardNamed', '柳林'), card),
    done('chief-w', id('stewardNamed', '石桥'), card),
    moveTo('2021-09-23'),
    done('chief-e', id('stewardNamed', '东湾'), card),
    done('steward-l', id('visits', '柳林', '@2021-09-16'), { answer: { homes: 9 } }),
    moveTo('2021-10-08'),
    file('roster', csv(['身份证号码', '姓名', '村居', '险种', '年度', '缴费档次', '应缴金额'], ...persons.map((row) => [...row, 320]))),
    file('payments', csv(['身份证号码', '姓名', '村居', '险种', '年度', '缴费金额', '缴费日期', '业务类型', '流水号'], ...persons.map((row, n) => [...row, '2021-10-08', '代收', `Z${n}`]))), // prettier-ignore
    done('steward-l', id('handIn', '柳林', '@2021-10-08'), slip),
    count('2021-09-30', ['柳林', 150], ['石桥', 125], ['东湾', 174]),
    moveTo('2021-12-20'),
    count('2021-12-20', ['柳林', 120], ['石桥', 100], ['东湾', 139]),
    done('office', id('stewardNamedAll', '云泽县')),
    moveTo('2022-01-10'),
    done('steward-l', id('posting', '柳林'), { evidence: [{ paper: 'picture', fields: { postedOn: '2022-01-10' } }] }),
    done('office', id('assess', '城关')),
    moveTo('2022-03-31'),
  ];
}

/** Where a part is killed: so many milliseconds after step `step` was sent. */
export interface Kill {
  readonly part: KilledPart;
  readonly step: number;
  readonly afterMs: number;
}

/**
 * Plays the script to its end. At a kill the step is sent, the part killed and everything started again; then the same request is sent
 * once more under its key, and must be answered as it was, if it was.
 */
export async function play(
  site: Site,
  as: (login: string) => As,
  at: Launched,
  steps: readonly Step[],
  kills: readonly Kill[],
): Promise<void> {
  const run = randomUUID();
  for (const [n, step] of steps.entries()) {
    const sent = { campaign: at.id, world: at.world, key: `${run}-${n}` };
    const kill = kills.find((one) => one.step === n);
    const before = kill === undefined ? null : await killWhile(site, kill, () => step.send(as(step.by), sent));
    const answer = await again(() => step.send(as(step.by), sent));
    if (answer.status >= 300) throw new Error(`step ${n}: ${answer.status} ${JSON.stringify(answer.body.value)}`);
    // What was answered before the kill is answered the same after it; a clock goes on meanwhile.
    const seqOf = (one: Answer): unknown => one.body.at('seq').value;
    if (before !== null && seqOf(before) !== seqOf(answer))
      throw new Error(`step ${n} was answered ${String(seqOf(before))}, and then ${String(seqOf(answer))}`);
    await untilQuiet(as('office'), at.world);
  }
}

/** Sends until it is answered: what is still being worked on, or got no answer in time, is asked for once more, as the API says. */
async function again(send: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await send();
    const repeat = answer.status === 503 || answer.body.at('code').value === 'request-in-progress';
    if (!repeat || tries > 90) return answer;
    await sleep(1_000);
  }
}

/** The answer that came before the part was gone; null when none came, or none that says it is done. */
async function killWhile(site: Site, { part, afterMs }: Kill, send: () => Promise<Answer>): Promise<Answer | null> {
  const sending = send().catch(() => null);
  await sleep(afterMs);
  await site.kill(part);
  await site.start();
  const answer = await sending;
  return answer === null || answer.status >= 300 ? null : answer;
}

/** Rows of what the year left behind, without ids of runs and imports, numbers of events and times of the host. */
const DUMPS: Readonly<Record<string, string>> = {
  obligations: `select obligation_id, origin, duty, unit_id, insurance, period, owes, status, since, due, late, days_late, rung, closed_on, body from obligations where process_id = $1`,
  board: `select unit_id, open, late, checking, before_launch, done, done_late from board where process_id = $1`,
  milestones: `select key, milestone, due, status, result, body from milestones where process_id = $1`,
  snapshots: `select key, version, happened_by, recorded_before, tallies, target_versions from snapshots where process_id = $1`,
  flags: `select report, unit_id, about, on_date, days_late from flags where process_id = $1`,
  publications: `select obligation_id, posted_on, earliest_down, taken_down_on from publications where process_id = $1`,
  outbox: `select outbox_id, notice_id, obligation_id, unit_id, role, text_id, fields, mandatory, send_at, via, status from outbox where process_id = $1`,
  messages: `select user_id, channel, subject, body, outbox_ids, mandatory, send_at, status, sent_at from messages where process_id = $1`,
  payments: `select unit_id, insurance, amount, kind, happened_on, external_id from payments where process_id = $1`,
  ledger: `select t.kind, t.year, t.happened_on, t.reverses is not null as back, p.n, p.account, coalesce(s.reason, p.holder) as holder, p.book, p.insurance, p.amount from ledger_transactions t join ledger_postings p using (county_id, process_id, tx_id) left join suspense s on s.county_id = p.county_id and s.process_id = p.process_id and s.suspense_id = p.holder where t.process_id = $1`,
  dues: `select person_id, unit_id, insurance, year, amount, arrived, collected, arrived_on from dues where process_id = $1`,
  totals: `select unit_id, insurance, on_date, persons, amount, version from unit_totals where process_id = $1`,
  tallies: `select unit_id, count_id, value from tallies where process_id = $1`,
  acts: `select event -> 'act' as act, at, actor from journal where process_id = $1 and act_id is not null`,
  facts: `select f ->> 'kind' as kind, f ->> 'unit' as unit, f ->> 'on' as day, sum((f ->> 'amount')::bigint) as amount from journal, jsonb_array_elements(event -> 'facts') f where process_id = $1 and event ->> 'type' = 'facts' group by 1, 2, 3`,
};

/** Everything that must be the same in every run of the script, ready to be compared. */
export async function dump(site: Site, campaign: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const all: Record<string, readonly string[]> = {};
  // An id of a check holds the number of the event that asked for it.
  const line = (row: unknown): string => JSON.stringify(row).replace(/\+\d+(?=\/)/g, '+n');
  for (const [name, sql] of Object.entries(DUMPS)) all[name] = (await site.rows(sql, [campaign])).map(line).sort();
  return all;
}

/** Notices that one person was given by one way under two message ids, and sent notices that went to nobody. */
export async function doubled(
  site: Site,
  campaign: string,
): Promise<{ readonly twice: readonly unknown[]; readonly lost: readonly unknown[] }> {
  const twice = await site.rows(
    `select o, user_id, channel from messages, unnest(outbox_ids) o where process_id = $1 group by 1, 2, 3 having count(*) > 1`,
    [campaign],
  );
  const lost = await site.rows(
    `select outbox_id from outbox x where process_id = $1 and status = 'sent'
       and not exists (select from messages m, unnest(m.outbox_ids) o where m.process_id = x.process_id and starts_with(o, x.notice_id || '/'))`,
    [campaign],
  );
  return { twice, lost };
}
