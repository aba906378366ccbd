import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { deductionPath as at, outcomesOf, sendReturn } from '../deducting.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { clean } from '../print/clean.js';
import { orderStatus, stepWord } from '../print/deduction-words.js';
import { knownText, problemLines, resultText } from '../print/deductions.js';
import { stepBar } from '../print/progress.js';
import { amount } from '../print/reports.js';
import { dayOf, send, tryOut } from '../sending.js';
import { read } from '../shape.js';
import { ordered, orderShown, type Problem, type Result } from '../shapes/deductions.js';
import { both, say, type Both } from '../texts.js';
import { day, noun, verb, whole, type Open } from '../verb.js';
import { yuan } from '../yuan.js';
import { mustHaveSomebody, printPlan, registerLooks } from './deduction-looks.js';
import { dataOf } from './obligations.js';

const LOOK_EVERY_MS = 500;
const PATIENCE_MS = 1_800_000;

/** Rounds of a bank's deduction: request files out, return files in, and what people settle. */
export function registerDeductions(program: Command, open: Open): void {
  const parent = noun(
    program,
    'deduction',
    '银行代扣：制作请求、交入回盘、处理疑点、登记到账',
    'bank deductions: requests, returns, settlements, arrival',
  );
  registerLooks(parent, open);
  registerFiles(parent, open);
  registerDeciding(parent, open);
}

interface Make extends Common {
  readonly leaveOut?: boolean;
  readonly mostLines?: number;
  readonly confirm?: string;
}

function registerFiles(parent: Command, open: Open): void {
  verb(parent, 'make <campaign> <deduction>', '组织一轮代扣，制作请求文件', 'have a round made', true)
    .option('--leave-out', '写不进文件的人略去并列出  leave out whom the file cannot hold')
    .addOption(new Option('--most-lines <n>', '每个文件最多行数  lines a file').argParser(whole))
    .option('--confirm <order>', '确认别人提出的一轮  confirm a round that another proposed')
    .action(async (campaign: string, deduction: string, options: Make) => {
      const context = open(options);
      const { confirm } = options;
      if (confirm === undefined && context.dryRun) return printPlan(context, campaign, deduction);
      const path = at(campaign, deduction, confirm === undefined ? 'runs' : `runs/${confirm}/confirm`);
      if (confirm !== undefined && context.dryRun) return tryOut(context, path, undefined);
      if (confirm === undefined) await mustHaveSomebody(context, campaign, deduction);
      const body = confirm === undefined ? { leaveOut: options.leaveOut === true, mostLines: options.mostLines } : undefined;
      const { order, status } = read(ordered, await context.api.post(path, body));
      if (status === 'proposed')
        return context.result(
          { order, status },
          () =>
            `${say({ zh: `已提出，工作单 ${order}，须由另一人确认：--confirm ${order}`, en: `proposed as ${order}: another person confirms it` }, context.language)}\n`,
        );
      const told = await followed(context, campaign, deduction, order);
      context.result(told.value, () => told.text);
      if (told.refused !== null) throw refusedFile(told.refused);
    });

  verb(parent, 'file <campaign> <deduction> <batch>', '下载给银行的请求文件', 'download the request file')
    .requiredOption('--to <path>', '存到  where to')
    .action(async (campaign: string, deduction: string, batch: string, options: Common & { to: string }) => {
      const context = open(options);
      const answer = await context.api.call('GET', at(campaign, deduction, `batches/${encodeURIComponent(batch)}/file`), { seconds: 600 });
      const path = context.file(options.to);
      writeFileSync(path, answer.bytes, { mode: 0o600 });
      context.result({ path, bytes: answer.bytes.length }, () => `${path}\n`);
    });

  verb(
    parent,
    'submit-return <campaign> <deduction> <files...>',
    '交入银行回盘文件，几个的按先后',
    'hand in return files, several in their order',
    true,
  ).action(async (campaign: string, deduction: string, files: readonly string[], options: Common) => {
    const context = open(options);
    const told: Told[] = [];
    for (const [n, file] of files.entries()) {
      const one = await submitOne(context, campaign, deduction, context.file(file));
      told.push(one);
      if (!context.asJson) context.around.out.write((files.length === 1 ? '' : `${clean(basename(file))}\n`) + one.text);
      const left = files.length - n - 1;
      if (one.refused !== null) {
        if (context.asJson) printJson(context, told);
        throw refusedFile(one.refused, left);
      }
    }
    if (context.asJson) printJson(context, told);
  });
}

