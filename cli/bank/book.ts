import { existsSync } from 'node:fs';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { isDate } from '../../domain/calendar/dates.js';
import { fen } from '../../domain/money/fen.js';
import type { LocalDate } from '../../domain/model/ids.js';
import { REASONS, RehearsalBank, TEMPERS, type Answered, type BankAccount } from '../../rehearsal/bank/bank.js';
import { wrongUsage } from '../failure.js';

/*
 * The bank's book: a folder with its rules, its accounts and what it answered, a JSON line each. It is written whole to a temporary file and renamed, so
 * that a bank that is killed knows what it knew before.
 */
const amount = z.int().min(0).transform(fen);
const day = z
  .string()
  .refine(isDate)
  .transform((text) => text as LocalDate);
const rules = z.strictObject({ keepsAccountsAboveZero: z.boolean() });
const account = z.strictObject({ account: z.string().min(1), name: z.string(), balance: amount, temper: z.enum(TEMPERS) });
const answered = z.strictObject({
  batch: z.string().min(1),
  line: z.int().min(1),
  account: z.string(),
  name: z.string(),
  amount,
  reason: z.enum(REASONS).nullable(),
  taken: amount,
  on: day,
});

export type Book = { readonly bank: RehearsalBank; readonly rules: z.infer<typeof rules> };

/** Error: `no-bank` (the folder holds no book yet), `bad-book` with the line. */
export async function readBook(folder: string): Promise<Book> {
  const at = join(folder, 'rules.json');
  if (!existsSync(at)) throw wrongUsage('no-bank', `${folder} 里没有银行账册，先 open`, `No bank in ${folder}: open accounts first`);
  let set: Book['rules'] = { keepsAccountsAboveZero: false };
  for await (const one of linesOf(at, rules)) set = one;
  const accounts: BankAccount[] = [];
  for await (const one of linesOf(join(folder, 'accounts.jsonl'), account)) accounts.push(one);
  const answers: Answered[] = [];
  for await (const one of linesOf(join(folder, 'answers.jsonl'), answered)) answers.push(one);
  return { bank: new RehearsalBank(accounts, answers, set), rules: set };
}

/** Accounts after answers: whoever reads a book between the two finds money that was not taken yet, never money that is gone without a line. */
export async function writeBook(folder: string, { bank, rules: set }: Book): Promise<void> {
  await mkdir(folder, { recursive: true });
  await write(join(folder, 'answers.jsonl'), bank.answered());
  await write(join(folder, 'accounts.jsonl'), bank.accounts);
  await write(join(folder, 'rules.json'), [set]);
}

async function* linesOf<T>(path: string, shape: z.ZodType<T>): AsyncGenerator<T> {
  if (!existsSync(path)) return;
  let n = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    n += 1;
    const read = shape.safeParse(jsonOf(text));
    if (!read.success) throw wrongUsage('bad-book', `${path} 第${n}行不是账册的一行`, `${path}:${n} is no line of a book`);
    yield read.data;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function write(path: string, rows: Iterable<object>): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    let text = '';
    for (const row of rows) {
      text += `${JSON.stringify(row)}\n`;
      if (text.length < 1 << 20) continue;
      await file.write(text);
      text = '';
    }
    await file.write(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
