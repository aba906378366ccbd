import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { z } from 'zod';
import { json, type Client } from './client.js';
import type { Outcomes } from './print/deduction-words.js';
import { read } from './shape.js';
import { deductions, returned } from './shapes/deductions.js';

const PATIENCE_SECONDS = 1_800;

/** Path of a deduction of a campaign, and of what lies below it. */
export const deductionPath = (campaign: string, deduction: string, rest = ''): string =>
  `/deductions/${encodeURIComponent(campaign)}/${encodeURIComponent(deduction)}${rest === '' ? '' : `/${rest}`}`;

/** How each outcome of a deduction is called and where it leaves a line, by the outcome's id. */
export async function outcomesOf(api: Client, campaign: string, deduction: string): Promise<Outcomes> {
  const { items } = read(deductions, await api.get('/deductions', { campaign }));
  const found = items.find(({ id }) => id === deduction);
  return Object.fromEntries(
    Object.entries(found?.outcomes ?? {}).map(([id, standing]) => [id, { title: found?.titles[id] ?? id, standing }]),
  );
}

/** Hands a return file of the bank in, under its own name. `dryRun`: only says what it would do. */
export async function sendReturn(
  api: Client,
  given: { readonly campaign: string; readonly deduction: string; readonly path: string; readonly dryRun: boolean; readonly key?: string },
): Promise<z.infer<typeof returned>> {
  const form = new FormData();
  form.set('data', JSON.stringify({ dryRun: given.dryRun }));
  form.set('file', await openAsBlob(given.path), basename(given.path));
  const path = deductionPath(given.campaign, given.deduction, 'returns');
  const headers = given.key === undefined ? {} : { 'idempotency-key': given.key };
  return read(returned, json(await api.call('POST', path, { form, headers, seconds: PATIENCE_SECONDS })));
}