/** What came of one file or order: as JSON, as text, and whether it was refused. */
interface Told {
  readonly value: unknown;
  readonly text: string;
  readonly refused: Extract<Result, { kind: 'refused' }> | null;
}

/** One file's answer stands alone, those of several are a list. */
const printJson = (context: Context, told: readonly Told[]): void =>
  context.result(told.length === 1 ? told[0]?.value : told.map(({ value }) => value), () => '');

async function submitOne(context: Context, campaign: string, deduction: string, path: string): Promise<Told> {
  const answer = await sendReturn(context.api, { campaign, deduction, path, dryRun: context.dryRun });
  const { language } = context;
  if (answer.before !== null) {
    const text = knownText(answer.before, basename(path), language);
    if (context.dryRun || answer.order === null || answer.before.status === 'done') return { value: answer, text, refused: null };
    // It is still being worked on: who asks again is told when it is done.
    context.text(text);
  }
  if (answer.order !== null && !context.dryRun) return followed(context, campaign, deduction, answer.order);
  const told = await toldOf(context, campaign, deduction, answer, answer.preview, answer.problems);
  const dry = `${say(DRY_RUN, language)}\n`;
  return { ...told, text: dry + told.text + dry };
}

const DRY_RUN: Both = both('试算，未入账', 'dry run: nothing posted');

async function toldOf(
  context: Context,
  campaign: string,
  deduction: string,
  value: unknown,
  result: Result | null,
  problems: readonly Problem[],
): Promise<Told> {
  const outcomes = await outcomesOf(context.api, campaign, deduction);
  const text = result === null ? '' : resultText(result, outcomes, context.language);
  return { value, text: text + problemLines(problems, result, context.language), refused: result?.kind === 'refused' ? result : null };
}

const refusedFile = ({ code, zh, en }: { readonly code: string; readonly zh: string; readonly en: string }, left = 0): Failure =>
  new Failure(EXIT.refused, code, {
    zh: left === 0 ? zh : `${zh}；其后 ${left} 个文件没有交`,
    en: left === 0 ? en : `${en}; the ${left} files behind it were not handed in`,
  });

/** Waits for an order, with a bar that follows its steps. */
async function followed(context: Context, campaign: string, deduction: string, order: string): Promise<Told> {
  const bar = stepBar(context.around.watched && !context.asJson);
  try {
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
      const found = read(orderShown, await context.api.get(at(campaign, deduction, `orders/${order}`)));
      const { status, progress, lines } = found;
      if (progress === null) bar?.show(orderStatus(status, context.language), lines, 0);
      else bar?.show(stepWord(progress.step, context.language), progress.done, progress.total);
      if (status === 'done' || status === 'refused' || status === 'dropped')
        return await toldOf(context, campaign, deduction, found, found.result, found.problems);
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    bar?.stop();
  }
  throw new Failure(EXIT.refused, 'still-working', {
    zh: `工作单 ${order} 仍在办理，稍后用 deduction status 查看`,
    en: `order ${order} is still worked on: see deduction status`,
  });
}

interface Settle extends Common {
  readonly reason?: string;
  readonly data?: string;
  readonly confirm?: string;
  readonly drop?: string;
}

/** What a subject is: `b1/3`, `b1/3/w5`, `y9`. */
const kindOf = (subject: string): string => (subject.startsWith('y') ? 'refund' : subject.split('/').length === 3 ? 'quarantine' : 'line');

