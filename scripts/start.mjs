/** `npm start`: prepares, brings everything up and, without `--empty`, launches the demonstrations. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { orExplain, prepare, root } from './prepare.mjs';

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== '--empty');
if (unknown.length > 0) {
  process.stderr.write(`不认识的参数：${unknown.join(' ')}。用法：npm start [-- --empty]  Unknown argument.\n`);
  process.exit(2);
}

await orExplain(prepare);
duban('up');
if (!args.includes('--empty')) for (const scenario of demonstrations()) duban('demo', scenario);
else {
  const next = [
    '接下来可以输入 / what to type next:',
    '  npx duban lint definitions/campaigns/<文件>.yaml    检查一份定义 / check a definition',
    '  npx duban release <文件>                             登记定义 / store it for good',
    '  npx duban doctor                                     检查各部分 / what is healthy',
    '  npx duban down                                       停止 / stop',
  ];
  process.stdout.write(`${next.join('\n')}\n`);
}

/** The scenarios that ship with this version, by name: each a world of its own. */
function demonstrations() {
  const folder = join(root, 'definitions', 'demo');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

/** Runs a verb with its output on our terminal; ends with its exit code when it refuses. */
function duban(...verb) {
  const done = spawnSync(process.execPath, ['--enable-source-maps', join(root, 'dist', 'cli', 'main.js'), ...verb], {
    cwd: root,
    stdio: 'inherit',
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
