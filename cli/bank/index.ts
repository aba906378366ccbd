import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { formatYuan, fen, parseYuan, showYuan, addFen } from '../../domain/money/fen.js';
import type { LocalDate } from '../../domain/model/ids.js';
import { bankSums, RehearsalBank, TEMPERS, type Answered, type BankSums, type Temper } from '../../rehearsal/bank/bank.js';
import type { Context, Common } from '../context.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { layoutFor, type FormatWanted } from '../formats.js';
import { day, noun, pairs, verb, whole, type Open } from '../verb.js';
import { readBook, writeBook } from './book.js';
import { readRequest, writeReturn } from './files.js';

/*
 * The rehearsal bank: an invented bank that speaks the county's files and nothing else, so that a coordinator can try a deduction from end to end. It is
 * a command of its own and keeps its own book.
 */
interface BankOptions extends Common {
  readonly book: string;
}
interface FileOptions extends BankOptions, Omit<FormatWanted, 'format'> {
  readonly request: string;
  readonly return: string;
  readonly on: string;
  readonly out: string;
  readonly files: number;
  readonly seq: number;
  readonly part?: number;
  readonly twice?: boolean;
}

const withBook = (command: Command): Command => command.requiredOption('--book <folder>', '银行账册所在文件夹  the folder of its book');
const changing = (command: Command): Command => withBook(command).option('--dry-run', '只预览，不改动  show what would be done');

const withFiles = (command: Command): Command =>
  changing(command)
    .requiredOption('--definition <file>', '写明文件格式的定义  the definition that says the formats')
    .option('--request <id>', '请求文件的格式  format of the request', 'bankRequest')
    .option('--return <id>', '回盘的格式  format of the return', 'bankReturn')
    .option('--set <name=value>', '定义中未定的参数  a parameter that the definition leaves open', pairs)
    .option('--table <id=file>', '银行的返回码表（CSV，列 code、outcome）  the table of codes', pairs)
    .requiredOption('--on <day>', '扣款日  the day it takes the money', day)
    .option('--out <folder>', '回盘写到哪里  where the return goes', '.')
    .option('--files <n>', '分成几个回盘文件  in how many files', whole, 1)
    .option('--seq <n>', '第一个回盘文件的序号  number of the first file for this batch', whole, 1)
    .option('--twice', '同一内容再出一个文件  once more the same lines in another file');

export function registerBank(program: Command, open: Open): void {
  changing(
    verb(
      program,
      'open <accounts>',
      '开户：CSV，列 account、name、balance（元）、temper（可空）',
      'open accounts from a CSV: account, name, balance (yuan), temper',
    ),
  )
    .option('--keeps-above-zero', '余额会扣成零的不扣  refuses what would leave an account at zero')
    .action((file: string, options: BankOptions & { readonly keepsAboveZero?: boolean }) => openAccounts(open(options), file, options));
  changing(verb(program, 'deposit <account> <yuan>', '存款', 'a deposit')).action((account: string, yuan: string, options: BankOptions) =>
    deposit(open(options), account, yuan, options),
  );
  changing(verb(program, 'change <account>', '改户名或账户状况', 'change the name or the temper of an account'))
    .option('--name <name>', '户名  name')
    .addOption(new Option('--temper <temper>', '账户状况  how it behaves').choices(TEMPERS))
    .action((account: string, options: BankOptions & { readonly name?: string; readonly temper?: Temper }) =>
      change(open(options), account, options),
    );
  withFiles(
    verb(
      program,
      'answer <request>',
      '受理请求文件：逐行扣款，出回盘',
      'take a request in: takes the money line by line and writes the return',
    ),
  )
    .option('--part <percent>', '先答复百分之几，其余留待补盘  answers so many per cent, the rest later', whole)
    .action((file: string, options: FileOptions) => answer(open(options), file, options));
  withFiles(
    verb(
      program,
      'supplement <batch>',
      '补盘：先前未答复、未查明、迟到的成功',
      'what it has to add to a batch: lines left open, the unsure, late successes',
    ),
  ).action((batch: string, options: FileOptions) => supplement(open(options), batch, options));
  const show = noun(program, 'show', '看银行自己的账', 'the bank’s own book');
  withBook(verb(show, 'sums', '各批：笔数、已扣、各种原因', 'each batch: lines, taken, reasons')).action((options: BankOptions) =>
    sums(open(options), options),
  );
  withBook(verb(show, 'account <account>', '一个账户', 'one account')).action((account: string, options: BankOptions) =>
    one(open(options), account, options),
  );
}

const row = z.object({
  account: z.string().min(1),
  name: z.string().min(1),
  balance: z.string(),
  temper: z.enum(TEMPERS).or(z.literal('')).default(''),
});

async function openAccounts(context: Context, file: string, options: BankOptions & { readonly keepsAboveZero?: boolean }): Promise<void> {
  const path = context.file(file);
  if (!existsSync(path)) throw wrongUsage('file-missing', `没有文件：${file}`, `No such file: ${file}`);
  const folder = context.file(options.book);
  const known = existsSync(`${folder}/rules.json`) ? await readBook(folder) : null;
  const rules = { keepsAccountsAboveZero: options.keepsAboveZero ?? known?.rules.keepsAccountsAboveZero ?? false };
  const bank = new RehearsalBank(known?.bank.accounts ?? [], known?.bank.answered() ?? [], rules);
  const rows: unknown[] = parse(readFileSync(path), { columns: true, bom: true, skip_empty_lines: true, trim: true });
  rows.forEach((given, n) => {
    const read = row.safeParse(given);
    if (!read.success)
      throw wrongUsage('bad-account', `${file} 第${n + 2}行：应有 account、name、balance`, `${file}:${n + 2}: account, name, balance`);
    const { account, name, balance, temper } = read.data;
    bank.put({ account, name, balance: parseYuan(balance), temper: temper === '' ? 'normal' : temper });
  });
  if (!context.dryRun) await writeBook(folder, { bank, rules });
  context.result({ opened: rows.length, ...rules }, () => `✓ ${rows.length} 户 accounts\n`);
}

