import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readRequest, writeReturn } from '../../cli/bank/files.js';
import { layoutOf } from '../../domain/formats/layout.js';
import { fen } from '../../domain/money/fen.js';
import type { LocalDate } from '../../domain/model/ids.js';
import { bankSums, RehearsalBank, type Answered, type Temper } from '../../rehearsal/bank/bank.js';
import { As, type Answer } from '../api/support/client.js';
import { addUnit, newPassword, type Stage } from '../api/support/stage.js';
import { definitionOf, settingOf } from '../support/campaign.js';
import { bodyOf, csv, importFile, launch, release, untilQuiet, type Launched } from '../support/http.js';
import { SHUCHENG_LAUNCH } from '../support/shucheng-http.js';
import { Site, type KilledPart } from './site.js';
import { employ, inventedId, type Staff } from './staff.js';

/* Round after round of a deduction, on a Duban of its own, with a bank that knows nothing but files; any part may be killed at a named point. */

const CODES = [
  ['0000', 'arrived'],
  ['E010', 'short'],
  ['E020', 'account'],
  ['E030', 'name'],
  ['E040', 'bare'],
  ['E090', 'duplicate'],
] as const;

/** Who stays poor keeps the rounds going; the others show what an answer can be. `deposits`: in which round so many yuan come. */
const PERSONS: readonly { readonly temper: Temper; readonly balance: number; readonly deposits?: Readonly<Record<number, number>> }[] = [
  { temper: 'normal', balance: 260 },
  { temper: 'normal', balance: 10 },
  { temper: 'normal', balance: 10 },
  { temper: 'normal', balance: 0, deposits: { 3: 250 } },
  { temper: 'normal', balance: 199, deposits: { 6: 60 } },
  { temper: 'unsure', balance: 300 },
  { temper: 'slow', balance: 300 },
  { temper: 'silent', balance: 300 },
  { temper: 'closed', balance: 300 },
  { temper: 'normal', balance: 5, deposits: { 9: 300 } },
];

/** A part is killed while the worker is held at a point of the cycle, in that half of a round. */
export interface PointKill {
  readonly round: number;
  readonly half: 'make' | 'return';
  readonly point: string;
  readonly part: KilledPart;
}
/** Or so many milliseconds after the half was ordered. */
export interface TimedKill {
  readonly round: number;
  readonly half: 'make' | 'return';
  readonly afterMs: number;
  readonly part: KilledPart;
}
export type RoundKill = PointKill | TimedKill;

const orderShape = z.looseObject({
  status: z.string(),
  result: z.looseObject({ kind: z.string() }).nullable(),
  problems: z.array(z.unknown()),
});
const orderOf = z.looseObject({ order: z.string().nullable() });
const made = z.looseObject({ batches: z.array(z.looseObject({ id: z.string(), file: z.string(), lines: z.number() })) });

export class Rounds {
  #runs = 0;

  private constructor(
    readonly site: Site,
    private readonly folder: string,
    private readonly staff: Staff,
    private readonly token: string | null,
    private readonly county: string,
  ) {}

  static async open(): Promise<Rounds> {
    const folder = mkdtempSync(join(tmpdir(), 'duban-rounds-'));
    for (const name of ['bank', 'drill', 'returns']) mkdirSync(join(folder, name));
    process.env['DUBAN_HAND_OVER'] = join(folder, 'bank');
    process.env['DUBAN_DRILL'] = join(folder, 'drill');
    const site = await Site.open();
    const set = await site.operator.post('/setup', { county: '测试市', administrator: { login: 'admin', name: '管理员' } });
    const { unit: top, firstPassword } = bodyOf(set, z.object({ unit: z.string(), firstPassword: z.string() }), 201);
    const admin = await newPassword(site.nobody, 'admin', firstPassword);
    const on: Pick<Stage, 'admin' | 'nobody'> = { admin, nobody: site.nobody };
    const county = await addUnit(on, 'county', top, '测试县');
    await release(admin, 'definitions/campaigns/shucheng-2018.yaml');
    // The first campaign makes the county's units; roles are given at them.
    await launched(admin, county);
    const staff = await employ(on, 'shucheng-pension', [
      { login: 'hr', at: { 测试县: ['hrDepartment'] } },
      { login: 'bank', at: { 测试县: ['bank'] } },
      { login: 'centre', at: { 测试县: ['pensionCentre'] } },
    ]);
    return new Rounds(site, folder, staff, admin.token, county);
  }

  async close(): Promise<void> {
    await this.site.close();
    delete process.env['DUBAN_HAND_OVER'];
    delete process.env['DUBAN_DRILL'];
    rmSync(this.folder, { recursive: true, force: true });
  }

