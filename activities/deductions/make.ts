import { dateOf } from '../../domain/calendar/dates.js';
import { layoutOf, type Layout } from '../../domain/formats/layout.js';
import type { FileRow } from '../../domain/formats/columns.js';
import { FormatWriter } from '../../domain/formats/write.js';
import type { Made, Refused, Unwritable } from '../../domain/deduction/order.js';
import type { Round } from '../../domain/deduction/round.js';
import { appendAudit } from '../../store/audit.js';
import type { Trx } from '../../store/connection.js';
import { filesMadeOn, insertBatch } from '../../store/deductions/batches.js';
import { countDues, numberLines, planRows, sendingLines, type SendingFile, type SendingLine } from '../../store/deductions/consider.js';
import { FileKeeper } from '../../store/deductions/files.js';
import { changeOrder, holdOrder, keepReturnProblems, takeOrder, type Order } from '../../store/deductions/orders.js';
import { nextId } from '../../store/ids.js';
import { planForMany } from '../../store/deductions/plans.js';
import { refreshStatistics } from '../../store/imports/statistics.js';
import { lockMoney } from '../../store/payments/merge.js';
import { charsetOf } from '../files/charset.js';
import { loadCycle, type CycleContext, type CycleOf, type CycleParts } from './parts.js';
import { CycleRefusal, refusedBy } from './refusal.js';
import { judgeRound, roundAt } from './round.js';

/** Lines of one file, unless the order says fewer: what banks take at once. */
const MOST_LINES = 500_000;

/**
 * Makes the batches of an order: who is in the round, one file for each insurance and year, all in one transaction. The same order again gives the answer that was
 * given. A name that the charset does not hold refuses the order, or is left out and listed when the order says so.
 */
export async function makeBatches(parts: CycleParts, of: CycleOf, orderId: string): Promise<Made | Refused> {
  const { store } = parts;
  const order = await store.db.transaction().execute((trx) => takeOrder(trx, of.county, orderId));
  if (order.status !== 'working') return answered(order);
  try {
    const context = await loadCycle(parts, of);
    const made = await store.db.transaction().execute(async (trx) => {
      const held = await holdOrder(trx, of.county, orderId, order.token);
      return makeIn(trx, parts, of, context, held);
    });
    await parts.at?.('made');
    return made;
  } catch (error) {
    if (!(error instanceof CycleRefusal)) throw error;
    const refused = refusedBy(error);
    await store.db.transaction().execute(async (trx) => {
      await holdOrder(trx, of.county, orderId, order.token);
      await keepReturnProblems(trx, of.county, orderId, error.problems);
      await changeOrder(trx, of.county, orderId, { status: 'refused', result: refused });
    });
    return refused;
  }
}

/** The answer that was given before. */
function answered({ order_id, result }: Order): Made | Refused {
  if (result?.kind === 'made' || result?.kind === 'refused') return result;
  throw new Error(`order ${order_id} has no answer`);
}

async function makeIn(trx: Trx, parts: CycleParts, of: CycleOf, context: CycleContext, order: Order): Promise<Made> {
  const { county, process } = of;
  const { deduction, campaign } = context;
  const { leaveOut = false, mostLines = MOST_LINES } = order.request;
  const round = roundAt(context, order.at);
  await lockMoney(trx, county, process);
  await planForMany(trx, await countDues(trx, county, process));
  await judgeRound(trx, of, context, round, order.at);
  const plan = await planRows(trx, ['/']);
  const leftOut: Record<string, number> = {};
  for (const { verdict, persons } of plan) if (verdict !== 'in') leftOut[verdict] = (leftOut[verdict] ?? 0) + persons;
  const layout = layoutOf(campaign.setting, deduction.request, 'optional');
  const unwritable: Unwritable[] = [];
  let files = await numberLines(trx, county, mostLines, []);
  const problems = await unwritableIn(trx, parts, county, layout, files);
  if (problems.length > 0) {
    if (!leaveOut) throw cannotWrite(problems);
    unwritable.push(...problems);
    files = await numberLines(
      trx,
      county,
      mostLines,
      problems.map(({ due }) => due),
    );
  }
  if (files.length === 0)
    throw new CycleRefusal('nobody-due', '本轮没有可以代扣的人', 'nobody is to be deducted in this round', {
      round: round.round,
      ...leftOut,
    });
  const batches: Made['batches'][number][] = [];
  for (const sending of files) batches.push(await makeBatch(trx, parts, of, context, order, round, layout, sending));
  await refreshStatistics(
    trx,
    batches.reduce((sum, { lines }) => sum + lines, 0),
  );
  const made: Made = { kind: 'made', round: round.round, period: round.id, batches, leftOut, unwritable };
  await changeOrder(trx, county, order.order_id, {
    status: 'staged',
    result: made,
    batch: batches[0]?.id ?? null,
    lines: batches.reduce((sum, { lines }) => sum + lines, 0),
  });
  await appendAudit(
    trx,
    county,
    ...batches.map(({ id, lines, amount, digest }) => ({
      at: order.at,
      actor: order.by_user,
      action: 'deduction.made',
      subject: id,
      detail: { process, deduction: deduction.id, round: round.round, lines, amount, digest, confirmedBy: order.confirmed_by },
    })),
  );
  return made;
}

