import { z } from 'zod';
import type { UserId } from '../../domain/model/ids.js';
import { holdingsOf } from '../../store/users/holdings.js';
import { clearFailures, setPassword } from '../../store/users/passwords.js';
import { endSessions } from '../../store/users/sessions.js';
import { addUser, changeUser, listUsers, userById, type User } from '../../store/users/users.js';
import type { Db } from '../../store/connection.js';
import { inScope } from '../../store/scope.js';
import { recordAudit } from '../http/audit.js';
import type { Caller } from '../http/caller.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { hashPassword, newPassword } from '../http/secrets.js';
import type { Services } from '../http/services.js';
import { line, userId } from '../http/shapes.js';

const login = z.string().regex(/^[a-z0-9][a-z0-9._-]{1,49}$/, '2 至 50 个小写字母、数字、点、横线；2 to 50 of a-z 0-9 . _ -');
const phone = z.string().regex(/^\+?[0-9-]{5,20}$/, '电话号码；a phone number');
const language = z.enum(['zh', 'en']);

export const userSchema = z
  .strictObject({
    id: z.string(),
    login: z.string(),
    name: z.string(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    language: z.string(),
    mustChangePassword: z.boolean(),
    demonstration: z.boolean(),
    lockedUntil: z.string().nullable(),
    disabled: z.boolean(),
    version: z.int(),
  })
  .meta({ id: 'User' });

const show = ({ mustChange, ...user }: User): z.input<typeof userSchema> => ({ ...user, mustChangePassword: mustChange });

/** Who the caller may look up: itself, and whoever holds a role in its units; an administrator also those without any role. */
async function visibleUser(services: Services, db: Db, caller: Caller, id: UserId): Promise<User> {
  const user = await userById(db, services.county, id);
  if (user === null) throw notFound();
  if (user.id === caller.id) return user;
  const held = await holdingsOf(db, services.county, id);
  if (held.some((holding) => caller.sees(holding.unitPath)) || (held.length === 0 && caller.isAdmin)) return user;
  throw notFound();
}

/** Refuses unless the caller administers every unit at which the user holds a role. */
async function administered(services: Services, db: Db, caller: Caller, id: UserId): Promise<User> {
  const user = await visibleUser(services, db, caller, id);
  const held = await holdingsOf(db, services.county, id);
  if (held.every((holding) => inScope(caller.administers, holding.unitPath))) return user;
  throw new Problem('not-permitted');
}

const list = route({
  method: 'get',
  path: '/users',
  tag: 'users',
  title: '用户 Users of my units',
  access: 'signedIn',
  query: z.strictObject({ ...pageQuery, text: z.string().min(1).max(100).optional() }),
  reply: pageOf(userSchema).meta({ id: 'Users' }),
  async handle({ query, caller, services }) {
    const after = decodeCursor(query.cursor, 1)?.[0] ?? null;
    const rows = await listUsers(services.store.db, services.county, {
      scope: caller.overAll ? null : caller.scope(),
      text: query.text ?? null,
      after: after === null ? null : String(after),
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (user) => [user.login]);
    return { body: { items: page.rows.map(show), next: page.next } };
  },
});

const add = route({
  method: 'post',
  path: '/users',
  tag: 'users',
  title: '新建用户 Add a user',
  about: '首个密码只显示一次；重复同一请求时为 null。The first password is shown once; a repeat of the request shows null.',
  access: 'admin',
  body: z
    .strictObject({
      login,
      name: line(100),
      phone: phone.nullish(),
      email: z.email().max(200).nullish(),
      language: language.default('zh'),
      demonstration: z.boolean().default(false),
    })
    .meta({ id: 'NewUser' }),
  reply: userSchema.extend({ firstPassword: z.string().nullable() }).meta({ id: 'AddedUser' }),
  problems: ['conflict'],
  async handle({ body, caller, services, trx }) {
    const firstPassword = newPassword();
    const user = await addUser(trx, services.county, {
      login: body.login,
      name: body.name,
      phone: body.phone ?? null,
      email: body.email ?? null,
      language: body.language,
      demonstration: body.demonstration,
      passwordHash: await hashPassword(firstPassword),
    });
    if (user === null) throw new Problem('conflict', { zh: `用户名 ${body.login} 已被使用`, en: `The login ${body.login} is taken` });
    await recordAudit(services, trx, caller.id, 'user.added', user.id, { demonstration: body.demonstration });
    return {
      body: { ...show(user), firstPassword },
      repeat: { ...show(user), firstPassword: null },
      version: user.version,
      headers: { Location: `/api/v1/users/${user.id}` },
    };
  },
});

const params = z.strictObject({ user: userId });

const get = route({
  method: 'get',
  path: '/users/{user}',
  tag: 'users',
  title: '一个用户 A user',
  access: 'signedIn',
  params,
  reply: userSchema,
  async handle({ params: { user: id }, caller, services }) {
    const user = await visibleUser(services, services.store.db, caller, id);
    return { body: show(user), version: user.version };
  },
});

const change = route({
  method: 'patch',
  path: '/users/{user}',
  tag: 'users',
  title: '修改或停用用户 Change or disable a user',
  access: 'admin',
  params,
  editable: true,
  body: z
    .strictObject({ name: line(100), phone: phone.nullable(), email: z.email().max(200).nullable(), language, disabled: z.boolean() })
    .partial()
    .meta({ id: 'UserChange' }),
  reply: userSchema,
  problems: ['conflict'],
  async handle({ params: { user: id }, body, caller, services, trx, version }) {
    const wanted = version();
    await administered(services, trx, caller, id);
    if (body.disabled === true && id === caller.id)
      throw new Problem('conflict', { zh: '不能停用自己的账号', en: 'You cannot disable your own account' });
    const user = await changeUser(trx, services.county, id, wanted, body);
    if (user === null) throw new Problem('precondition-failed');
    if (body.disabled === true) await endSessions(trx, services.county, id, null);
    await recordAudit(services, trx, caller.id, 'user.changed', id, { fields: Object.keys(body) });
    return { body: show(user), version: user.version };
  },
});

const reset = route({
  method: 'post',
  path: '/users/{user}/password-reset',
  tag: 'users',
  title: '重置密码 Issue a new first password',
  access: 'admin',
  params,
  reply: z.strictObject({ firstPassword: z.string().nullable() }).meta({ id: 'FirstPassword' }),
  async handle({ params: { user: id }, caller, services, trx }) {
    await administered(services, trx, caller, id);
    const firstPassword = newPassword();
    await setPassword(trx, services.county, id, await hashPassword(firstPassword), true);
    await endSessions(trx, services.county, id, null);
    await recordAudit(services, trx, caller.id, 'password.reset', id, {});
    return { body: { firstPassword }, repeat: { firstPassword: null } };
  },
});

const unlock = route({
  method: 'post',
  path: '/users/{user}/unlock',
  tag: 'users',
  title: '解锁账号 Unlock an account',
  access: 'admin',
  params,
  reply: z.null(),
  status: 204,
  async handle({ params: { user: id }, caller, services, trx }) {
    await administered(services, trx, caller, id);
    await clearFailures(trx, services.county, id);
    await recordAudit(services, trx, caller.id, 'user.unlocked', id, {});
    return { body: null };
  },
});

export const userRoutes: readonly Route[] = [list, add, get, change, reset, unlock];
export { administered, visibleUser };
