import { Option, type Command } from 'commander';
import { z } from 'zod';
import { canonical } from '../../definitions/schema/publish/digest.js';
import { ACCOUNT_IDS, BOOK_IDS, LEDGER_ACCOUNTS, LEDGER_BOOKS } from '../../domain/ledger/accounts.js';
import { TRANSACTION_KINDS, type TransactionKind } from '../../domain/ledger/events.js';
import type { Common, Context } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { listOf } from '../pages.js';
import { amount } from '../print/reports.js';
import { table } from '../print/table.js';
import { read } from '../shape.js';
import { head, nothing, say, type Language } from '../texts.js';
import { day, noun, verb, type Open } from '../verb.js';

const account = z.enum(ACCOUNT_IDS);
const book = z.enum(BOOK_IDS);
const balance = z.object({ book, insurance: z.string(), account, debit: z.number(), credit: z.number(), balance: z.number() });
const statement = z.object({
  person: z.string(),
  name: z.string(),
  lines: z.array(
    z.object({
      transaction: z.string(),
      kind: z.string(),
      on: z.string(),
      book,
      insurance: z.string(),
      year: z.number(),
      account,
      amount: z.number(),
      balance: z.number(),
    }),
  ),
});
const verified = z.object({
  ok: z.boolean(),
  campaigns: z.array(
    z.object({
      campaign: z.string(),
      transactions: z.number(),
      postings: z.number(),
      checked: z.array(z.string()),
      violation: z.object({ code: z.string(), at: z.string(), expected: z.string(), found: z.string() }).nullable(),
    }),
  ),
});

interface AsOf extends Common {
  readonly on?: string;
  readonly recordedBy?: string;
}

/** The control ledger: what the books say, and whether they hold. */
export function registerLedger(program: Command, open: Open): void {
  const ledger = noun(program, 'ledger', '账目：复式记账，只增不改', 'the control ledger: double entry, only added to');

  verb(ledger, 'verify', '逐条检查账目，指出第一处不符', 'verify every promise of the ledger; names the first that is broken')
    .option('--campaign <id>', '只查这项工作  this campaign')
    .action(async (options: Common & { campaign?: string }) => {
      const context = open(options);
      const { language } = context;
      const answer = read(verified, await context.api.post('/ledger/verify', { campaign: options.campaign }, { seconds: 600 }));
      context.result(answer, () =>
        answer.campaigns
          .map(({ campaign, transactions, postings, checked, violation }) =>
            violation === null
              ? `✓ ${campaign}  ${say({ zh: `${transactions} 笔凭证、${postings} 条分录、${checked.length} 项检查全部相符`, en: `${transactions} transactions, ${postings} postings, ${checked.length} checks hold` }, language)}\n`
              : `✗ ${campaign}  ${violation.code}  ${violation.at}\n  ${say({ zh: `应为 ${violation.expected}，实为 ${violation.found}`, en: `expected ${violation.expected}, found ${violation.found}` }, language)}\n`,
          )
          .join(''),
      );
      if (!answer.ok) throw new Failure(EXIT.refused, 'findings', { zh: '账目有不符之处。', en: 'The ledger does not hold.' });
    });

  verb(
    ledger,
    'dump [campaign]',
    '全部凭证，每行一条规范 JSON，按编号排序，只含代号',
    'all transactions as canonical JSON lines in the order of their ids, surrogates only',
  ).action(async (campaign: string | undefined, options: Common) => {
    const context = open(options);
    const campaigns =
      campaign === undefined
        ? (await listOf(context.api, '/campaigns', z.object({ id: z.string() }), {}, false)).items.map(({ id }) => id).sort()
        : [campaign];
    for (const each of campaigns) await dump(context, each);
  });

  asOfOptions(verb(ledger, 'balance <campaign>', '余额：不给账户则为试算平衡表', 'balances; without an account the trial balance'))
    .addOption(new Option('--account <id>', '账户  account').choices([...ACCOUNT_IDS]))
    .option('--holder <id>', '单位、个人或待处理款的编号  id of a unit, person or case of suspense')
    .action(async (campaign: string, options: AsOf & { account?: string; holder?: string }) => {
      const context = open(options);
      const { on, recordedBy, holder } = options;
      const query = { campaign, on, recordedBy, account: options.account, holder };
      const path = options.account === undefined ? '/ledger/trial-balance' : '/ledger/balance';
      const { items } = await listOf(context.api, path, balance, query, false);
      context.result(items, () => balances(items, context.language));
    });

  asOfOptions(
    verb(ledger, 'statement <campaign> <person>', '个人缴费对账单（每次查看留痕）', 'statement of a participant; every look is audited'),
  )
    .option('--reason <text>', '显示全名的理由  why the name is shown in full')
    .action(async (campaign: string, person: string, options: AsOf & { reason?: string }) => {
      const context = open(options);
      const { on, recordedBy, reason } = options;
      const found = read(statement, await context.api.get('/ledger/statement', { campaign, person, on, recordedBy, reason }));
      context.result(found, () => lines(found, context.language));
    });
}

