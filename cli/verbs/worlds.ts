import { InvalidArgumentError, Option, type Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { readDemos } from '../demo/kept.js';
import { playDemo } from '../demo/play.js';
import { readScenario } from '../demo/scenario.js';
import { EXIT, Failure } from '../failure.js';
import { read } from '../shape.js';
import { day, verb, whole, type Open } from '../verb.js';
import { moveWorld, readWorld, worldOf, type World } from '../worlds.js';

const PATIENCE_SECONDS = 600;
const POLL_MS = 200;

/** A day, or a local moment. */
function dayOrMoment(text: string): string {
  const [date = '', time] = text.split('T');
  day(date);
  if (time !== undefined && !/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time))
    throw new InvalidArgumentError('应为 2020-05-25 或 2020-05-25T08:30:00  expected a day or a local time');
  return text;
}

interface TimeOptions extends Common {
  readonly to?: string;
}

/** The clock of virtual worlds, and waiting until nothing is under way. */
export function registerWorlds(program: Command, open: Open): void {
  verb(
    program,
    'time <world>',
    '虚拟时间：看（不带 --to）或向前推进；演示的工作会照脚本演下去',
    'a virtual clock: look at it, or move it forward with --to; a demonstration plays its story',
    true,
  )
    .addOption(new Option('--to <day>', '推进到此日结束（或某一时刻）  move to the end of this day, or to a moment').argParser(dayOrMoment))
    .action((target: string, options: TimeOptions) => moveTime(open(options), target, options.to));

  verb(program, 'wait-quiet [world]', '等到没有正在进行的事', 'wait until nothing is under way')
    .option('--seconds <n>', '最多等几秒  at most so many seconds', whole, 60)
    .action(async (target: string | undefined, options: Common & { seconds: number }) => {
      const context = open(options);
      const world = target === undefined ? 'real' : await worldOf(context.api, target);
      const pending = await quietBefore(context, world, options.seconds);
      if (pending > 0)
        throw new Failure(
          EXIT.refused,
          'not-quiet',
          { zh: `${options.seconds} 秒后仍有 ${pending} 项在进行。`, en: `${pending} still under way after ${options.seconds} seconds.` },
          { zh: '看 npx duban incidents', en: 'See npx duban incidents' },
        );
      context.result({ quiet: true, world }, () => `✓ 已安静 quiet: ${world}\n`);
    });
}

async function quietBefore(context: Context, world: string, seconds: number): Promise<number> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const { pending } = read(z.object({ pending: z.number() }), await context.api.get('/wait-quiet', { world }));
    if (pending === 0 || Date.now() > until) return pending;
    await sleep(POLL_MS);
  }
}

async function moveTime(context: Context, target: string, to: string | undefined): Promise<void> {
  const id = await worldOf(context.api, target);
  const before = await readWorld(context.api, id);
  const show = (world: World): string =>
    `${world.id}  ${world.now.replace('T', ' ')}${world.advancingTo === null ? '' : ` → ${world.advancingTo.replace('T', ' ')}`}\n`;
  if (to === undefined || context.dryRun) {
    context.result(
      { ...before, ...(to === undefined ? {} : { dryRun: true, to }) },
      () => show(before) + (to === undefined ? '' : `将推进到 would move to ${to}\n`),
    );
    return;
  }
  const demo = readDemos(context.home).find(({ world }) => world === id);
  const after =
    demo !== undefined
      ? await playDemo(context, demo, readScenario(demo.scenario), to)
      : await moveWorld(context.api, id, to, PATIENCE_SECONDS);
  context.result(after, () => `✓ ${show(after)}`);
}