  as(login: string): As {
    return new As(this.site.url, this.staff(login).token);
  }
  get admin(): As {
    return new As(this.site.url, this.token);
  }

  /** Persons of their own, so many rounds, these kills; then everything that must be the same whatever was killed. */
  async play(rounds: number, kills: readonly RoundKill[]): Promise<Readonly<Record<string, readonly string[]>>> {
    this.#runs += 1;
    const run = new Run(this, this.#runs, await launched(this.admin, this.county), this.folder);
    await run.enrol();
    for (let round = 1; round <= rounds; round += 1)
      await run.round(
        round,
        kills.filter((kill) => kill.round === round),
      );
    return run.dump();
  }
}

const launched = (admin: As, root: string): Promise<Launched> =>
  launch(admin, {
    definition: 'shucheng-pension',
    year: 2018,
    root,
    parameters: { ...SHUCHENG_LAUNCH, runEvery: '1d' },
    asOf: '2018-03-31T08:00:00',
    tables: {
      townships: csv(['unit', 'title'], ['东乡', '东乡'], ['西乡', '西乡']),
      villages: csv(['unit', 'township'], ['东村', '东乡'], ['西村', '西乡']),
      branches: csv(['unit', 'township'], ['东乡支行', '东乡'], ['西乡支行', '西乡']),
      targets2017: csv(['unit', 'payers'], ['东乡', 5], ['西乡', 5]),
      tiers: csv(['tier', 'subsidy'], [200, 35], [300, 40]),
      bankCodes: csv(['code', 'outcome'], ...CODES),
    },
  });

class Run {
  readonly #bank = new RehearsalBank([], [], { keepsAccountsAboveZero: false });
  readonly #setting = settingOf(
    definitionOf('shucheng-2018.yaml'),
    [],
    {},
    { bankCodes: CODES.map(([code, outcome]) => ({ code, outcome })) },
  );
  readonly #batches: { readonly id: string; seq: number }[] = [];

  constructor(
    private readonly on: Rounds,
    private readonly n: number,
    private readonly campaign: Launched,
    private readonly folder: string,
  ) {}

