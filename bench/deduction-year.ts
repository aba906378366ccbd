import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { sendImport } from '../cli/importing.js';
import type { Fen, LocalDate } from '../domain/model/ids.js';
import { bankSums, RehearsalBank, type BankAccount } from '../rehearsal/bank/bank.js';
import { loadSettings } from '../server/config.js';
import * as runtime from '../server/runtime/index.js';
import { median, tell, timed, type Figure } from './figures.js';
import { Counter } from './support/counter.js';
import { branchOf, villageOf, withDeductionCounty, type DeductionCounty } from './support/deduction-county.js';
import { idOf, writeLines } from './support/roster-files.js';
import type { Service } from './support/services.js';

/*
 * Shucheng's year end to end with 400,000 people: roster, accounts and the bank's list of deposits imported, three rounds of deduction with the rehearsal bank that knows
 * nothing but files, additions of the bank to each, the year's end, a backup restored elsewhere. After each round and at the end the county's books are held against the
 * bank's own, batch by batch and person by person, to the fen. While a return is posted somebody keeps turning pages: what the API answers then is held against what it
 * answers when nothing goes on.
 */
const PEOPLE = Number(process.env['BENCH_ROWS'] ?? 400_000);
const OWED = 20_000 as Fen;
const ROUNDS = ['2018-04-03', '2018-05-03', '2018-06-03'] as const;
const ANSWERS = 400;
const P95_FACTOR = 3;
const P95_AT_LEAST_MS = 50;
const MEMORY_BOUND_MB = 300;

const nameOf = (n: number): string => `测甲${n % 10_000}`;
const accountOf = (n: number): string => `6228480000${String(n).padStart(9, '0')}`;
/** Of ten people seven hold enough, three too little at first; of a thousand some are odd in each way that the bank knows. */
function heldBy(n: number): BankAccount {
  const odd = (['closed', 'frozen', 'deceased', 'unsure', 'slow', 'silent', 'twice'] as const)[n % 1_000];
  const balance = n % 10 < 7 || odd !== undefined ? 100_000 : n % 10 === 7 ? 0 : 5_000;
  return { account: accountOf(n), name: n % 1_000 === 10 ? '无名' : nameOf(n), balance: balance as Fen, temper: odd ?? 'normal' };
}
/** What comes over the counter before a round: half of the poor deposit before the second, one in five of them no fen more than is owed; more before the third. */
function deposited(n: number, round: number): number {
  if (n % 10 < 7) return 0;
  if (round === 2) return n % 10 === 7 ? (n % 50 === 7 ? OWED : OWED + 1_000) : 0;
  return n % 10 === 8 ? OWED : n % 50 === 7 ? 1_000 : 0;
}

function* many<T>(make: (n: number) => T): Generator<T> {
  for (let n = 0; n < PEOPLE; n += 1) yield make(n);
}

const seconds = (name: string, values: readonly number[], detail: string): Figure => ({
  name,
  value: median(values) / 1000,
  unit: 's',
  bound: null,
  samples: values.length,
  detail,
});
const said = (text: string): void => void process.stderr.write(`${text}\n`);
/** Does it, says how long it took, and keeps that. */
async function step<T>(what: string, times: number[], work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const done = await work();
  const took = performance.now() - start;
  times.push(took);
  said(`${what}: ${(took / 1000).toFixed(1)} s`);
  return done;
}

/** Roster, accounts, and what the bank says is deposited already. */
async function enrol(county: DeductionCounty): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const send = async (login: 'hr' | 'bank', kind: 'roster' | 'accounts' | 'deposits', heading: string, line: (n: number) => string): Promise<void> => {
    const path = join(county.folder, `${kind}.csv`);
    await writeLines(path, heading, PEOPLE, line);
    const times: number[] = [];
    await step(kind, times, async () => {
      const { kept, errors } = await sendImport(county.as(login), { kind, campaign: county.process, name: `${kind}.csv`, path });
      if (kept !== PEOPLE) throw new Error(`${kind}: ${kept} kept; ${JSON.stringify(errors.slice(0, 3))}`);
    });
    await rm(path);
    figures.push(seconds(`import: ${kind}`, times, `${PEOPLE} rows, over the API`));
  }; // prettier-ignore
  await send('hr', 'roster', '身份证号码,姓名,村居,缴费档次', (n) => `${idOf(n)},${nameOf(n)},${villageOf(n)},200`);
  await send('bank', 'accounts', '身份证号码,银行账号,开户银行,网点', (n) => `${idOf(n)},${accountOf(n)},农商行,${branchOf(n)}`);
  await county.move('2018-03-27');
  await send('bank', 'deposits', '身份证号码,预存金额,截止日期', (n) => `${idOf(n)},${(heldBy(n).balance / 100).toFixed(2)},2018-03-27`);
  return figures;
}