/** First pass over all lines: what the file cannot hold, by due; each due once. */
async function unwritableIn(
  trx: Trx,
  parts: CycleParts,
  county: string,
  layout: Layout,
  files: readonly SendingFile[],
): Promise<readonly Unwritable[]> {
  const found: Unwritable[] = [];
  for (const sending of files) {
    const writer = new FormatWriter(layout, charsetOf(layout.format.charset), Number.MAX_SAFE_INTEGER);
    const dues: string[] = [];
    for await (const page of sendingLines(trx, county, sending.file)) {
      writer.check(rowsOf(parts, layout, sending, 'b0', page));
      dues.push(...page.map(({ due }) => due));
    }
    const seen = new Set<number>();
    for (const { line, code, column, params } of writer.found.problems) {
      const due = line === null ? undefined : dues[line - 1];
      if (line === null || due === undefined || seen.has(line)) continue;
      seen.add(line);
      found.push({ due, code, column, params });
    }
  }
  return found;
}

const cannotWrite = (problems: readonly Unwritable[]): CycleRefusal =>
  new CycleRefusal(
    'unwritable',
    `有 ${problems.length} 人写不进文件：改正后重做，或选择“略去这些人”`,
    `${problems.length} persons cannot be written to the file: correct them, or leave them out`,
    { persons: problems.length },
    problems
      .slice(0, 1_000)
      .map(({ due, code, column, params }) => ({ line: null, code, params: { ...params, due, column: column ?? '' } })),
  );

async function makeBatch(
  trx: Trx,
  parts: CycleParts,
  of: CycleOf,
  { deduction }: CycleContext,
  order: Order,
  round: Round,
  layout: Layout,
  sending: SendingFile,
): Promise<Made['batches'][number]> {
  const { county, process } = of;
  const [id, today] = [await nextId(trx, county, 'b'), dateOf(order.at)];
  const writer = new FormatWriter(layout, charsetOf(layout.format.charset));
  for await (const page of sendingLines(trx, county, sending.file)) writer.check(rowsOf(parts, layout, sending, id, page));
  const keeper = await FileKeeper.begin(trx, parts.key, { county, kind: 'request', at: order.at, by: order.by_user });
  const about = { batch: id, madeOn: today, date: today, round: round.round, insurance: sending.insurance, year: sending.year };
  const header = pick(about, layout.header?.own ?? []);
  await keeper.add(writer.begin({ header, trailer: pick(about, layout.trailer?.own ?? []) }));
  for await (const page of sendingLines(trx, county, sending.file)) await keeper.add(writer.rows(rowsOf(parts, layout, sending, id, page)));
  await keeper.add(writer.end());
  const seq = 1 + (await filesMadeOn(trx, county, process, today));
  const file = await keeper.finish(writer.fileName(today, seq) ?? `${id}.txt`);
  await insertBatch(
    trx,
    {
      county,
      process,
      id,
      deduction: deduction.id,
      round: round.round,
      period: round.id,
      insurance: sending.insurance,
      year: sending.year,
      format: deduction.request,
      file: file.id,
      digest: file.digest,
      at: order.at,
      by: order.by_user,
    },
    sending,
  );
  return { id, lines: sending.lines, amount: sending.amount, file: file.name, digest: file.digest };
}

const pick = (values: FileRow, columns: readonly string[]): FileRow =>
  Object.fromEntries(columns.flatMap((id) => (values[id] === undefined ? [] : [[id, values[id]]])));

/** What a request may say of a line; the format takes the columns that it has. */
function* rowsOf(
  { key }: Pick<CycleParts, 'key'>,
  layout: Layout,
  { insurance, year }: Pick<SendingFile, 'insurance' | 'year'>,
  batch: string,
  lines: readonly SendingLine[],
): Generator<FileRow> {
  const needs = (column: string): boolean => layout.detail.own.includes(column);
  const [account, idNumber] = [needs('account'), needs('idNumber')];
  for (const one of lines)
    yield {
      batch,
      line: one.line,
      account: account ? key.decrypt(one.sealed) : null,
      idNumber: idNumber && one.idNumber !== null ? key.decrypt(one.idNumber) : null,
      name: one.holder,
      amount: one.amount,
      person: one.person,
      due: one.due,
      insurance,
      year,
    };
}
