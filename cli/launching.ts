import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { json, type Client } from './client.js';
import { read } from './shape.js';

const questionsAnswer = z.object({
  version: z.string(),
  questions: z.array(
    z.object({ kind: z.string(), blocks: z.boolean(), id: z.string(), title: z.string(), zh: z.string(), en: z.string() }),
  ),
});
export type Questions = z.infer<typeof questionsAnswer>;
const launched = z.object({ id: z.string(), world: z.string(), rootUnit: z.string(), title: z.string() });
export type Launched = z.infer<typeof launched>;

export type Root = { readonly unit: string } | { readonly path: readonly { readonly level: string; readonly name: string }[] };

export interface LaunchOrder {
  readonly definition: string;
  readonly version?: string | undefined;
  readonly year: number;
  readonly root: Root;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly readings: readonly string[];
  /** Files on this machine by table id. */
  readonly tables: Readonly<Record<string, string>>;
  readonly asOf?: string | undefined;
}

/** What is still open before a launch. */
export async function questionsOf(api: Client, order: Omit<LaunchOrder, 'root'>): Promise<Questions> {
  const { definition, version, year, parameters, readings, tables, asOf } = order;
  return read(
    questionsAnswer,
    await api.post(`/definitions/${encodeURIComponent(definition)}/questions`, {
      version,
      year,
      asOf: asOf?.slice(0, 10),
      parameters,
      readings,
      tables: Object.keys(tables),
    }),
  );
}

/** Starts a campaign; table files are sent along. */
export async function sendLaunch(api: Client, order: LaunchOrder, dryRun: boolean): Promise<Launched> {
  const { tables, ...data } = order;
  const form = new FormData();
  form.set('data', JSON.stringify(data));
  for (const [table, path] of Object.entries(tables)) form.set(table, await openAsBlob(path), basename(path));
  return read(launched, json(await api.call('POST', '/campaigns', { form, query: { dryRun: dryRun ? 'true' : undefined }, seconds: 120 })));
}