const asOfOptions = (command: Command): Command =>
  command
    .addOption(new Option('--on <day>', '至此日发生的  what had happened by this day').argParser(day))
    .option('--recorded-by <moment>', '至此刻已登记的，如 2020-05-25T18:00:00  what had been recorded by this moment');

/** Page by page, so that memory does not grow with the ledger. */
async function dump(context: Context, campaign: string): Promise<void> {
  const page = z.object({ items: z.array(z.unknown()), next: z.string().nullable() });
  let cursor: string | undefined;
  do {
    const { items, next } = read(page, await context.api.get('/ledger/transactions', { campaign, limit: 2_000, cursor }));
    context.around.out.write(items.map((item) => `${canonical(item)}\n`).join(''));
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

const accountText = (id: z.infer<typeof account>, language: Language): string => say(LEDGER_ACCOUNTS[id], language);
const bookText = (id: z.infer<typeof book>, language: Language): string => say(LEDGER_BOOKS[id], language);
const isKind = (kind: string): kind is TransactionKind => Object.hasOwn(TRANSACTION_KINDS, kind);

function balances(items: readonly z.infer<typeof balance>[], language: Language): string {
  if (items.length === 0) return nothing('没有分录。', 'Nothing is posted.', language);
  return table(
    [
      { head: head('账簿', 'book', language), cell: (row) => bookText(row.book, language) },
      { head: head('险种', 'insurance', language), cell: (row) => row.insurance },
      { head: head('账户', 'account', language), cell: (row) => accountText(row.account, language) },
      { head: head('借方', 'debit', language), cell: (row) => amount(row.debit, true), right: true },
      { head: head('贷方', 'credit', language), cell: (row) => amount(row.credit, true), right: true },
      { head: head('余额（元）', 'balance, yuan', language), cell: (row) => amount(row.balance, true), right: true },
    ],
    items,
  );
}

function lines(found: z.infer<typeof statement>, language: Language): string {
  if (found.lines.length === 0) return nothing('没有此人的账目。', 'Nothing is posted for this person.', language);
  return `${found.name}  ${found.person}\n${table(
    [
      { head: head('日期', 'on', language), cell: (row) => row.on },
      { head: head('事由', 'what', language), cell: (row) => (isKind(row.kind) ? say(TRANSACTION_KINDS[row.kind], language) : row.kind) },
      { head: head('账户', 'account', language), cell: (row) => accountText(row.account, language) },
      { head: head('险种', 'insurance', language), cell: (row) => row.insurance },
      { head: head('年度', 'year', language), cell: (row) => String(row.year) },
      { head: head('金额（元）', 'yuan', language), cell: (row) => amount(row.amount, true), right: true },
      { head: head('余额（元）', 'balance', language), cell: (row) => amount(row.balance, true), right: true },
      { head: head('凭证', 'transaction', language), cell: (row) => row.transaction },
    ],
    found.lines,
  )}`;
}