  #account(at: number): string {
    return `62179979${String(this.n).padStart(4, '0')}${String(at).padStart(7, '0')}`;
  }
  #at(rest: string): string {
    return `/deductions/${this.campaign.id}/pensionDeduction${rest}`;
  }

  async enrol(): Promise<void> {
    const id = (at: number): string => inventedId(this.n * PERSONS.length + at);
    const village = (at: number): string => (at % 2 === 0 ? '东村' : '西村');
    const rows = PERSONS.map((_, at) => [id(at), `测甲${at}`, village(at), 200]);
    await importFile(this.on.as('hr'), {
      kind: 'roster',
      campaign: this.campaign.id,
      text: csv(['身份证号码', '姓名', '村居', '缴费档次'], ...rows),
    });
    await importFile(this.on.as('bank'), {
      kind: 'accounts',
      campaign: this.campaign.id,
      text: csv(
        ['身份证号码', '银行账号', '开户银行', '网点'],
        ...PERSONS.map((_, at) => [id(at), this.#account(at), '农商行', at % 2 === 0 ? '东乡支行' : '西乡支行']),
      ),
    });
    PERSONS.forEach(({ temper, balance }, at) =>
      this.#bank.put({ account: this.#account(at), name: `测甲${at}`, balance: fen(balance * 100), temper }),
    );
  }

  async round(round: number, kills: readonly RoundKill[]): Promise<void> {
    const day = new Date(Date.UTC(2018, 3, round)).toISOString().slice(0, 10) as LocalDate;
    await this.#again(() =>
      this.on.as('hr').post(`/worlds/${this.campaign.world}/advance`, { to: day }, { key: `w-run-${this.n}-${round}` }),
    );
    await untilQuiet(this.on.as('hr'), this.campaign.world);
    PERSONS.forEach(({ deposits }, at) => {
      const account = this.#bank.account(this.#account(at));
      if (account && deposits?.[round]) this.#bank.put({ ...account, balance: fen(account.balance + deposits[round] * 100) });
    });
    const batch = await this.#make(
      round,
      kills.find(({ half }) => half === 'make'),
    );
    const files = [await this.#answer(batch, day)];
    const before = this.#batches.at(-2);
    if (before && round % 2 === 0) {
      // What the bank finds out later about the round before comes with this one.
      const added = this.#bank.supplement(before.id, day);
      if (added.length > 0) files.push(await this.#written(before, added, day));
    }
    for (const [at, path] of files.entries())
      await this.#submit(round, at, path, at === 0 ? kills.find(({ half }) => half === 'return') : undefined);
    if (round % 3 === 0) await this.#clear(round, day);
  }

  async #make(round: number, kill: RoundKill | undefined): Promise<{ readonly id: string; readonly file: string }> {
    const { order } = bodyOf(
      await this.#again(() => this.on.as('bank').post(this.#at('/runs'), {}, { key: `r-run-${this.n}-${round}` })),
      orderOf,
      202,
    );
    const done = await this.#through(kill, `/orders/${order ?? ''}`, () =>
      this.on.as('centre').post(this.#at(`/runs/${order ?? ''}/confirm`), undefined, { key: `c-run-${this.n}-${round}` }),
    );
    const [batch, ...more] = made.parse(done.result).batches;
    if (batch === undefined || more.length > 0) throw new Error(`round ${round}: ${JSON.stringify(done)}`);
    this.#batches.push({ id: batch.id, seq: 1 });
    return batch;
  }

  /** The bank finds the request in its folder, whole. */
  async #answer({ id, file }: { readonly id: string; readonly file: string }, day: LocalDate): Promise<string> {
    const folder = join(this.folder, 'bank', 'rehearsal', this.campaign.id);
    const request = await readRequest(join(folder, file), layoutOf(this.#setting, 'bankRequest', 'optional'));
    if (request.batch !== id) throw new Error(`${file} is of batch ${request.batch}`);
    const said = request.lines.map((line) => this.#bank.answer(id, line, day));
    const batch = this.#batches.at(-1);
    if (!batch) throw new Error('no batch');
    return this.#written(
      batch,
      said.filter(({ reason }) => reason !== null),
      day,
    );
  }

  async #written(batch: { readonly id: string; seq: number }, lines: readonly Answered[], on: LocalDate): Promise<string> {
    const { path } = await writeReturn(join(this.folder, 'returns'), layoutOf(this.#setting, 'bankReturn'), {
      batch: batch.id,
      seq: batch.seq,
      on,
      lines,
    });
    batch.seq += 1;
    return path;
  }

  async #submit(round: number, at: number, path: string, kill: RoundKill | undefined): Promise<void> {
    const send = (): Promise<Answer> => {
      const form = new FormData();
      form.set('data', JSON.stringify({ dryRun: false }));
      form.set('file', new Blob([new Uint8Array(readFileSync(path))]), path.slice(path.lastIndexOf('/') + 1));
      return this.on.as('bank').post(this.#at('/returns'), undefined, { form, key: `f-run-${this.n}-${round}-${at}` });
    };
    const { order } = bodyOf(await this.#through(kill, null, send), orderOf, 202);
    const done = await this.#worked(`/orders/${order ?? ''}`);
    if (done.result?.kind !== 'posted') throw new Error(`return of round ${round}: ${JSON.stringify(done)}`);
  }

  async #clear(round: number, on: LocalDate): Promise<void> {
    for (const { id } of this.#batches.slice(-3)) {
      const rows = await this.on.site.rows(
        `select coalesce(sum(amount), 0)::bigint as n from ledger_postings where process_id = $1 and account = 'clearing' and holder = $2`,
        [this.campaign.id, id],
      );
      const amount = Number(rows[0]?.['n'] ?? 0);
      if (amount <= 0) continue;
      bodyOf(
        await this.#again(() =>
          this.on
            .as('centre')
            .post(
              this.#at(`/batches/${id}/clear`),
              { amount, on, reference: `S-${round}-${id}` },
              { key: `k-run-${this.n}-${id}-${round}` },
            ),
        ),
        z.looseObject({}),
        200,
      );
    }
  }

  /**
   * Sends, and kills a part while the cycle is at its point or after so many milliseconds; everything is started again and the same request sent once more. With
   * `order`: what became of it; else the answer.
   */
  #through(kill: RoundKill | undefined, order: string, send: () => Promise<Answer>): Promise<z.infer<typeof orderShape>>;
  #through(kill: RoundKill | undefined, order: null, send: () => Promise<Answer>): Promise<Answer>;
  async #through(
    kill: RoundKill | undefined,
    order: string | null,
    send: () => Promise<Answer>,
  ): Promise<z.infer<typeof orderShape> | Answer> {
    const [hold, held] = [join(this.folder, 'drill', 'hold'), join(this.folder, 'drill', 'held')];
    if (kill !== undefined) {
      if ('point' in kill) writeFileSync(hold, kill.point);
      const sending = this.#again(send).catch(() => null);
      if ('point' in kill) {
        await sending;
        for (let looks = 0; !readdirSync(join(this.folder, 'drill')).includes('held'); looks += 1) {
          if (looks > 1_500) throw new Error(`the cycle does not come to ${kill.point}`);
          await sleep(20);
        }
      } else await sleep(kill.afterMs);
      await this.on.site.kill(kill.part);
      for (const file of [hold, held]) rmSync(file, { force: true });
      await this.on.site.start();
      await sending;
    }
    const answer = await this.#again(send);
    return order === null ? answer : this.#worked(order);
  }

  /** Sends until it is answered: what is still being worked on, or found nobody, is asked for once more with its key. */
  async #again(send: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 0; ; tries += 1) {
      const answer = await send().catch(() => null);
      const repeat = answer === null || answer.status >= 500 || answer.body.at('code').value === 'request-in-progress';
      if (!repeat || tries > 90) {
        if (answer === null) throw new Error('nobody answers');
        if (answer.status >= 300) throw new Error(JSON.stringify(answer.body.value));
        return answer;
      }
      await sleep(500);
    }
  }

  async #worked(order: string): Promise<z.infer<typeof orderShape>> {
    for (let looks = 0; looks < 600; looks += 1) {
      const found = bodyOf(await this.#again(() => this.on.as('centre').get(this.#at(order))), orderShape);
      if (found.status === 'done' || found.status === 'refused') return found;
      await sleep(100);
    }
    throw new Error(`${order} is not done`);
  }

  /** The books by persons' names and rounds, whatever ids a run got; and what the bank took by its own book. */
  async dump(): Promise<Readonly<Record<string, readonly string[]>>> {
    await untilQuiet(this.on.as('hr'), this.campaign.world);
    const name = `(select pe.name from people pe where pe.person_id = `;
    const round = `(select ba.round || '.' || ba.seq from deduction_batches ba where ba.batch_id = `;
    const whose = `(select pe.name from contribution_dues cd join people pe using (county_id, person_id) where cd.contribution_id = l.contribution_id) as name`;
    const queries = {
      ledger: `select t.kind, t.year, t.happened_on, t.reverses is not null as back, p.n, p.account, coalesce(${name}p.holder), ${round}p.holder), p.holder) as holder, p.book, p.insurance, p.amount
        from ledger_transactions t join ledger_postings p using (county_id, process_id, tx_id) where t.process_id = $1`,
      lines: `select b.round, b.seq, l.attempt, l.amount, ${name}c.person_id) as name from deduction_lines l join deduction_batches b using (county_id, batch_id)
        join contribution_dues c using (county_id, contribution_id) where b.process_id = $1`,
      outcomes: `select b.round, ${whose}, o.class, o.code, o.outcome, o.late, o.taken_on from deduction_outcomes o join deduction_batches b using (county_id, batch_id) join deduction_lines l using (county_id, batch_id, line) where b.process_id = $1`,
      releases: `select b.round, ${whose}, r.attempt, r.class from deduction_releases r join deduction_batches b using (county_id, batch_id) join deduction_lines l using (county_id, batch_id, line) where b.process_id = $1`,
      refunds: `select b.round, ${whose}, r.why, r.amount from deduction_refunds r join deduction_batches b using (county_id, batch_id) join deduction_lines l using (county_id, batch_id, line) where b.process_id = $1`,
      dues: `select ${name}d.person_id) as name, amount, arrived, arrived_on from dues d where process_id = $1`,
      openings: `select o.case_type, o.event, ${name}d.person_id) as name from case_openings o join dues d using (county_id, process_id, due_id) where o.process_id = $1`,
      cases: `select o.duty, o.status, o.since, o.due, o.late, ${name}o.person_id) as name from obligations o where o.process_id = $1 and o.due_id is not null`,
      told: `select f ->> 'event' as event, f ->> 'round' as round, f ->> 'unit' as unit, sum((f ->> 'persons')::int) as persons from journal, jsonb_array_elements(event -> 'facts') f
        where process_id = $1 and f ->> 'kind' = 'deduction' group by 1, 2, 3`,
      batches: `select b.round, b.seq, e.status, count(*)::int as n from deduction_batch_events e join deduction_batches b using (county_id, batch_id) where b.process_id = $1 group by 1, 2, 3`,
    };
    const all: Record<string, readonly string[]> = {};
    for (const [what, sql] of Object.entries(queries))
      all[what] = (await this.on.site.rows(sql, [this.campaign.id])).map((row) => JSON.stringify(row)).sort();
    all['folder'] = readdirSync(join(this.folder, 'bank', 'rehearsal', this.campaign.id)).sort();
    const rounds = new Map(this.#batches.map(({ id }, at) => [id, at + 1]));
    all['bank'] = bankSums(this.#bank.answered())
      .map(({ batch, reasons, ...sums }) =>
        JSON.stringify({ round: rounds.get(batch), ...sums, reasons: Object.entries(reasons).sort(([a], [b]) => (a < b ? -1 : 1)) }),
      )
      .sort();
    return all;
  }

  /** Fen that the bank took, by its own book. */
  get taken(): number {
    return bankSums(this.#bank.answered()).reduce((sum, { takenSum }) => sum + takenSum, 0);
  }
}
