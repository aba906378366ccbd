import { z } from 'zod';
import { ensureCounty, lockSetup } from '../../store/counties.js';
import type { UserId } from '../../domain/model/ids.js';
import { createUnit } from '../../store/units/change.js';
import { addHolding } from '../../store/users/holdings.js';
import { addUser, noUsers } from '../../store/users/users.js';
import { realWorld } from '../../store/worlds.js';
import { recordAudit } from '../http/audit.js';
import { today } from '../http/auth.js';
import { Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { hashPassword, newPassword } from '../http/secrets.js';
import { elementId, line } from '../http/shapes.js';

const SYSTEM = 'system' as UserId;

const setup = route({
  method: 'post',
  path: '/setup',
  tag: 'operations',
  title: '初始化：县名、顶层单位和首个管理员 Set up: the county, its top unit and the first administrator',
  about:
    '只有能读取本机密钥文件的人可以调用，且只能成功一次。Only who can read the machine’s secrets file may call this, and it succeeds once.',
  access: 'operator',
  body: z
    .strictObject({
      county: line(100),
      /** The top unit carries the county's name. */
      level: elementId.default('top'),
      administrator: z.strictObject({ login: z.string().regex(/^[a-z0-9][a-z0-9._-]{1,49}$/), name: line(100) }),
      demonstration: z.boolean().default(false),
    })
    .meta({ id: 'Setup' }),
  reply: z
    .strictObject({ unit: z.string(), user: z.string(), login: z.string(), firstPassword: z.string().nullable() })
    .meta({ id: 'SetUp' }),
  problems: ['setup-done'],
  async handle({ body, services, trx }) {
    const { county } = services;
    await lockSetup(trx, county);
    if (!(await noUsers(trx, county))) throw new Problem('setup-done');
    await ensureCounty(trx, county, body.county);
    await realWorld(trx, county);
    const top = await createUnit(trx, county, { level: body.level, parent: null, name: body.county }, { by: SYSTEM, on: today() });
    const firstPassword = newPassword();
    const { login, name } = body.administrator;
    const user = await addUser(trx, county, {
      login,
      name,
      passwordHash: await hashPassword(firstPassword),
      demonstration: body.demonstration,
    });
    if (user === null) throw new Problem('setup-done');
    await addHolding(trx, county, {
      user: user.id,
      role: 'admin',
      unit: top.id,
      definition: null,
      from: null,
      to: null,
      standInFor: null,
      paper: null,
    });
    await recordAudit(services, trx, SYSTEM, 'county.setUp', user.id, { unit: top.id });
    const reply = { unit: top.id, user: user.id, login };
    return { body: { ...reply, firstPassword }, repeat: { ...reply, firstPassword: null } };
  },
});

export const setupRoutes: readonly Route[] = [setup];
