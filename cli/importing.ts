import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { json, type Client } from './client.js';
import { read } from './shape.js';

/** What a file of an office may hold. */
export const IMPORT_KINDS = ['units', 'people', 'targets', 'roster', 'payments', 'unitTotals'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

export const importAnswer = z.object({
  importId: z.string().nullable(),
  read: z.number(),
  kept: z.number(),
  known: z.number(),
  bad: z.number(),
  errors: z.array(z.object({ line: z.number(), column: z.string().nullable(), code: z.string(), zh: z.string(), en: z.string() })),
});
export type Imported = z.infer<typeof importAnswer>;

/** A file to send: on this machine, or made by the demonstration. */
export interface ImportOrder {
  readonly kind: ImportKind;
  readonly campaign?: string | undefined;
  readonly name: string;
  readonly text?: string;
  readonly path?: string;
  readonly table?: string | undefined;
  readonly profile?: string | undefined;
  readonly dryRun?: boolean;
  /** Idempotency-Key, when it is not the command's. */
  readonly key?: string;
}

const PATIENCE_SECONDS = 600;

/** Sends a file and waits until it is booked. */
export async function sendImport(api: Client, order: ImportOrder): Promise<Imported> {
  const form = new FormData();
  form.set('data', JSON.stringify({ kind: order.kind, campaign: order.campaign, table: order.table, profile: order.profile }));
  const blob = order.path === undefined ? new Blob([order.text ?? '']) : await openAsBlob(order.path);
  form.set('file', blob, basename(order.name));
  const headers: Readonly<Record<string, string>> = order.key === undefined ? {} : { 'idempotency-key': order.key };
  return read(importAnswer, json(await api.call('POST', '/imports', { form, headers, seconds: PATIENCE_SECONDS, query: { dryRun: order.dryRun === true ? 'true' : undefined } })));
}
