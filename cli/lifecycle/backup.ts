import type { Command } from 'commander';
import { backup, restore } from '../../server/runtime/index.js';
import { guarded, lang, print, tell, type Options } from './telling.js';

interface BackupOptions extends Options {
  readonly withoutKeys?: boolean;
}

/** Mounts `backup` and `restore`: they work on this machine and need no API. */
export function registerBackup(program: Command): void {
  program
    .command('backup <folder>')
    .description('备份数据库和密钥到新目录，不停机 / write database and keys into a new folder, while everything goes on')
    .option('--without-keys', '不含密钥（另行保管）/ without the keys, which are kept elsewhere')
    .option('--json', '以 JSON 输出 / print JSON')
    .addOption(lang())
    .option('--dry-run', '只说明会备份什么 / only say what would be written')
    .action(async (folder: string, options: BackupOptions) => guarded(options, () => runBackup(folder, options)));
  program
    .command('restore <folder>')
    .description('把备份恢复到空的目录或数据库，并校验 / read a backup into an empty home or database, and verify it')
    .option('--json', '以 JSON 输出 / print JSON')
    .addOption(lang())
    .option('--dry-run', '只核对备份的清单 / only look at the backup’s list')
    .action(async (folder: string, options: Options) => guarded(options, () => runRestore(folder, options)));
}

const saying = (options: Options) => (zh: string, en: string) => void process.stderr.write(tell({ zh, en }, options));

async function runBackup(folder: string, options: BackupOptions): Promise<void> {
  const done = await backup(folder, { say: saying(options), withoutKeys: options.withoutKeys === true, dryRun: options.dryRun === true });
  if (options.json === true) return print(done);
  const { rows, tables, keys, seconds } = done;
  if (options.dryRun === true)
    return void process.stdout.write(tell({ zh: `会备份 ${tables} 张表到 ${done.folder}。`, en: `${tables} tables would be written into ${done.folder}.` }, options)); // prettier-ignore
  process.stdout.write(
    tell(
      {
        zh: `已备份到 ${done.folder}：${tables} 张表 ${rows} 行，${seconds.toFixed(1)} 秒。${keys ? '内含密钥，请像密钥一样保管。' : '不含密钥：恢复时须另备密钥文件。'}`,
        en: `Written into ${done.folder}: ${tables} tables, ${rows} rows, ${seconds.toFixed(1)} s. ${keys ? 'It holds the keys: keep it like a key.' : 'It holds no keys: a restore needs the secrets file as well.'}`,
      },
      options,
    ),
  );
}

async function runRestore(folder: string, options: Options): Promise<void> {
  const done = await restore(folder, { say: saying(options), dryRun: options.dryRun === true });
  if (options.json === true) print(done);
  else {
    const { rows, seconds, audit, ledger, journals, madeAt } = done;
    process.stdout.write(
      tell(
        options.dryRun === true
          ? { zh: `备份完整（${madeAt}），${rows} 行。`, en: `The backup is whole (${madeAt}), ${rows} rows.` }
          : {
              zh: `已恢复 ${madeAt} 的备份：${rows} 行，${seconds.toFixed(1)} 秒；审计 ${audit.entries} 条，不符 ${audit.violations}；日志 ${journals.events} 条，不符 ${journals.violations}${journals.why.map((one) => `（${one}）`).join('')}；账目 ${ledger.campaigns} 项工作，不符 ${ledger.violations}。运行 npx duban up 继续。`,
              en: `Restored as of ${madeAt}: ${rows} rows, ${seconds.toFixed(1)} s; ${audit.entries} audit entries, ${audit.violations} violations; ${journals.events} journal events folded again, ${journals.violations} violations${journals.why.map((one) => ` (${one})`).join('')}; ledgers of ${ledger.campaigns} campaigns, ${ledger.violations} violations. Go on with npx duban up.`,
            },
        options,
      ),
    );
  }
  if (done.audit.violations + done.ledger.violations > 0) process.exitCode = 1;
}
