import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { charsetOf } from '../../activities/files/charset.js';
import { HandedOverOtherwise, handOver } from '../../activities/files/hand-over.js';
import { readFormatFile } from '../../activities/files/read-file.js';
import { severityOf, tellFormatProblem, type FormatProblem } from '../../domain/formats/problem.js';
import type { FileReading } from '../../domain/formats/reading.js';
import { sampleContent } from '../../domain/formats/sample.js';
import { FormatWriteError, FormatWriter } from '../../domain/formats/write.js';
import { layoutFor, type FormatWanted } from '../formats.js';
import type { Common, Context } from '../context.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { readingText } from '../print/formats.js';
import { noun, pairs, verb, whole, type Open } from '../verb.js';

interface FormatOptions extends Common, FormatWanted {
  readonly name?: string;
  readonly batch?: string;
  readonly most?: number;
  readonly lines?: number;
  readonly out?: string;
}

const withFormat = (command: Command): Command =>
  command
    .requiredOption('--definition <file>', '定义文件  the definition file')
    .requiredOption('--format <id>', '哪个文件格式  which format')
    .option('--set <name=value>', '定义中未定的参数  a parameter that the definition leaves open', pairs)
    .option('--table <id=file>', '银行的返回码表（CSV，列 code、outcome）  the table of codes', pairs);

/** Agreeing a file's layout with a bank before anything runs: an example file, and a dry reading of what the bank sends. */
export function registerFormats(program: Command, open: Open): void {
  const parent = noun(program, 'format', '与银行核对文件格式', 'agree the layout of files with a bank');
  withFormat(
    verb(
      parent,
      'check <file>',
      '试读文件：合计、各结果笔数、全部问题；不记入任何东西',
      'read a file dry: totals, counts by outcome, every problem',
    ),
  )
    .option('--name <name>', '文件原来的名称  the name under which it came')
    .option('--batch <batch>', '应为哪一批  the batch it should belong to')
    .option('--most <n>', '最多列出几个问题（全部计数）  list at most so many problems; all are counted', whole)
    .action((file: string, options: FormatOptions) => check(open(options), file, options));
  withFormat(verb(parent, 'sample', '写一个样例文件（虚构的人），供与银行核对', 'write an example file with invented people'))
    .option('--lines <n>', '几行明细  detail lines', whole)
    .option('--out <folder>', '写到哪里  where to', '.')
    .action((options: FormatOptions) => sample(open(options), options));
}

const problemData = (problem: FormatProblem): object => ({ ...problem, severity: severityOf(problem.code), ...tellFormatProblem(problem) });

async function check(context: Context, file: string, options: FormatOptions): Promise<void> {
  const path = context.file(file);
  if (!existsSync(path)) throw wrongUsage('file-missing', `没有文件：${file}`, `No such file: ${file}`);
  const { layout, codesKnown } = layoutFor(context, options);
  const reading: FileReading = await readFormatFile(path, layout, {
    name: options.name ?? basename(path),
    batch: options.batch ?? null,
    ...(options.most === undefined ? {} : { mostProblems: options.most }),
  });
  context.result({ file, format: layout.format.id, codesKnown, ...reading, problems: reading.problems.map(problemData) }, () =>
    readingText(file, layout, reading, codesKnown, context.language),
  );
  if (!reading.sound)
    throw new Failure(EXIT.refused, 'file-refused', { zh: '文件有误，不能收。', en: 'The file has mistakes and would be refused.' });
}

const SAMPLE_LINES = 10;
const MOST_SAMPLE_LINES = 100_000;

async function sample(context: Context, options: FormatOptions): Promise<void> {
  const { lines = SAMPLE_LINES, out = '.' } = options;
  if (lines > MOST_SAMPLE_LINES) throw wrongUsage('too-many-lines', `最多${MOST_SAMPLE_LINES}行`, `At most ${MOST_SAMPLE_LINES} lines`);
  const { layout } = layoutFor(context, options);
  const charset = charsetOf(layout.format.charset);
  const day = layout.setting.definition.from;
  const { header, trailer, rows } = sampleContent(layout, charset, lines, day);
  const writer = new FormatWriter(layout, charset);
  writer.check(rows);
  try {
    const content = [writer.begin({ header, trailer }), writer.rows(rows), writer.end()];
    const name = writer.fileName(day, 1) ?? `${layout.format.id}-sample.txt`;
    const folder = context.file(out);
    await mkdir(folder, { recursive: true });
    const { path, bytes, digest } = await handOver({ folder, name, content: () => content });
    context.result({ path, name, bytes, digest, lines }, () => `✓ ${path}  ${bytes} 字节 bytes  ${lines} 行 lines\n`);
  } catch (error) {
    throw sampleFailure(error);
  }
}

/** A layout in which no example can be written says why; anything else goes on as it is. */
function sampleFailure(error: unknown): unknown {
  if (error instanceof HandedOverOtherwise)
    return new Failure(EXIT.refused, 'file-exists', {
      zh: `已有同名而内容不同的文件：${error.file}`,
      en: `There is another file of this name: ${error.file}`,
    });
  if (!(error instanceof FormatWriteError)) return error;
  const said = error.problems.slice(0, 20).map((problem) => ({ column: problem.column, ...tellFormatProblem(problem) }));
  return new Failure(
    EXIT.refused,
    'sample-unwritable',
    { zh: '按此格式写不出样例。', en: 'No example can be written in this format.' },
    { zh: '请核对列宽、类型和控制合计。', en: 'Look at the widths, types and control totals.' },
    { errors: said },
  );
}