/** The county's books against the bank's: by batch and by person, to the fen; nobody's debt is met twice; every promise of the ledger holds. Fen taken in all. */
async function compare(county: DeductionCounty, bank: RehearsalBank): Promise<number> {
  const { pool } = county.stage.store;
  const sums = new Map(bankSums(bank.answered()).map(({ batch, takenSum }) => [batch, takenSum]));
  const byBatch = await pool.query<{ holder: string; sum: string }>(
    `select p.holder, sum(p.amount)::text as sum from ledger_postings p join ledger_transactions t using (county_id, process_id, tx_id)
     where p.process_id = $1 and p.account = 'clearing' and t.kind <> 'deductionCleared' group by 1`,
    [county.process],
  );
  for (const [batch, taken] of sums) {
    const booked = Number(byBatch.rows.find(({ holder }) => holder === batch)?.sum ?? 0);
    if (booked !== taken) throw new Error(`batch ${batch}: the bank took ${taken} fen, the county booked ${booked}`);
  }
  const taken = new Map<string, number>();
  for (const one of bank.answered()) if (one.taken > 0) taken.set(one.account, (taken.get(one.account) ?? 0) + one.taken);
  const persons = await pool.query<{ id_number_index: Buffer; met: string; all: string }>(
    `select pe.id_number_index, sum(-p.amount) filter (where p.account = 'contribution')::text as met, sum(-p.amount)::text as all
     from ledger_postings p join people pe on pe.county_id = p.county_id and pe.person_id = p.holder where p.process_id = $1 group by 1`,
    [county.process],
  );
  const twice = persons.rows.filter(({ met }) => Number(met) > OWED).length;
  const own = persons.rows.reduce((sum, { all }) => sum + Number(all), 0);
  const total = [...taken.values()].reduce((sum, one) => sum + one, 0);
  const holders = [...taken.values()].toSorted((a, b) => a - b).join();
  const booked = persons.rows.map(({ all }) => Number(all)).filter((sum) => sum !== 0).toSorted((a, b) => a - b).join(); // prettier-ignore
  if (twice > 0 || own !== total || holders !== booked)
    throw new Error(`persons: ${twice} twice; the bank took ${total} fen, booked ${own}`);
  const { ok, violation } = z
    .looseObject({ ok: z.boolean(), violation: z.unknown().optional() })
    .parse(await county.administrator().post('/ledger/verify', {}, { seconds: 1_800 }));
  if (!ok) throw new Error(JSON.stringify(violation));
  return total;
}

interface Answers {
  /** The 95th of 100 answers, in milliseconds. */
  readonly p95: number;
  readonly count: number;
  /** Medians of the pages, in words. */
  readonly detail: string;
}
const NO_ANSWERS: Answers = { p95: 0, count: 0, detail: '' };

/** Turns pages until told to stop, at least so many. */
async function turnPages(county: DeductionCounty, going: () => boolean): Promise<Answers> {
  const [all, own] = [county.as('centre'), county.as('township')];
  const { process: campaign } = county;
  const looks = [
    { name: 'list of a township', times: [] as number[], look: () => own.get('/obligations', { campaign, limit: 50 }) },
    { name: 'overdue list', times: [] as number[], look: () => all.get('/obligations', { campaign, overdue: true, limit: 50 }) },
    { name: 'board of a township', times: [] as number[], look: () => own.get(`/campaigns/${campaign}/board`) },
    { name: 'campaign', times: [] as number[], look: () => all.get(`/campaigns/${campaign}`) },
  ];
  for (let count = 0; going() || count < ANSWERS; count += looks.length)
    for (const { times, look } of looks) {
      times.push(await timed(look));
      await sleep(5);
    }
  const sorted = looks.flatMap(({ times }) => times).toSorted((a, b) => a - b);
  const detail = `medians: ${looks.map(({ name, times }) => `${name} ${median(times).toFixed(0)}`).join(', ')} ms`;
  return { p95: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN, count: sorted.length, detail };
}

/** One round: ordered, answered, posted, fed back, added to, cleared; then the books are compared. */
class Year {
  readonly times: Record<'make' | 'take' | 'open' | 'move', number[]> = { make: [], take: [], open: [], move: [] };
  quiet = NO_ANSWERS;
  busy = NO_ANSWERS;
  taken = 0;
  /** Memory of the worker while each return was taken in, above where it stood. */
  readonly grownMb: number[] = [];
  readonly #bank = new RehearsalBank(many(heldBy), [], { keepsAccountsAboveZero: true });
  readonly #counter: Counter;

  constructor(private readonly county: DeductionCounty) {
    this.#counter = new Counter(county, this.#bank);
  }

