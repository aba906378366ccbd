import { Command, CommanderError } from 'commander';
import type { Surroundings } from './context.js';
import { textIn } from './errors.js';
import { EXIT, Failure, type ExitCode } from './failure.js';
import { problemText } from './print/problem.js';
import { say, type Language } from './texts.js';
import { opener, type Open } from './verb.js';

/** Adds verbs to the program. */
export type Register = (program: Command, open: Open) => void;

const DUBAN = { name: 'duban', about: '督办：多部门按期应办的公共工作  work that many offices owe by many dates' };

/**
 * Runs one command line. Results go to standard output; refusals, with their way out, to standard error (with `--json` the problem document to standard
 * output). Exit codes: 0 done, 1 refused or findings, 2 wrong usage, 3 not reachable.
 */
export async function run(
  args: readonly string[],
  around: Surroundings,
  registers: readonly Register[],
  { name, about } = DUBAN,
): Promise<ExitCode> {
  const program = new Command(name)
    .description(about)
    .configureOutput({ writeOut: (text) => around.out.write(text), writeErr: (text) => around.err.write(text) })
    .enablePositionalOptions()
    .showHelpAfterError('（加 --help 看用法  see --help）');
  // Subcommands take over these settings when they are made.
  program.exitOverride();
  for (const register of registers) register(program, opener(around));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return ended(error, args, around);
  }
}

function ended(error: unknown, args: readonly string[], around: Surroundings): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const failure = error instanceof Failure ? error : refusalOf(error);
  if (failure === null) throw error;
  if (args.includes('--json') && failure.code !== 'findings') {
    around.out.write(`${JSON.stringify(failure.problem ?? { code: failure.code, ...failure.text, wayOut: failure.wayOut }, null, 2)}\n`);
  }
  around.err.write(problemText(failure, languageOf(args)));
  return failure.exit;
}

/** Refusals of other rooms (`code`, `zh`, `en`) are told like our own; anything else is a fault of the program. */
function refusalOf(error: unknown): Failure | null {
  const [code, zh, en] = ['code', 'zh', 'en'].map((member) => textIn(error, member));
  if (typeof code !== 'string') return null;
  if (typeof zh === 'string' && typeof en === 'string') return new Failure(EXIT.refused, code, { zh, en });
  if (!['ENOENT', 'EACCES', 'EISDIR', 'EPERM'].includes(code)) return null;
  const message = textIn(error, 'message') ?? code;
  return new Failure(EXIT.refused, 'file-not-readable', { zh: `文件不可用：${message}`, en: `The file cannot be used: ${message}` });
}

function languageOf(args: readonly string[]): Language {
  const at = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const value = at < 0 ? undefined : args[at] === '--lang' ? args[at + 1] : args[at]?.slice('--lang='.length);
  return value === 'zh' || value === 'en' ? value : 'both';
}

/** The line that tells how many rows were shown and that there are more. */
export function countLine(shown: number, more: boolean, language: Language): string {
  return `${say(more ? { zh: `共列出 ${shown} 条，还有更多（用 --all 列全）`, en: `${shown} shown, there are more (--all)` } : { zh: `共 ${shown} 条`, en: `${shown} in all` }, language)}\n`;
}
