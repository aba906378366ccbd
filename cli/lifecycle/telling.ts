import { Option } from 'commander';
import { RuntimeProblem } from '../../server/runtime/index.js';
import { say, type Both, type Language } from '../texts.js';

/** Exit codes of the command line: 1 refused or findings, 3 not reachable. */
export const REFUSED = 1;

export type Options = { json?: boolean; dryRun?: boolean; lang?: Language };
export const languageOf = ({ lang: language }: Options): Language => language ?? 'both';
export const tell = (text: Both, options: Options): string => `${say(text, languageOf(options))}\n`;

export const lang = (): Option => new Option('--lang <lang>', '语言 / language').choices(['zh', 'en', 'both']);

/** A refusal of the runtime is told in words (or as JSON), never as a stack. */
export async function guarded(options: Options, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RuntimeProblem)) throw error;
    if (options.json === true) print({ error: { code: error.code, zh: error.zh, en: error.en } });
    else process.stderr.write(`${say(error, languageOf(options))}  [${error.code}]\n`);
    process.exitCode = REFUSED;
  }
}

export function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
