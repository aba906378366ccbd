import { dateOf } from '../../domain/calendar/dates.js';
import { layoutOf, type Layout } from '../../domain/formats/layout.js';
import type { FileRow, FileValue } from '../../domain/formats/columns.js';
import { FormatWriter } from '../../domain/formats/write.js';
import type { REQUEST_FILE, REQUEST_LINE } from '../../domain/deduction/columns.js';
import type { Made, Refused, Unwritable } from '../../domain/deduction/order.js';
import type { Round } from '../../domain/deduction/round.js';
import { appendAudit } from '../../store/audit.js';
import type { Trx } from '../../store/connection.js';
import { filesMadeOn, insertBatch } from '../../store/deductions/batches.js';
import { countDues, planRows } from '../../store/deductions/consider.js';
import { FileKeeper } from '../../store/deductions/files.js';
import { changeOrder, holdOrder, keepReturnProblems, takeOrder, type Order } from '../../store/deductions/orders.js';
import { planForMany } from '../../store/deductions/plans.js';
import {
  addContributions,
  duesOfLines,
  lockContributions,
  numberLines,
  sendingLines,
  type SendingFile,
  type SendingLine,
} from '../../store/deductions/sending.js';
import { nextId } from '../../store/ids.js';
import { refreshStatistics } from '../../store/imports/statistics.js';
import { lockMoney } from '../../store/payments/merge.js';
import { charsetOf } from '../files/charset.js';
import { loadCycle, type CycleContext, type CycleOf, type CycleParts } from './parts.js';
import { telling, type Tell } from './progress.js';
import { CycleRefusal, refusalOf, refusedBy } from './refusal.js';
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
    const made = await telling(store, of.county, orderId, (tell) =>
      store.db.transaction().execute(async (trx) => {
        const held = await holdOrder(trx, of.county, orderId, order.token);
        return makeIn(trx, parts, of, context, held, tell);
      }),
    );
    await parts.at?.('made');
    return made;
  } catch (error) {
    const refusal = refusalOf(error);
    const refused = refusedBy(refusal);
    await store.db.transaction().execute(async (trx) => {
      await holdOrder(trx, of.county, orderId, order.token);
      await keepReturnProblems(trx, of.county, orderId, refusal.problems);
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

async function makeIn(trx: Trx, parts: CycleParts, of: CycleOf, context: CycleContext, order: Order, tell: Tell): Promise<Made> {
  const { county, process } = of;
  const { deduction, campaign } = context;
  const { leaveOut = false, mostLines = MOST_LINES } = order.request;
  const round = roundAt(context, order.at);
  await lockMoney(trx, county, process);
  await lockContributions(trx, county);
  const dues = await countDues(trx, county, process);
  tell({ step: 'considering', done: 0, total: dues });
  await planForMany(trx, dues);
  await judgeRound(trx, of, context, round, order.at);
  const plan = await planRows(trx, ['/']);
  const leftOut: Record<string, number> = {};
  for (const { verdict, persons } of plan) if (verdict !== 'in') leftOut[verdict] = (leftOut[verdict] ?? 0) + persons;
  const layout = layoutOf(campaign.setting, deduction.request, 'optional');
  const written = await writeLines(trx, parts, county, layout, order, await numberLines(trx, mostLines, []), tell);
  const unwritable = written.flatMap((one) => one.unwritable);
  if (unwritable.length > 0 && !leaveOut) throw cannotWrite(unwritable);
  const without = unwritable.map(({ due }) => due);
  const files =
    without.length === 0 ? written : await writeLines(trx, parts, county, layout, order, await numberLines(trx, mostLines, without), tell);
  if (files.length === 0)
    throw new CycleRefusal('nobody-due', '本轮没有可以代扣的人', 'nobody is to be deducted in this round', {
      round: round.round,
      ...leftOut,
    });
  await addContributions(trx, county);
  const batches: Made['batches'][number][] = [];
  for (const file of files) batches.push(await makeBatch(trx, of, context, order, round, layout, file));
  const lines = batches.reduce((sum, one) => sum + one.lines, 0);
  await refreshStatistics(trx, lines, ['contribution_dues', 'deduction_lines']);
  const made: Made = { kind: 'made', round: round.round, period: round.id, batches, leftOut, unwritable };
  await changeOrder(trx, county, order.order_id, {
    status: 'staged',
    result: made,
    batch: batches[0]?.id ?? null,
    lines,
  });
  await appendAudit(
    trx,
    county,
    ...batches.map((one) => ({
      at: order.at,
      actor: order.by_user,
      action: 'deduction.made',
      subject: one.id,
      detail: {
        process,
        deduction: deduction.id,
        round: round.round,
        lines: one.lines,
        amount: one.amount,
        digest: one.digest,
        confirmedBy: order.confirmed_by,
      },
    })),
  );
  return made;
}

/** A file on its way: its lines are written, what stands before and behind them is not. */
interface Writing {
  readonly sending: SendingFile;
  readonly batch: string;
  readonly writer: FormatWriter;
  readonly keeper: FileKeeper;
  /** What the file cannot hold, by due; each due once. */
  readonly unwritable: readonly Unwritable[];
}

/** Goes once over all lines: each is read, opened, checked and written. */
async function writeLines(
  trx: Trx,
  parts: CycleParts,
  county: string,
  layout: Layout,
  { at, by_user: by }: Order,
  files: readonly SendingFile[],
  tell: Tell,
): Promise<readonly Writing[]> {
  const total = files.reduce((sum, { lines }) => sum + lines, 0);
  let written = 0;
  const idNumber = layout.detail.own.includes('idNumber');
  const done: Writing[] = [];
  for (const sending of files) {
    const batch = await nextId(trx, county, 'b');
    const writer = new FormatWriter(layout, charsetOf(layout.format.charset), Number.MAX_SAFE_INTEGER);
    const keeper = await FileKeeper.begin(trx, parts.key, { county, kind: 'request', at, by });
    for await (const page of sendingLines(trx, county, sending.file, { idNumber })) {
      await keeper.add(writer.rows(rowsOf(parts, layout, sending, batch, page)));
      written += page.length;
      tell({ step: 'writing', done: written, total });
    }
    if (writer.sums.count !== sending.lines) throw new Error(`file ${sending.file} has ${writer.sums.count} of ${sending.lines} lines`);
    done.push({ sending, batch, writer, keeper, unwritable: await unwritableIn(trx, sending, writer) });
  }
  return done;
}

async function unwritableIn(trx: Trx, { file }: SendingFile, { found }: FormatWriter): Promise<readonly Unwritable[]> {
  const first = new Map<number, (typeof found.problems)[number]>();
  for (const problem of found.problems) if (problem.line !== null && !first.has(problem.line)) first.set(problem.line, problem);
  if (first.size === 0) return [];
  const dues = await duesOfLines(trx, file, [...first.keys()]);
  return dues.flatMap(({ line, due }) => {
    const problem = first.get(line);
    return problem === undefined ? [] : [{ due, code: problem.code, column: problem.column, params: problem.params }];
  });
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

/** No other name will do: the bank takes no file that is not called as agreed. */
const cannotName = ({ format }: Layout, seq: number): CycleRefusal =>
  new CycleRefusal(
    'no-file-name',
    `这一天的第 ${seq} 个请求文件按格式“${format.id}”取不出文件名（序号位数不够，或文件名中的列不能作文件名）：什么也没有制作；与银行商定更宽的序号，改写格式的 file，或改日再做`,
    `request ${seq} of this day has no name by format '${format.id}' (its number has more digits than the pattern, or a column is unfit for a name): nothing was made; agree on a wider number with the bank and change \`file\` of the format, or make it on another day`,
    { format: format.id, seq },
  );

/** Writes what stands around the lines of a file and makes it a batch. */
async function makeBatch(
  trx: Trx,
  of: CycleOf,
  { deduction }: CycleContext,
  order: Order,
  round: Round,
  layout: Layout,
  { sending, batch: id, writer, keeper }: Writing,
): Promise<Made['batches'][number]> {
  const { county, process } = of;
  const today = dateOf(order.at);
  const { insurance, year } = sending;
  const about: Readonly<Record<keyof typeof REQUEST_FILE, FileValue>> = {
    batch: id,
    madeOn: today,
    date: today,
    round: round.round,
    insurance,
    year,
  };
  const header = pick(about, layout.header?.own ?? []);
  const head = writer.begin({ header, trailer: pick(about, layout.trailer?.own ?? []) });
  await keeper.add(writer.end());
  const seq = 1 + (await filesMadeOn(trx, county, process, today));
  const name = layout.name === null ? `${id}.txt` : writer.fileName(today, seq);
  if (name === null) throw cannotName(layout, seq);
  const file = await keeper.finish(name, head);
  await insertBatch(
    trx,
    {
      county,
      process,
      id,
      deduction: deduction.id,
      round: round.round,
      period: round.id,
      insurance,
      year,
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
): Generator<Readonly<Record<keyof typeof REQUEST_LINE, FileValue>>> {
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