/** Works on the book and keeps it, unless the work fails or is only tried. */
async function withBank<T>(context: Context, { book }: BankOptions, work: (bank: RehearsalBank) => T | Promise<T>): Promise<T> {
  const folder = context.file(book);
  const opened = await readBook(folder);
  const result = await work(opened.bank);
  if (!context.dryRun) await writeBook(folder, opened);
  return result;
}

function known(bank: RehearsalBank, number: string): NonNullable<ReturnType<RehearsalBank['account']>> {
  const found = bank.account(number);
  if (found === null) throw new Failure(EXIT.refused, 'no-account', { zh: `没有账户：${number}`, en: `No account ${number}` });
  return found;
}

async function deposit(context: Context, number: string, yuan: string, options: BankOptions): Promise<void> {
  const amount = parseYuan(yuan);
  if (amount <= 0) throw wrongUsage('not-a-deposit', '存款须大于0', 'A deposit is above 0');
  const after = await withBank(context, options, (bank) => {
    const account = known(bank, number);
    bank.put({ ...account, balance: addFen(account.balance, amount) });
    return known(bank, number);
  });
  context.result(after, () => `✓ ${number} ${showYuan(after.balance)} 元\n`);
}

async function change(
  context: Context,
  number: string,
  { name, temper, ...options }: BankOptions & { readonly name?: string; readonly temper?: Temper },
): Promise<void> {
  const after = await withBank(context, options, (bank) => {
    const account = known(bank, number);
    bank.put({ ...account, name: name ?? account.name, temper: temper ?? account.temper });
    return known(bank, number);
  });
  context.result(after, () => `✓ ${number} ${after.name} ${after.temper}\n`);
}

async function answer(context: Context, file: string, options: FileOptions): Promise<void> {
  const path = context.file(file);
  if (!existsSync(path)) throw wrongUsage('file-missing', `没有文件：${file}`, `No such file: ${file}`);
  const request = await readRequest(path, layoutFor(context, { ...options, format: options.request }).layout);
  const now = Math.ceil((request.lines.length * Math.min(options.part ?? 100, 100)) / 100);
  const files = await withBank(context, options, (bank) => {
    const said = request.lines.map((line, n) => bank.answer(request.batch, line, options.on as LocalDate, n >= now));
    return returnsOf(context, request.batch, said, options);
  });
  told(context, request.batch, files);
}

async function supplement(context: Context, batch: string, options: FileOptions): Promise<void> {
  const files = await withBank(context, options, (bank) =>
    returnsOf(context, batch, bank.supplement(batch, options.on as LocalDate), options),
  );
  told(context, batch, files);
}

type Returned = Awaited<ReturnType<typeof writeReturn>>;

async function returnsOf(context: Context, batch: string, said: readonly Answered[], options: FileOptions): Promise<readonly Returned[]> {
  const { layout } = layoutFor(context, { ...options, format: options.return });
  const lines = said.filter(({ reason }) => reason !== null);
  if (lines.length === 0) return [];
  const folder = context.file(options.out);
  if (context.dryRun) return [{ path: folder, name: '-', lines: lines.length }];
  await mkdir(folder, { recursive: true });
  const each = Math.ceil(lines.length / Math.max(1, options.files));
  const parts = Array.from({ length: Math.ceil(lines.length / each) }, (_, n) => lines.slice(n * each, (n + 1) * each));
  const files: Returned[] = [];
  for (const part of options.twice === true ? [...parts, ...parts] : parts)
    files.push(await writeReturn(folder, layout, { batch, seq: options.seq + files.length, on: options.on as LocalDate, lines: part }));
  return files;
}

function told(context: Context, batch: string, files: readonly Returned[]): void {
  context.result({ batch, files }, () =>
    files.length === 0
      ? `批次 ${batch}：没有可答复的  nothing to answer\n`
      : files.map(({ path, lines }) => `✓ ${path}  ${lines} 行 lines\n`).join(''),
  );
}

async function sums(context: Context, { book }: BankOptions): Promise<void> {
  const { bank } = await readBook(context.file(book));
  const all = bankSums(bank.answered());
  const line = ({ batch, lines, open, taken, takenSum, reasons }: BankSums): string =>
    `${batch}  ${lines} 行 lines，已扣 taken ${taken}（${showYuan(takenSum)} 元），未答复 open ${open}  ${Object.entries(reasons).map(([reason, n]) => `${reason} ${n}`).join('、')}\n`; // prettier-ignore
  context.result({ batches: all, takenSum: fen(all.reduce((sum, { takenSum }) => sum + takenSum, 0)) }, () =>
    all.length === 0 ? '尚无批次  no batch yet\n' : all.map(line).join(''),
  );
}

async function one(context: Context, number: string, { book }: BankOptions): Promise<void> {
  const { bank } = await readBook(context.file(book));
  const account = known(bank, number);
  const lines = [...bank.answered()].filter((line) => line.account === number);
  context.result(
    { ...account, lines },
    () =>
    [`${account.account} ${account.name} ${formatYuan(account.balance)} 元 ${account.temper}`, ...lines.map(({ batch, line, reason, taken, on }) => `  ${batch} ${line} ${on} ${reason ?? '-'} ${formatYuan(taken)}`), ''].join('\n'), // prettier-ignore
  );
}
