import { relative } from 'node:path';
import type { Command } from 'commander';
import { clauseMap, loadDefinition, printProblem, type Loaded } from '../../definitions/schema/index.js';
import { readText } from '../bundle.js';
import type { Common, Context } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { table } from '../print/table.js';
import { head } from '../texts.js';
import { verb, type Open } from '../verb.js';

/** Paths stay as the caller would type them, so that findings name them so. */
export function loadFile(context: Context, file: string): Loaded {
  const named = relative(context.around.cwd, context.file(file)).replaceAll('\\', '/');
  return loadDefinition(named, (path) => readText(context.file(path)));
}

/** Verbs that need no running Duban: they read definition files of this machine. */
export function registerOffline(program: Command, open: Open): void {
  verb(program, 'lint <files...>', '检查定义文件', 'check definition files').action((files: readonly string[], options: Common) => {
    const context = open(options);
    const found = files.map((file) => ({ file, loaded: loadFile(context, file) }));
    const report = found.map(({ file, loaded }) => ({
      file,
      ok: loaded.ok,
      digest: loaded.ok ? loaded.digest : null,
      problems: loaded.ok ? [] : loaded.problems,
      warnings: loaded.warnings,
    }));
    context.result(report, () =>
      report
        .map(({ file, ok, digest, problems, warnings }) =>
          [
            ...[...problems, ...warnings].map(printProblem),
            ok ? `✓ ${file}  ${digest ?? ''}` : `✗ ${file}: ${problems.length} 处错误 problems`,
            ...(warnings.length > 0 ? [`  ${warnings.length} 处提醒 warnings`] : []),
            '',
          ].join('\n'),
        )
        .join(''),
    );
    if (report.some(({ ok }) => !ok))
      throw new Failure(EXIT.refused, 'definition-refused', { zh: '定义文件有误。', en: 'The definition has mistakes.' });
  });

  verb(program, 'clauses <file>', '条款对照：通知的每一处由哪些元素承担', 'clause map: which elements carry each place of the notice')
    .option('--by-element', '按元素列出  by element')
    .action((file: string, options: Common & { byElement?: boolean }) => {
      const context = open(options);
      const loaded = loadFile(context, file);
      if (!loaded.ok) {
        context.around.err.write(`${loaded.problems.map(printProblem).join('\n')}\n`);
        throw new Failure(EXIT.refused, 'definition-refused', {
          zh: '定义文件有误，先改正。',
          en: 'The definition has mistakes: correct them first.',
        });
      }
      const map = clauseMap(loaded.definition);
      context.result(map, () =>
        options.byElement === true
          ? table(
              [
                { head: head('元素', 'element', context.language), cell: (row) => row.element },
                { head: head('名称', 'title', context.language), cell: (row) => row.title, most: 40 },
                { head: head('条款', 'clauses', context.language), cell: (row) => row.clause.join(' ') },
                { head: head('理解', 'readings', context.language), cell: (row) => row.readings.join(' ') },
              ],
              map.byElement,
            )
          : table(
              [
                { head: head('条款', 'clause', context.language), cell: (row) => row.clause },
                { head: head('元素', 'elements', context.language), cell: (row) => row.elements.join('  ') },
              ],
              map.byClause,
            ),
      );
    });
}
