import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { z } from 'zod';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

const { History: Codec } = proto.temporal.api.history.v1;
const fileSchema = z.object({ workflow: z.enum(['campaign', 'deductionCycle']), history: z.base64() });
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'histories');

/** Stored histories by file name: the engine's own encoding in base64. They hold invented data only, and are kept unencrypted so that no key must live as long as they do. */
export function storedHistories(): readonly (readonly [string, History])[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const file = fileSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
      return [name, Codec.decode(Buffer.from(file.history, 'base64'))];
    });
}

/** A release keeps a history of its own beside the others: `DUBAN_KEEP_HISTORY=<release>` writes it. */
export function keepHistory(workflow: z.infer<typeof fileSchema>['workflow'], history: History): void {
  const release = process.env['DUBAN_KEEP_HISTORY'];
  if (release === undefined) return;
  const name = `${workflow}-${release}`;
  const file = { workflow, history: Buffer.from(Codec.encode(history).finish()).toString('base64') };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(file)}\n`);
}

/** The same history with every payload decrypted. */
export async function decrypted(history: History, codec: PayloadCodec): Promise<History> {
  const walk = async (value: unknown): Promise<void> => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (isPayload(inner)) Object.assign(value, { [key]: (await codec.decode([inner]))[0] });
      else await walk(inner);
    }
  };
  await walk(history);
  return history;
}

function isPayload(value: unknown): value is Payload {
  if (typeof value !== 'object' || value === null || !('metadata' in value) || !('data' in value)) return false;
  const { metadata } = value;
  return typeof metadata === 'object' && metadata !== null && 'encryption-key-id' in metadata;
}
