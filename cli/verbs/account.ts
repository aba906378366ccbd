import type { Command } from 'commander';
import { z } from 'zod';
import { countLine } from '../run.js';
import { Client } from '../client.js';
import type { Common, Context } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { listOf } from '../pages.js';
import { table } from '../print/table.js';
import { clearSession, readSession, writeSession } from '../session.js';
import { read } from '../shape.js';
import { head } from '../texts.js';
import { noun, verb, whole, type Open } from '../verb.js';

const me = z.object({ login: z.string(), name: z.string(), mustChangePassword: z.boolean() });
const signedIn = z.object({ token: z.string(), me });

/** Opens a session and keeps it for the next commands. */
export async function signIn(context: Context, login: string, password: string): Promise<z.infer<typeof me>> {
  const answer = read(signedIn, await new Client(context.url, null).post('/sessions', { login, password }));
  writeSession(context.home, { url: context.url, login, token: answer.token });
  return answer.me;
}

async function secret(context: Context, zh: string, en: string): Promise<string> {
  const text = await context.around.ask(`${zh}  ${en}: `);
  if (text === null || text === '')
    throw new Failure(EXIT.usage, 'password-missing', { zh: '没有输入密码。', en: 'No password was given.' });
  return text;
}

/** Signing in and out, passwords, tokens for scripts. */
export function registerAccount(program: Command, open: Open): void {
  verb(
    program,
    'login <name>',
    '登录（密码从键盘或标准输入读取）',
    'sign in; the password is read from the keyboard or standard input',
  ).action(async (login: string, options: Common) => {
    const context = open(options);
    const user = await signIn(context, login, await secret(context, '密码', 'password'));
    context.result(
      user,
      () =>
        `✓ ${user.name}（${user.login}）${user.mustChangePassword ? '  请先修改密码 change the password first: npx duban password' : ''}\n`,
    );
  });

  verb(program, 'logout', '退出登录', 'sign out').action(async (options: Common) => {
    const context = open(options);
    if (readSession(context.home) !== null) await context.api.call('DELETE', '/sessions/current').catch(forgotten);
    clearSession(context.home);
    context.result({ done: true }, () => '✓ 已退出  signed out\n');
  });

  verb(program, 'password', '修改自己的密码', 'change your own password').action(async (options: Common) => {
    const context = open(options);
    const old = await secret(context, '原密码', 'old password');
    const fresh = await secret(context, '新密码（至少10个字符）', 'new password, at least 10 characters');
    await context.api.post('/users/me/password', { old, new: fresh });
    context.result({ done: true }, () => '✓ 密码已修改  password changed\n');
  });

  const token = noun(program, 'token', '程序令牌', 'tokens for scripts');
  verb(token, 'create <label>', '新建令牌，只显示一次', 'make a token, shown once', true)
    .option('--days <n>', '有效天数  days it is good for', whole, 90)
    .action(async (label: string, options: Common & { days: number }) => {
      const context = open(options);
      if (context.dryRun) {
        context.result(
          { dryRun: true, label, days: options.days },
          () => `将新建令牌 would make a token: ${label}, ${options.days} 天 days\n`,
        );
        return;
      }
      const made = read(
        z.object({ token: z.string().nullable(), expiresAt: z.string() }),
        await context.api.post('/users/me/tokens', { label, days: options.days }),
      );
      context.result(made, () => `${made.token ?? '（令牌只显示一次  shown once only）'}\n`);
    });
  verb(token, 'list', '我的令牌', 'my tokens').action(async (options: Common) => {
    const context = open(options);
    const tokens = await listOf(
      context.api,
      '/users/me/tokens',
      z.object({ id: z.string(), label: z.string(), expiresAt: z.string(), lastUsedAt: z.string().nullable() }),
      {},
      false,
    );
    context.result(tokens.items, () =>
      table(
        [
          { head: head('编号', 'id', context.language), cell: (row) => row.id },
          { head: head('名称', 'label', context.language), cell: (row) => row.label },
          { head: head('到期', 'expires', context.language), cell: (row) => row.expiresAt },
          { head: head('最近使用', 'last used', context.language), cell: (row) => row.lastUsedAt },
        ],
        tokens.items,
      ),
    );
  });
  verb(token, 'revoke <id>', '作废令牌', 'end a token', true).action(async (id: string, options: Common) => {
    const context = open(options);
    if (!context.dryRun) await context.api.call('DELETE', `/users/me/tokens/${encodeURIComponent(id)}`);
    context.result({ revoked: id, dryRun: context.dryRun }, () => `${context.dryRun ? '将作废 would end' : '✓ 已作废 ended'}: ${id}\n`);
  });
}

/** A session that the API no longer knows is signed out already. */
function forgotten(error: unknown): void {
  if (!(error instanceof Failure) || error.code !== 'not-signed-in') throw error;
}

const userRow = z.object({ id: z.string(), login: z.string(), name: z.string(), disabled: z.boolean().optional() });
const unitRow = z.object({
  id: z.string(),
  level: z.string(),
  parent: z.string().nullable(),
  name: z.string(),
  code: z.string().nullable(),
  path: z.string(),
});

/** Who there is, and the tree of units. */
export function registerOffices(program: Command, open: Open): void {
  verb(program, 'users', '用户', 'users')
    .option('--text <text>', '按姓名或用户名查找  find by name or login')
    .option('--all', '列出全部  all pages')
    .action(async (options: Common & { text?: string; all?: boolean }) => {
      const context = open(options);
      const users = await listOf(context.api, '/users', userRow, { text: options.text }, options.all === true);
      context.result(
        users.items,
        () =>
          table(
            [
              { head: head('编号', 'id', context.language), cell: (row) => row.id },
              { head: head('用户名', 'login', context.language), cell: (row) => row.login },
              { head: head('姓名', 'name', context.language), cell: (row) => row.name },
              { head: head('停用', 'disabled', context.language), cell: (row) => (row.disabled === true ? '✗' : '') },
            ],
            users.items,
          ) + countLine(users.items.length, users.more, context.language),
      );
    });
  verb(program, 'units', '单位', 'units')
    .option('--text <text>', '按名称查找  find by name')
    .option('--all', '列出全部  all pages')
    .action(async (options: Common & { text?: string; all?: boolean }) => {
      const context = open(options);
      const units = await listOf(context.api, '/units', unitRow, { text: options.text }, options.all === true);
      const least = Math.min(...units.items.map(({ path }) => path.split('/').length));
      context.result(
        units.items,
        () =>
          table(
            [
              { head: head('编号', 'id', context.language), cell: (row) => row.id },
              { head: head('层级', 'level', context.language), cell: (row) => row.level },
              {
                head: head('名称', 'name', context.language),
                cell: (row) => `${'  '.repeat(Math.max(0, row.path.split('/').length - least))}${row.name}`,
              },
              { head: head('编码', 'code', context.language), cell: (row) => row.code },
            ],
            units.items,
          ) + countLine(units.items.length, units.more, context.language),
      );
    });
}
