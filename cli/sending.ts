import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Client } from './client.js';
import type { Context } from './context.js';
import { EXIT, Failure, wrongUsage } from './failure.js';
import { clean } from './print/clean.js';
import { read } from './shape.js';
import { say } from './texts.js';

/** Path below a campaign. */
export const ofCampaign = (campaign: string, rest: string): string => `/campaigns/${encodeURIComponent(campaign)}/${rest}`;

/** The day on which the campaign's world stands: what is meant when a person names no day. */
export async function dayOf(api: Client, campaign: string): Promise<string> {
  const answer = await api.get(`/campaigns/${encodeURIComponent(campaign)}`);
  return read(z.object({ now: z.string() }), answer).now.slice(0, 10);
}

/** Asks the server whether it would do this: every check of the real one, and nothing is kept. Prints that it would; a refusal is thrown as the real one's. */
export async function tryOut(context: Context, path: string, body: Readonly<Record<string, unknown>> | undefined): Promise<void> {
  await context.api.post(path, body, { query: { dryRun: true } }).catch((error: unknown) => {
    if (error instanceof Failure && error.exit === EXIT.refused) context.say('试算：现在不能办理', 'dry run: not open to you now');
    throw error;
  });
  const sent = body === undefined ? '' : `: ${clean(JSON.stringify(body))}`;
  const { zh, en } = { zh: '试算：可以办理，什么也没有改变', en: 'dry run: it would be done; nothing was changed' };
  context.result({ dryRun: true, path, body }, () => `${say({ zh, en }, context.language)}${sent}\n`);
}

/** Posts a body and prints what came of it; a dry run asks the server where it can tell (`tried`), else it prints what would be sent. */
export async function send<S extends z.ZodType>(
  context: Context,
  path: string,
  body: Readonly<Record<string, unknown>>,
  answer: S,
  done: (answer: z.output<S>) => string,
  tried = false,
): Promise<void> {
  if (context.dryRun && tried) return tryOut(context, path, body);
  if (context.dryRun) {
    context.result(
      { dryRun: true, path, body },
      () => `${say({ zh: '将提交', en: 'would send' }, context.language)}: ${clean(JSON.stringify(body))}\n`,
    );
    return;
  }
  const found = read(answer, await context.api.post(path, body));
  context.result(found ?? { done: true }, () => done(found));
}

/** What was given of a query, as it stands behind a path. */
export function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** Fetches a file and writes it where `out` says; a CSV without it is printed. */
export async function keepFile(context: Context, path: string, as: 'csv' | 'xlsx' | 'png', out: string | undefined): Promise<void> {
  if (out === undefined && as !== 'csv') throw wrongUsage('out-missing', '请用 --out 指定文件。', 'Give a file with --out.');
  const answer = await context.api.call('GET', path, { headers: { accept: '*/*' } });
  if (out === undefined) context.around.out.write(answer.bytes);
  else {
    writeFileSync(context.file(out), answer.bytes);
    context.result({ file: out, bytes: answer.bytes.length }, () => `✓ ${out}\n`);
  }
}
