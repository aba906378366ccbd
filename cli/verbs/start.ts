import type { Command } from 'commander';
import type { Common } from '../context.js';
import type { Scenario } from '../demo/scenario.js';
import { nextCommands } from '../demo/next.js';
import { playToStart } from '../demo/play.js';
import { startDemo } from '../demo/start.js';
import { setUp } from '../operator.js';
import { table } from '../print/table.js';
import { head } from '../texts.js';
import { verb, type Open } from '../verb.js';

/** First steps on a new Duban: with an administrator of one's own, or with a demonstration. */
export function registerStart(program: Command, open: Open): void {
  verb(
    program,
    'setup <county>',
    '初始化：县名和首个管理员（首个密码只显示一次）',
    'set up: the county and its first administrator; the first password is shown once',
    true,
  )
    .requiredOption('--admin <login>', '管理员用户名  login of the administrator')
    .requiredOption('--name <name>', '管理员姓名  name of the administrator')
    .option('--level <id>', '顶层单位的层级  level of the top unit', 'top')
    .action(async (county: string, options: Common & { admin: string; name: string; level: string }) => {
      const context = open(options);
      const order = { county, level: options.level, administrator: { login: options.admin, name: options.name }, demonstration: false };
      if (context.dryRun) {
        context.result({ dryRun: true, ...order }, () => `将初始化 would set up: ${county} (${options.admin})\n`);
        return;
      }
      const made = await setUp(context, order);
      context.result(
        made,
        () =>
          `✓ ${county} ${made.unit}；管理员 administrator ${made.login}；首个密码 first password: ${made.firstPassword ?? '（只显示一次 shown once）'}\n`,
      );
    });

  verb(program, 'demo <scenario>', '装入演示（虚构人员，虚拟时间）', 'start a demonstration: invented people, virtual time', true)
    .option('--seed <text>', '随机种子  seed of what is invented')
    .action(async (scenario: string, options: Common & { seed?: string }) => {
      const context = open(options);
      if (context.dryRun) {
        context.result({ dryRun: true, scenario }, () => `将装入演示 would start the demonstration: ${scenario}\n`);
        return;
      }
      const started = await startDemo(context, context.file(scenario), options.seed ?? null);
      await playToStart(context, started);
      const { campaign, world, passwords, url } = started.kept;
      const rows = Object.entries(passwords).map(([login, password]) => ({
        login,
        password,
        roles: started.scenario.users.filter((user) => user.login === login).flatMap(({ roles }) => roles),
      }));
      const next = await nextCommands(context, started);
      const users = rows.map(({ login, password }) => ({ login, password }));
      context.result({ campaign, world, url, fresh: started.fresh, users, next }, () =>
        [
          started.fresh
            ? `✓ 演示已就绪  the demonstration is ready: ${campaign} (${world})  ${url}`
            : `演示早已装入  started before: ${campaign} (${world})  ${url}`,
          '',
          table(
            [
              { head: head('演示用户', 'user', context.language), cell: (row) => row.login },
              { head: head('密码', 'password', context.language), cell: (row) => row.password },
              { head: head('姓名', 'name', context.language), cell: (row) => nameOf(started.scenario, row.login) },
              {
                head: head('岗位', 'roles', context.language),
                cell: (row) => row.roles.join(' ') || (row.login === started.scenario.auditor?.login ? 'auditor' : 'admin'),
              },
            ],
            rows,
          ),
          '接着试 try next:',
          ...next.map((command) => `  ${command}`),
          '',
        ].join('\n'),
      );
    });
}

const nameOf = (scenario: Scenario, login: string): string =>
  [...scenario.users, ...(scenario.auditor === undefined ? [] : [scenario.auditor])].find((user) => user.login === login)?.name ??
  '演示管理员';
