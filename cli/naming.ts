import { z } from 'zod';
import type { Client } from './client.js';
import { EXIT, Failure } from './failure.js';
import { listOf } from './pages.js';

const unitRow = z.object({ id: z.string(), name: z.string(), level: z.string(), to: z.string().nullable().optional() });
const userRow = z.object({ id: z.string(), login: z.string(), name: z.string() });

/** Id of a unit, from the id itself or from its name. Errors: `unit-unknown`, `unit-ambiguous` with the ids to choose from. */
export async function unitNamed(api: Client, text: string): Promise<string> {
  if (/^u\d{1,15}$/.test(text)) return text;
  const { items } = await listOf(api, '/units', unitRow, { text }, true);
  const named = items.filter(({ name }) => name === text);
  const standing = named.filter(({ to }) => to === null || to === undefined);
  return only('unit', text, standing.length > 0 ? standing : named, '单位', 'npx duban units --text');
}

/** Id of a user, from the id itself, the login or the full name. Errors: `user-unknown`, `user-ambiguous`. */
export async function userNamed(api: Client, text: string): Promise<string> {
  if (/^p\d{1,15}$/.test(text)) return text;
  const { items } = await listOf(api, '/users', userRow, { text }, true);
  const byLogin = items.filter(({ login }) => login === text);
  return only('user', text, byLogin.length > 0 ? byLogin : items.filter(({ name }) => name === text), '用户', 'npx duban users --text');
}

function only(what: 'unit' | 'user', text: string, found: readonly { readonly id: string }[], zh: string, look: string): string {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first.id;
  const ids = found.map(({ id }) => id).join('、');
  throw first === undefined
    ? new Failure(
        EXIT.refused,
        `${what}-unknown`,
        { zh: `没有名为“${text}”的${zh}，或不在您的范围内。`, en: `No ${what} of yours is called '${text}'.` },
        { zh: `查找：${look} ${text}`, en: `Look: ${look} ${text}` },
      )
    : new Failure(
        EXIT.refused,
        `${what}-ambiguous`,
        { zh: `有多个${zh}名为“${text}”：${ids}`, en: `Several are called '${text}': ${ids}` },
        { zh: `请写编号；查找：${look} ${text}`, en: `Give the id; look: ${look} ${text}` },
      );
}
