import { join } from 'node:path';
import { z } from 'zod';
import { readOperatorToken } from '../server/runtime/index.js';
import { Client } from './client.js';
import type { Context } from './context.js';
import { read } from './shape.js';

const setUpAnswer = z.object({ unit: z.string(), user: z.string(), login: z.string(), firstPassword: z.string().nullable() });
export type SetUp = z.infer<typeof setUpAnswer>;

export interface SetUpOrder {
  readonly county: string;
  readonly level: string;
  readonly administrator: { readonly login: string; readonly name: string };
  readonly demonstration: boolean;
}

/**
 * The first call to a new Duban: county, top unit, first administrator. Only who can read the secrets of this machine can make it. Errors:
 * `setup-done`, `secrets-missing`.
 */
export async function setUp(context: Context, order: SetUpOrder): Promise<SetUp> {
  const file = context.around.env['DUBAN_SECRETS_FILE'] ?? join(context.home, 'secrets.json');
  const client = new Client(context.url, readOperatorToken(file));
  return read(setUpAnswer, await client.post('/setup', order));
}
