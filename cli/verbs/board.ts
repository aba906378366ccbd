import type { Command } from 'commander';
import { z } from 'zod';
import type { Common } from '../context.js';
import { unitNamed } from '../naming.js';
import { listOf } from '../pages.js';
import { table } from '../print/table.js';
import { worldLine } from '../print/world.js';
import { ofCampaign } from '../sending.js';
import { head, nothing } from '../texts.js';
import { verb, worldOption, type Open } from '../verb.js';

const counts = z.object({ open: z.number(), late: z.number(), checking: z.number(), done: z.number(), doneLate: z.number() });
const row = z.object({ unit: z.string(), name: z.string(), path: z.string(), subtree: counts });

interface BoardOptions extends Common {
  readonly campaign?: string;
  readonly unit?: string;
  readonly world?: string;
}

/** How much each unit has to do and has done, with all below it. */
export function registerBoard(program: Command, open: Open): void {
  verb(program, 'board', '各单位办理情况：待办、逾期、已办（含下级）', 'how each unit stands, with all below it')
    .option('--campaign <id>', '只看此工作  this campaign')
    .option('--unit <id>', '只看此单位及以下（编号或名称）  this unit and below')
    .addOption(worldOption())
    .action(async (options: BoardOptions) => {
      const context = open(options);
      const { language } = context;
      const { campaign, world } = options;
      const below = options.unit === undefined ? undefined : await unitNamed(context.api, options.unit);
      const found =
        campaign === undefined
          ? await listOf(context.api, '/board', row, { world, below }, false)
          : await listOf(context.api, ofCampaign(campaign, 'board'), row, { below }, false);
      const least = Math.min(...found.items.map(({ path }) => path.split('/').length));
      context.result(found.items, () =>
        found.items.length === 0
          ? worldLine(found.world, language) + nothing('还没有应办事项。', 'Nothing is owed yet.', language)
          : worldLine(found.world, language) +
            table(
              [
                { head: head('单位', 'unit', language), cell: ({ name, path }) => `${'  '.repeat(path.split('/').length - least)}${name}` },
                { head: head('待办', 'open', language), cell: ({ subtree }) => subtree.open, right: true },
                { head: head('其中逾期', 'late', language), cell: ({ subtree }) => (subtree.late === 0 ? '' : subtree.late), right: true },
                {
                  head: head('待核查', 'to check', language),
                  cell: ({ subtree }) => (subtree.checking === 0 ? '' : subtree.checking),
                  right: true,
                },
                { head: head('已办', 'done', language), cell: ({ subtree }) => subtree.done, right: true },
                {
                  head: head('其中迟办', 'done late', language),
                  cell: ({ subtree }) => (subtree.doneLate === 0 ? '' : subtree.doneLate),
                  right: true,
                },
                { head: head('编号', 'id', language), cell: ({ unit }) => unit },
              ],
              found.items,
            ),
      );
    });
}
