import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { loadDefinition, printProblem, type Loaded } from '../../definitions/schema/index.js';
import type { Common, Context } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { verb, type Open } from '../verb.js';

/** A file's text for the loader; null when there is none. */
const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
};

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
    if (report.some(({ ok }) => !ok)) throw new Failure(EXIT.refused, 'definition-refused', { zh: '定义文件有误。', en: 'The definition has mistakes.' });
  });
}
