import type { Request, Response } from 'express';
import { dateOf, epochToMoment } from '../../domain/calendar/dates.js';
import { holdingsOf } from '../../store/users/holdings.js';
import { liveSession, SESSION_HOURS } from '../../store/users/sessions.js';
import { topPaths } from '../../store/units/read.js';
import { userById, type User } from '../../store/users/users.js';
import { Caller } from './caller.js';
import { Problem } from './problems.js';
import type { Access, Route } from './route.js';
import { operatorToken } from '../secrets.js';
import { hashToken, sameSecret } from './secrets.js';
import type { Services } from './services.js';

export const COOKIE = 'duban_session';

export interface SignedIn {
  readonly caller: Caller;
  readonly session: string;
}

function tokenOf(request: Request): string | null {
  const bearer = /^Bearer ([\w.~+/=-]{1,200})$/.exec(request.headers.authorization ?? '');
  if (bearer?.[1] !== undefined) return bearer[1];
  const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim());
  return cookies.find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? null;
}

/** The present local day; real, because signing in and administration happen in no virtual world. */
export const today = () => dateOf(epochToMoment(Date.now()));
/** The present local moment, for the county's audit chain. */
export const presentMoment = () => epochToMoment(Date.now());

/**
 * Finds who calls and whether this route is open to them. Null for routes open to anyone. Refuses with `not-signed-in`,
 * `password-change-required` or `not-permitted`.
 */
export async function authenticate(request: Request, route: Route, services: Services): Promise<SignedIn | null> {
  if (route.access === 'anyone') return null;
  const token = tokenOf(request);
  if (token === null) throw unauthenticated();
  if (route.access === 'operator') {
    if (sameSecret(token, operatorToken(services))) return null;
    throw unauthenticated();
  }
  const { db } = services.store;
  const session = await liveSession(db, services.county, hashToken(token));
  const user = session === null ? null : await userById(db, services.county, session.user);
  if (session === null || user === null) throw unauthenticated();
  if (user.mustChange && !route.beforePasswordChange) throw new Problem('password-change-required');
  const caller = await callerOf(services, user);
  checkAccess(route.access, caller);
  return { caller, session: session.tokenHash };
}

/** A user with its holdings. */
export async function callerOf(services: Pick<Services, 'store' | 'county'>, user: User): Promise<Caller> {
  const holdings = await holdingsOf(services.store.db, services.county, user.id);
  const tops = holdings.some((holding) => holding.role === 'auditor') ? await topPaths(services.store.db, services.county) : [];
  return new Caller(user, holdings, today(), tops);
}

const unauthenticated = (): Problem => new Problem('not-signed-in', { headers: { 'WWW-Authenticate': 'Bearer realm="duban"' } });

function checkAccess(access: Exclude<Access, 'anyone' | 'operator'>, caller: Caller): void {
  switch (access) {
    case 'signedIn':
      return;
    case 'admin':
      if (!caller.isAdmin) throw new Problem('not-permitted');
      return;
    case 'adminOrAuditor':
      if (!caller.isAdmin && !caller.isAuditor) throw new Problem('not-permitted');
      return;
    default: {
      const never: never = access;
      return never;
    }
  }
}

/** The cookie for browsers: out of reach of scripts and of other sites. */
export function sessionCookie(token: string | null, secure: boolean): string {
  const rest = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return token === null ? `${COOKIE}=; Max-Age=0; ${rest}` : `${COOKIE}=${token}; Max-Age=${SESSION_HOURS * 3600}; ${rest}`;
}

/** Answers that depend on who asks are kept by no cache. */
export function noStore(response: Response): void {
  response.setHeader('Cache-Control', 'no-store');
}