function registerDeciding(parent: Command, open: Open): void {
  verb(
    parent,
    'settle <campaign> <deduction> [subject] [choice]',
    '提出处理意见，或复核别人的',
    'propose how something is settled, or confirm it',
    true,
  )
    .option('--reason <text>', '理由  reason')
    .option('--data <json>', '材料，如 {"evidence":[{"paper":"depositProof","fields":{"amount":20000}}]}  papers, as JSON')
    .option('--confirm <decision>', '复核别人的意见  confirm a proposal of another')
    .option('--drop <decision>', '撤回意见  take a proposal back')
    .action(async (campaign: string, deduction: string, subject: string | undefined, choice: string | undefined, options: Settle) => {
      const context = open(options);
      const decision = options.confirm ?? options.drop;
      const answer = z.object({ decision: z.string() });
      const done = ({ decision: id }: z.infer<typeof answer>): string =>
        `${say(decision === undefined ? { zh: `已提出 ${id}，须由另一人复核`, en: `proposed as ${id}: another person confirms it` } : { zh: `已办理 ${id}`, en: `${id} is done` }, context.language)}\n`;
      if (decision !== undefined)
        return send(
          context,
          at(campaign, deduction, `settlements/${decision}/${options.confirm === undefined ? 'drop' : 'confirm'}`),
          {},
          answer,
          done,
          true,
        );
      if (subject === undefined || choice === undefined || options.reason === undefined)
        throw wrongUsage('settle-incomplete', '须写明事项、处理结果和 --reason', 'name the subject, the choice and --reason');
      return send(
        context,
        at(campaign, deduction, 'settlements'),
        { kind: kindOf(subject), subject, choice, reason: options.reason, ...dataOf(options.data) },
        answer,
        done,
        true,
      );
    });

  verb(parent, 'clear <campaign> <deduction> <batch>', '登记一批扣款到账', 'record that the money of a batch has come', true)
    .addOption(new Option('--amount <yuan>', '到账金额（元）  yuan').argParser(yuan).makeOptionMandatory())
    .requiredOption('--reference <number>', '银行单号  number of the bank’s slip')
    .addOption(new Option('--on <day>', '到账日  day it came').argParser(day))
    .action(
      async (campaign: string, deduction: string, batch: string, options: Common & { amount: number; reference: string; on?: string }) => {
        const context = open(options);
        const body = { amount: options.amount, reference: options.reference, on: options.on ?? (await dayOf(context.api, campaign)) };
        await send(
          context,
          at(campaign, deduction, `batches/${encodeURIComponent(batch)}/clear`),
          body,
          z.object({ clearing: z.string(), lines: z.number(), amount: z.number() }),
          ({ lines, amount: sum }) =>
            `${say({ zh: `${lines} 人到账 ${amount(sum, true)} 元`, en: `${amount(sum, true)} yuan of ${lines} persons have come` }, context.language)}\n`,
          true,
        );
      },
    );

  verb(
    parent,
    'drop <campaign> <deduction> <order>',
    '放弃一份尚未入账、未制成文件的工作单，由下达的人或管理员',
    'give up an order of which nothing is booked or made, by who gave it or an administrator',
    true,
  )
    .requiredOption('--reason <text>', '理由  reason')
    .action(async (campaign: string, deduction: string, order: string, options: Common & { reason: string }) => {
      const context = open(options);
      await send(
        context,
        at(campaign, deduction, `orders/${encodeURIComponent(order)}/drop`),
        { reason: options.reason },
        z.object({ order: z.string() }),
        ({ order: id }) => `${say({ zh: `已放弃 ${id}`, en: `${id} is given up` }, context.language)}\n`,
        true,
      );
    });

  verb(parent, 'resume <campaign> <deduction>', '数目查清后恢复代扣（管理员）', 'let a stopped cycle go on, by an administrator', true)
    .requiredOption('--reason <text>', '理由  reason')
    .action(async (campaign: string, deduction: string, options: Common & { reason: string }) => {
      const context = open(options);
      await send(
        context,
        at(campaign, deduction, 'resume'),
        { reason: options.reason },
        z.object({ resumed: z.boolean() }),
        () => `${say({ zh: '已恢复', en: 'goes on' }, context.language)}\n`,
        true,
      );
    });
}
