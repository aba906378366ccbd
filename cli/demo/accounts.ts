import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { Client } from '../client.js';
import { read } from '../shape.js';

const LETTERS = 'abcdefghjkmnpqrstuvwxyz';
const signedIn = z.object({ token: z.string() });

/** Easy to type, of about 60 bits: `demo-qwkd-7352-hxmp`. Demonstrations only. */
export function demoPassword(): string {
  const letters = (): string => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)] ?? 'x').join('');
  return `demo-${letters()}-${String(randomInt(10_000)).padStart(4, '0')}-${letters()}-${letters()}`;
}

/** Signs in; with `wanted` the password is exchanged for it on the way. */
export async function enter(url: string, login: string, password: string, wanted: string | null = null): Promise<Client> {
  const answer = read(signedIn, await new Client(url, null).post('/sessions', { login, password }));
  const client = new Client(url, answer.token);
  if (wanted !== null) await client.post('/users/me/password', { old: password, new: wanted });
  return client;
}

/** Gives each login that got a first password one of the demonstration instead. */
export async function givePasswords(
  url: string,
  accounts: readonly { readonly login: string; readonly firstPassword: string }[],
  logins: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const given = new Map<string, string>();
  for (const { login, firstPassword } of accounts) {
    if (!logins.includes(login)) continue;
    const password = demoPassword();
    await enter(url, login, firstPassword, password);
    given.set(login, password);
  }
  return given;
}
