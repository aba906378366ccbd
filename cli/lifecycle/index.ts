import type { Command } from 'commander';
import { down, examine, lookAtKeys, rotateKeys, standing, up } from '../../server/runtime/index.js';
import { both, head, say } from '../texts.js';
import { registerBackup } from './backup.js';
import { guarded, lang, languageOf, print, REFUSED, tell, type Options } from './telling.js';

/** Mounts `up`, `down`, `doctor`, `keys`, `backup` and `restore`: the verbs that work on this machine and need no API. */
export function registerLifecycle(program: Command): void {
  program
    .command('up')
    .description('启动督办的全部服务 / start everything')
    .option('--json', '以 JSON 输出 / print JSON')
    .addOption(lang())
    .option('--dry-run', '只说明会启动什么 / only say what would be started')
    .action(async (options: Options) => guarded(options, () => (options.dryRun === true ? foresee(options) : runUp(options))));
  program
    .command('down')
    .description('停止全部服务 / stop everything')
    .option('--json', '以 JSON 输出 / print JSON')
    .addOption(lang())
    .option('--dry-run', '只说明会停止什么 / only say what would be stopped')
    .action(async (options: Options) => guarded(options, () => (options.dryRun === true ? foresee(options) : runDown(options))));
  program
    .command('doctor')
    .description('检查各部分是否正常 / what is healthy, what is not, what to do')
    .option('--json', '以 JSON 输出 / print JSON')
    .addOption(lang())
    .action(async (options: Options) => guarded(options, () => runDoctor(options)));
  const keys = program
    .command('keys')
    .description('密钥：在用的、备好的、轮换到哪一步 / the keys: in use, prepared, how far a rotation has come')
    .option('--json', '以 JSON 输出 / print JSON')
    .addOption(lang())
    .action(async (options: Options) => guarded(options, () => runKeys(options)));
  keys
    .command('rotate')
    .description('换用新密钥，并重新加密个人信息 / take a new key into use and seal personal data anew')
    .option('--prepare', '只备好新密钥，待密钥文件复制到其他机器后再启用 / only add it, to be copied to other machines first')
    .option('--json', '以 JSON 输出 / print JSON')
    .addOption(lang())
    .option('--dry-run', '只说明现状 / only say how things are')
    .action(async (options: Options & { prepare?: boolean }, command: Command) => {
      const all: Options & { prepare?: boolean } = { ...command.parent?.opts(), ...options };
      await guarded(all, () => (all.dryRun === true ? runKeys(all) : runRotate(all)));
    });
  registerBackup(program);
}

async function runKeys(options: Options): Promise<void> {
  const keys = await lookAtKeys();
  if (options.json === true) return print(keys);
  const language = languageOf(options);
  const lines = [
    [head('密钥文件', 'file', language), keys.file],
    [head('在用', 'in use', language), keys.active],
    [head('全部', 'all', language), keys.all.join('、')],
    [head('备好', 'prepared', language), keys.next ?? '-'],
    [head('待重新加密', 'persons to be sealed anew', language), String(keys.stale)],
  ];
  process.stdout.write(lines.map(([name, value]) => `${name}: ${value}\n`).join(''));
}

async function runRotate(options: Options & { prepare?: boolean }): Promise<void> {
  const rotated = await rotateKeys({
    prepare: options.prepare === true,
    say: (zh, en) => void process.stderr.write(tell({ zh, en }, options)),
  });
  if (options.json === true) return print(rotated);
  const { key, used, resealed } = rotated;
  process.stdout.write(
    tell(
      used
        ? {
            zh: `已换用密钥 ${key}，重新加密 ${resealed} 人的信息。请另行备份密钥文件，旧密钥不要删除。`,
            en: `${key} is in use, the data of ${resealed} persons was sealed anew. Back up the secrets file; old keys stay in it.`,
          }
        : {
            zh: `密钥 ${key} 已备好。请把密钥文件复制到其他机器，然后运行 npx duban keys rotate。`,
            en: `${key} is prepared. Copy the secrets file to the other machines, then run npx duban keys rotate.`,
          },
      options,
    ),
  );
}

async function runUp(options: Options): Promise<void> {
  const began = Date.now();
  const running = await up({ say: (zh, en) => void process.stderr.write(tell({ zh, en }, options)) });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (options.json === true) return print({ started: running.started, url: running.apiUrl });
  const told =
    running.started.length === 0
      ? both('督办已在运行', 'Duban is already running')
      : both(`督办已就绪（${seconds} 秒）`, `Duban is ready (${seconds} s)`);
  process.stdout.write(`${say(told, languageOf(options))}: ${running.apiUrl}\n`);
}

/** What runs and what does not: what `up` would start, what `down` would stop. Changes nothing. */
async function foresee(options: Options): Promise<void> {
  const { running, missing } = standing();
  if (options.json === true) return print({ running, missing });
  const language = languageOf(options);
  process.stdout.write(
    `${head('运行中', 'running', language)}: ${running.join('、') || '-'}\n${head('未运行', 'not running', language)}: ${missing.join('、') || '-'}\n`,
  );
}

async function runDown(options: Options): Promise<void> {
  const stopped = await down();
  if (options.json === true) return print({ stopped });
  const told =
    stopped.length === 0
      ? both('没有正在运行的服务。', 'Nothing was running.')
      : both(`已停止：${stopped.join('、')}。`, `Stopped: ${stopped.join(', ')}.`);
  process.stdout.write(tell(told, options));
}

async function runDoctor(options: Options): Promise<void> {
  const findings = await examine();
  const healthy = findings.every((finding) => finding.healthy);
  if (options.json === true) print({ healthy, findings });
  else {
    for (const { check, healthy: fine, what, todo } of findings) {
      process.stdout.write(`${head(fine ? '正常' : '异常', fine ? 'ok' : 'NOT OK', languageOf(options))} ${check}: ${tell(what, options)}`);
      if (todo !== undefined) process.stdout.write(`     → ${tell(todo, options)}`);
    }
  }
  if (!healthy) process.exitCode = REFUSED;
}
