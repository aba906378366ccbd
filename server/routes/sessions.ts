import { z } from 'zod';
import { clearFailures, countFailure, credentialsOf, LOCK_MINUTES } from '../../store/users/passwords.js';
import { endSession, openSession } from '../../store/users/sessions.js';
import { userById } from '../../store/users/users.js';
import { callerOf, sessionCookie } from '../http/auth.js';
import { recordAudit } from '../http/audit.js';
import { Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { hashToken, newToken, verifyPassword } from '../http/secrets.js';
import type { Services } from '../http/services.js';
import { meSchema, showMe } from './me.js';

const signIn = route({
  method: 'post',
  path: '/sessions',
  tag: 'sessions',
  title: '登录 Sign in',
  about:
    '得到不透明令牌：浏览器用 Cookie，程序用 Bearer。连续 5 次输错锁定 15 分钟。重复同一请求会得到新的会话。An opaque token, as cookie and bearer. Five wrong passwords in a row lock the account for 15 minutes. Repeating it opens another session.',
  access: 'anyone',
  effects: 'none',
  body: z.strictObject({ login: z.string().min(1).max(100), password: z.string().min(1).max(200) }).meta({ id: 'SignIn' }),
  reply: z.strictObject({ token: z.string(), expiresAt: z.string(), me: meSchema }).meta({ id: 'SignedIn' }),
  problems: ['sign-in-failed', 'account-locked'],
  async handle({ body, services, secure }) {
    const { db } = services.store;
    const user = await checkPassword(services, body.login, body.password);
    const token = newToken();
    const session = await db.transaction().execute(async (trx) => {
      await clearFailures(trx, services.county, user);
      await recordAudit(services, trx, user, 'session.opened', user, {});
      return openSession(trx, services.county, { tokenHash: hashToken(token), user, kind: 'session', label: null, days: null });
    });
    const account = await userById(db, services.county, user);
    if (account === null) throw new Problem('sign-in-failed');
    return {
      body: { token, expiresAt: session.expiresAt, me: await showMe(services, await callerOf(services, account)) },
      headers: { 'Set-Cookie': sessionCookie(token, secure) },
    };
  },
});

/** Throws `sign-in-failed` alike for unknown, disabled and wrong; `account-locked` while locked, whatever the password. */
async function checkPassword(services: Services, login: string, password: string) {
  const { db } = services.store;
  const known = await credentialsOf(db, services.county, login);
  const right = await verifyPassword(known?.hash ?? null, password);
  if (known === null || known.disabled) throw new Problem('sign-in-failed');
  if (known.lockedSeconds > 0) throw locked(known.lockedSeconds);
  if (right) return known.user;
  const nowLocked = await db.transaction().execute(async (trx) => {
    const lockedNow = await countFailure(trx, services.county, known.user);
    await recordAudit(services, trx, known.user, lockedNow ? 'session.locked' : 'session.refused', known.user, {});
    return lockedNow;
  });
  throw nowLocked ? locked(LOCK_MINUTES * 60) : new Problem('sign-in-failed');
}

const locked = (seconds: number): Problem => new Problem('account-locked', { headers: { 'Retry-After': String(seconds) } });

const signOut = route({
  method: 'delete',
  path: '/sessions/current',
  tag: 'sessions',
  title: '退出登录 Sign out',
  access: 'signedIn',
  beforePasswordChange: true,
  reply: z.null(),
  status: 204,
  async handle({ caller, session, services, trx, secure }) {
    if (session !== null) await endSession(trx, services.county, caller.id, session);
    await recordAudit(services, trx, caller.id, 'session.closed', caller.id, {});
    return { body: null, headers: { 'Set-Cookie': sessionCookie(null, secure) } };
  },
});

export const sessionRoutes: readonly Route[] = [signIn, signOut];
