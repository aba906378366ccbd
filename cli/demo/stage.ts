import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { enter } from './accounts.js';
import type { Banked } from './banked.js';
import type { KeptDemo } from './kept.js';
import type { Payer } from './payers.js';
import type { Scenario } from './scenario.js';
import { accountOf } from './start.js';

export const PATIENCE_SECONDS = 300;
/** Acts of one person sent at the same time. */
export const AT_ONCE = 8;

/** A demonstration while it is played. */
export interface Stage {
  readonly context: Context;
  readonly kept: KeptDemo;
  readonly scenario: Scenario;
  readonly admin: Client;
  /** Signed in once each. */
  readonly signedIn: Map<string, Client>;
  /** Who pays on which day. */
  readonly paying: ReadonlyMap<string, readonly Payer[]>;
  /** Empty where the story has no bank. */
  readonly banked: readonly Banked[];
}

export const passwordsOf = (kept: KeptDemo): ReadonlyMap<string, string> => new Map(Object.entries(kept.passwords));

export async function as(stage: Stage, login: string): Promise<Client> {
  const known = stage.signedIn.get(login);
  if (known !== undefined) return known;
  const client = await enter(stage.context.url, ...accountOf(passwordsOf(stage.kept), login));
  stage.signedIn.set(login, client);
  return client;
}

/** Does something for each, some at the same time. */
export async function forEach<T>(things: readonly T[], work: (thing: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < things.length; from += AT_ONCE) await Promise.all(things.slice(from, from + AT_ONCE).map(work));
}
