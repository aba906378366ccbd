import { z } from 'zod';
import { passwordHashOf, setPassword } from '../../store/users/passwords.js';
import { endSession, endSessions, openSession, tokensOf, type Session } from '../../store/users/sessions.js';
import { unitsByIds } from '../../store/units/read.js';
import { recordAudit } from '../http/audit.js';
import type { Caller } from '../http/caller.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { hashPassword, hashToken, MIN_PASSWORD, newToken, verifyPassword } from '../http/secrets.js';
import type { Services } from '../http/services.js';
import { line } from '../http/shapes.js';

export const meSchema = z
  .strictObject({
    id: z.string(),
    login: z.string(),
    name: z.string(),
    language: z.string(),
    mustChangePassword: z.boolean(),
    demonstration: z.boolean(),
    admin: z.boolean(),
    auditor: z.boolean(),
    roles: z.array(
      z.strictObject({
        role: z.string(),
        unit: z.string(),
        unitName: z.string(),
        definition: z.string().nullable(),
        standInFor: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Me' });

/** The caller with the roles it holds today. */
export async function showMe(services: Pick<Services, 'store' | 'county'>, caller: Caller): Promise<z.input<typeof meSchema>> {
  const held = caller.heldOn(caller.today);
  const units = new Map(
    (
      await unitsByIds(
        services.store.db,
        services.county,
        held.map((h) => h.unit),
      )
    ).map((unit) => [unit.id, unit.name]),
  );
  const { id, login, name, language, mustChange, demonstration } = caller.user;
  return {
    id,
    login,
    name,
    language,
    mustChangePassword: mustChange,
    demonstration,
    admin: caller.isAdmin,
    auditor: caller.isAuditor,
    roles: held.map(({ role, unit, definition, standInFor }) => ({ role, unit, unitName: units.get(unit) ?? '', definition, standInFor })),
  };
}

const me = route({
  method: 'get',
  path: '/users/me',
  tag: 'users',
  title: '我的账号和职责 My account and roles',
  access: 'signedIn',
  beforePasswordChange: true,
  reply: meSchema,
  handle: async ({ caller, services }) => ({ body: await showMe(services, caller), version: caller.user.version }),
});

const password = route({
  method: 'post',
  path: '/users/me/password',
  tag: 'users',
  title: '修改我的密码 Change my password',
  about: '其他会话和令牌随即失效。All other sessions and tokens end.',
  access: 'signedIn',
  beforePasswordChange: true,
  body: z.strictObject({ old: z.string().min(1).max(200), new: z.string().min(1).max(200) }).meta({ id: 'PasswordChange' }),
  reply: z.null(),
  status: 204,
  problems: ['sign-in-failed', 'password-too-weak'],
  async handle({ body, caller, session, services, trx }) {
    const stored = await passwordHashOf(trx, services.county, caller.id);
    if (!(await verifyPassword(stored, body.old)))
      throw new Problem('sign-in-failed', { zh: '原密码不正确', en: 'The old password is wrong' });
    if (body.new.length < MIN_PASSWORD || body.new === body.old || body.new.toLowerCase().includes(caller.user.login.toLowerCase())) {
      throw new Problem('password-too-weak');
    }
    await setPassword(trx, services.county, caller.id, await hashPassword(body.new), false);
    await endSessions(trx, services.county, caller.id, session);
    await recordAudit(services, trx, caller.id, 'password.changed', caller.id, {});
    return { body: null };
  },
});

const tokenSchema = z
  .strictObject({ id: z.string(), label: z.string(), expiresAt: z.string(), lastUsedAt: z.string().nullable() })
  .meta({ id: 'Token' });
/** A token is named by the beginning of its hash. */
const showToken = (token: Session): z.input<typeof tokenSchema> => ({
  id: token.tokenHash.slice(0, 16),
  label: token.label ?? '',
  expiresAt: token.expiresAt,
  lastUsedAt: token.lastUsedAt,
});

const tokens = route({
  method: 'get',
  path: '/users/me/tokens',
  tag: 'users',
  title: '我的程序令牌 My tokens for scripts',
  access: 'signedIn',
  reply: z.strictObject({ items: z.array(tokenSchema) }),
  handle: async ({ caller, services }) => ({
    body: { items: (await tokensOf(services.store.db, services.county, caller.id)).map(showToken) },
  }),
});

const addToken = route({
  method: 'post',
  path: '/users/me/tokens',
  tag: 'users',
  title: '新建程序令牌 Make a token for scripts',
  about: '令牌只显示一次；重复同一请求时 token 为 null。The token is shown once; a repeat of the request shows null.',
  access: 'signedIn',
  body: z.strictObject({ label: line(100), days: z.int().min(1).max(366).default(90) }).meta({ id: 'NewToken' }),
  reply: tokenSchema.extend({ token: z.string().nullable() }).meta({ id: 'MadeToken' }),
  async handle({ body, caller, services, trx }) {
    const token = newToken();
    const made = await openSession(trx, services.county, {
      tokenHash: hashToken(token),
      user: caller.id,
      kind: 'token',
      label: body.label,
      days: body.days,
    });
    await recordAudit(services, trx, caller.id, 'token.made', caller.id, { token: made.tokenHash.slice(0, 16), days: body.days });
    const shown = showToken(made);
    return { body: { ...shown, token }, repeat: { ...shown, token: null } };
  },
});

const endToken = route({
  method: 'delete',
  path: '/users/me/tokens/{token}',
  tag: 'users',
  title: '作废程序令牌 End a token',
  access: 'signedIn',
  params: z.strictObject({ token: z.string().regex(/^[0-9a-f]{16}$/) }),
  reply: z.null(),
  status: 204,
  async handle({ params, caller, services, trx }) {
    const found = (await tokensOf(trx, services.county, caller.id)).find((token) => token.tokenHash.startsWith(params.token));
    if (found === undefined) throw notFound();
    await endSession(trx, services.county, caller.id, found.tokenHash);
    await recordAudit(services, trx, caller.id, 'token.ended', caller.id, { token: params.token });
    return { body: null };
  },
});

export const meRoutes: readonly Route[] = [me, password, tokens, addToken, endToken];
