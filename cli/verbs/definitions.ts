import type { Command } from 'commander';
import { z } from 'zod';
import { printProblem } from '../../definitions/schema/index.js';
import { bundleOf } from '../bundle.js';
import type { Client } from '../client.js';
import type { Common } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { listOf } from '../pages.js';
import { table } from '../print/table.js';
import { read } from '../shape.js';
import { head } from '../texts.js';
import { verb, type Open } from '../verb.js';

const releasedAnswer = z.object({ id: z.string(), version: z.string(), digest: z.string(), title: z.string(), released: z.boolean() });

/** Sends a definition with its parts and tables. `dryRun`: only checked. */
export async function release(api: Client, path: string, dryRun: boolean): Promise<z.infer<typeof releasedAnswer>> {
  const { file, files } = bundleOf(path);
  if (files[file] === undefined) {
    throw new Failure(EXIT.refused, 'file-not-readable', { zh: `没有这个文件：${path}`, en: `There is no file ${path}.` });
  }
  return read(releasedAnswer, await api.post('/definitions', { file, files }, { query: { dryRun: dryRun ? 'true' : undefined } }));
}

/** Storing definitions for good, and listing them. */
export function registerDefinitions(program: Command, open: Open): void {
  verb(program, 'release <file>', '发布定义（发布后不可更改）', 'store a definition for good', true).action(
    async (file: string, options: Common) => {
      const context = open(options);
      const { loaded } = bundleOf(context.file(file));
      if (!loaded.ok) {
        if (context.asJson)
          context.around.out.write(`${JSON.stringify({ code: 'definition-refused', problems: loaded.problems }, null, 2)}\n`);
        else context.around.err.write(`${loaded.problems.map(printProblem).join('\n')}\n`);
        throw new Failure(EXIT.refused, 'findings', {
          zh: '定义文件有误，没有发布。',
          en: 'The definition has mistakes; nothing was released.',
        });
      }
      const answer = await release(context.api, context.file(file), context.dryRun);
      context.result(answer, () =>
        context.dryRun
          ? `可以发布 can be released: ${answer.id}@${answer.version}  ${answer.digest}\n`
          : `✓ ${answer.released ? '已发布 released' : '早已发布 released before'}: ${answer.id}@${answer.version}  ${answer.title}  ${answer.digest}\n`,
      );
    },
  );

  verb(program, 'definitions', '已发布的定义', 'released definitions').action(async (options: Common) => {
    const context = open(options);
    const row = z.object({ id: z.string(), version: z.string(), title: z.string(), digest: z.string() });
    const found = await listOf(context.api, '/definitions', row, {}, false);
    context.result(found.items, () =>
      table(
        [
          { head: head('编号', 'id', context.language), cell: (each) => each.id },
          { head: head('版本', 'version', context.language), cell: (each) => each.version },
          { head: head('名称', 'title', context.language), cell: (each) => each.title },
          { head: head('摘要', 'digest', context.language), cell: (each) => each.digest.slice(0, 16) },
        ],
        found.items,
      ),
    );
  });
}