  async play(): Promise<void> {
    for (const [at, day] of ROUNDS.entries()) await this.#round(at + 1, day);
    await step('to the year’s end', this.times.move, () => this.county.move('2019-01-05'));
    this.taken = await compare(this.county, this.#bank);
  }

  async #round(round: number, day: string): Promise<void> {
    const { county, times } = this;
    await step(`round ${round}: moved to ${day}`, times.move, () => county.move(day));
    if (round > 1) this.#deposits(round);
    const batch = await step(`round ${round}: request`, times.make, () => this.#counter.make());
    const file = await this.#counter.answer(batch, day as LocalDate);
    if (round === 2) this.quiet = await turnPages(county, () => false);
    let going = true;
    const probe = round === 2 ? turnPages(county, () => going) : null;
    const returned = (): Promise<void> => this.#counter.submit(file).finally(() => (going = false));
    this.grownMb.push(await peakMb(county.worker, () => step(`round ${round}: return`, times.take, returned)));
    if (probe !== null) this.busy = await probe;
    const later = `${day.slice(0, 8)}10` as LocalDate;
    await step(`round ${round}: fed back, cases opened`, times.open, () => county.move(later));
    const added = await this.#counter.supplement(batch, later);
    if (added !== null) await this.#counter.submit(added);
    await this.#counter.clear(batch, bankSums(this.#bank.batch(batch.id))[0]?.takenSum ?? 0, later);
    this.taken = await compare(county, this.#bank);
    said(`round ${round}: equal, ${this.taken} fen taken in all`);
  }

  #deposits(round: number): void {
    for (let n = 0; n < PEOPLE; n += 1) {
      const account = this.#bank.account(accountOf(n));
      const more = deposited(n, round);
      if (account !== null && more > 0) this.#bank.put({ ...account, balance: (account.balance + more) as Fen });
    }
  }
}

/** Resident memory of the worker above where it began, at its highest while something is done. */
async function peakMb(worker: Service, work: () => Promise<void>): Promise<number> {
  const base = worker.residentMb();
  let highest = base;
  const watch = setInterval(() => (highest = Math.max(highest, worker.residentMb())), 500);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return highest - base;
}

process.exitCode = await withDeductionCounty('2018-01-05T08:00:00', async (county) => {
  const enrolled = await enrol(county);
  const year = new Year(county);
  const peak = await peakMb(county.worker, () => year.play());
  const { times, quiet, busy, taken } = year;
  const limit = Math.max(P95_FACTOR * quiet.p95, P95_AT_LEAST_MS);
  return tell([
    ...enrolled,
    seconds('request file of a round, from the order to the hand-over', times.make, `${PEOPLE} people, ${ROUNDS.length} rounds`),
    seconds('return of a round, from its arrival to posted and fed back', times.take, `${taken} fen, equal in both books`),
    seconds('a week after a return', times.open, 'its cases opened, the townships told'),
    seconds('a month passed', times.move, 'cases fall due, ladders fire, the clock comes to rest'),
    { name: 'API p95, nothing going on', value: quiet.p95, unit: 'ms', bound: null, samples: quiet.count, detail: quiet.detail },
    { name: 'API p95 while a return is posted', value: busy.p95, unit: 'ms', bound: { is: 'at most', value: limit }, samples: busy.count, detail: busy.detail },
    {
      name: 'worker while a return is taken in, above where it stood',
      value: Math.max(...year.grownMb),
      unit: 'MB',
      bound: { is: 'at most', value: MEMORY_BOUND_MB },
      samples: year.grownMb.length,
      detail: 'the highest of the rounds',
    },
    { name: 'worker above its start', value: peak, unit: 'MB', bound: null, samples: 1, detail: 'peak resident memory of the year' },
    ...(await drill(county)),
  ]); // prettier-ignore
});

/** Backed up while it runs, restored into another home, verified there. */
async function drill(county: DeductionCounty): Promise<readonly Figure[]> {
  const folder = join(county.folder, 'backup');
  const own = runtime.pathsOf(process.env['DUBAN_HOME']);
  const from = { ...own, secretsFile: process.env['DUBAN_SECRETS_FILE'] ?? own.secretsFile };
  const settings = loadSettings({ DATABASE_URL: county.stage.database.adminUrl }, join(own.home, 'no-temporal.yaml'));
  const made = await runtime.backup(folder, { paths: from, settings, say: runtime.saySilently });
  const home = join(own.home, 'restored');
  const paths = { ...runtime.pathsOf(home), secretsFile: join(home, 'secrets.json') };
  try {
    const there = await runtime.restore(folder, {
      paths,
      settings: loadSettings({}, join(home, 'no-temporal.yaml')),
      say: runtime.saySilently,
    });
    if (there.audit.violations + there.ledger.violations > 0) throw new Error(JSON.stringify(there));
    return [
      seconds('backup of the county', [made.seconds * 1000], `${made.rows} rows, while it runs`),
      seconds('restored in another home and verified', [there.seconds * 1000], `${there.audit.entries} audit entries, ledger whole`),
    ];
  } finally {
    await runtime.down({ paths, say: runtime.saySilently });
    runtime.removeDatabase(paths);
  }
}
