import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { Client } from '../client.js';
import { listOf } from '../pages.js';
import { read } from '../shape.js';

const LETTERS = 'abcdefghjkmnpqrstuvwxyz';
const signedIn = z.object({ token: z.string(), me: z.object({ mustChangePassword: z.boolean() }) });

/** Easy to type, of about 60 bits: `demo-qwkd-7352-hxmp`. Demonstrations only. */
export function demoPassword(): string {
  const letters = (): string => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)] ?? 'x').join('');
  return `demo-${letters()}-${String(randomInt(10_000)).padStart(4, '0')}-${letters()}-${letters()}`;
}

/** Signs in; a first password is exchanged for `wanted` on the way. */
export async function enter(url: string, login: string, password: string, wanted: string | null = null): Promise<Client> {
  const answer = read(signedIn, await new Client(url, null).post('/sessions', { login, password }));
  const client = new Client(url, answer.token);
  if (answer.me.mustChangePassword && wanted !== null) await client.post('/users/me/password', { old: password, new: wanted });
  return client;
}

const user = z.object({ id: z.string(), login: z.string() });

/** Gives each login a password of the demonstration: an administrator resets it, the user's first sign-in changes it. */
export async function givePasswords(url: string, admin: Client, logins: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const users = await listOf(admin, '/users', user, {}, true);
  const given = new Map<string, string>();
  for (const login of logins) {
    const found = users.items.find((each) => each.login === login);
    if (found === undefined) continue;
    const reset = read(z.object({ firstPassword: z.string().nullable() }), await admin.post(`/users/${found.id}/password-reset`, undefined));
    const password = demoPassword();
    if (reset.firstPassword !== null) await enter(url, login, reset.firstPassword, password);
    given.set(login, password);
  }
  return given;
}
