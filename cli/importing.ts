import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ImportKind } from '../domain/model/import-kind.js';
import { json, type Client } from './client.js';
import { Failure } from './failure.js';
import { read } from './shape.js';

export const importAnswer = z.object({
  importId: z.string().nullable(),
  read: z.number(),
  kept: z.number(),
  known: z.number(),
  bad: z.number(),
  sums: z.array(z.object({ heading: z.string(), type: z.string(), sum: z.number(), total: z.number().nullable() })),
  errors: z.array(z.object({ line: z.number(), column: z.string().nullable(), code: z.string(), zh: z.string(), en: z.string() })),
  accounts: z.array(z.object({ login: z.string(), name: z.string(), firstPassword: z.string() })),
});
export type Imported = z.infer<typeof importAnswer>;

/** A file to send: on this machine, or made by the demonstration. */
export interface ImportOrder {
  readonly kind: ImportKind;
  readonly campaign?: string | undefined;
  /** `units` and `people` before any campaign. */
  readonly definition?: string | undefined;
  readonly name: string;
  readonly text?: string;
  readonly path?: string;
  readonly table?: string | undefined;
  /** A saved profile's name, or a profile. */
  readonly profile?: string | Readonly<Record<string, unknown>> | undefined;
  readonly provisional?: boolean;
  /** Whose word a report of deposits is: `bank` or `township`. */
  readonly depositsBy?: string | undefined;
  readonly dryRun?: boolean;
  /** Idempotency-Key, when it is not the command's. */
  readonly key?: string;
}

const PATIENCE_SECONDS = 1_800;
const LOOK_EVERY_MS = 300;

export async function formOf(order: ImportOrder): Promise<FormData> {
  const { kind, campaign, definition, table, profile, provisional, depositsBy, dryRun } = order;
  const form = new FormData();
  form.set('data', JSON.stringify({ kind, campaign, definition, table, profile, provisional, depositsBy, dryRun }));
  const blob = order.path === undefined ? new Blob([order.text ?? '']) : await openAsBlob(order.path);
  form.set('file', blob, basename(order.name));
  return form;
}

/** Sends a file and waits until it is booked. `watch` is told, while it goes on, how many rows have been read. */
export async function sendImport(api: Client, order: ImportOrder, watch: ((rows: number) => void) | null = null): Promise<Imported> {
  const key = order.key ?? `${api.key}-${order.kind}`;
  const sending = api.call('POST', '/imports', {
    form: await formOf(order),
    headers: { 'idempotency-key': key },
    seconds: PATIENCE_SECONDS,
  });
  const looking = watch === null ? null : look(api, key, watch);
  try {
    return read(importAnswer, json(await sending));
  } finally {
    looking?.stop();
  }
}

/** Asks for the rows read so far until told to stop. Before the upload has arrived there is nothing to ask for. */
function look(api: Client, key: string, watch: (rows: number) => void): { stop(): void } {
  let going = true;
  void (async () => {
    while (going) {
      await sleep(LOOK_EVERY_MS);
      try {
        const { rows } = read(z.object({ rows: z.number() }), await api.get('/imports/progress', { key }));
        if (going) watch(rows);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
      }
    }
  })();
  return { stop: () => void (going = false) };
}
