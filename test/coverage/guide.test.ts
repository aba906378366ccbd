import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { actBody } from '../../server/routes/obligation-acts.js';
import { registerLifecycle } from '../../cli/lifecycle/index.js';
import { registers } from '../../cli/registers.js';
import { run } from '../../cli/run.js';

/** Words of a command line; what stands in single quotes is one word. */
const words = (line: string): readonly string[] => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** Lines of the guide's shell blocks that call `duban`. */
const commandsOf = (path: string): readonly (readonly string[])[] =>
  [...readFileSync(path, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => line.startsWith('npx duban '))
    .map((line) => words(line).slice(2));

async function helpOf(command: readonly string[]): Promise<string> {
  let told = '';
  const out = { write: (text: string | Uint8Array) => (told += String(text)) };
  const around = { env: {}, cwd: '.', out, err: { write: (text: string) => text }, watched: false, ask: async () => null };
  const exit = await run([...command, '--help'], around, [(program) => registerLifecycle(program), ...registers]);
  expect([command.join(' '), exit]).toEqual([command.join(' '), 0]);
  return told;
}

/** Verbs that have verbs of their own. */
const NOUNS = ['case', 'deduction', 'import', 'format', 'audit', 'ledger', 'token', 'receipts', 'suspense', 'calendar', 'tables', 'keys'];

describe.each(['docs/guide/zh.md', 'docs/guide/en.md'])('%s', (path) => {
  const commands = commandsOf(path);

  test('names only verbs and options that exist', async () => {
    expect(commands.length).toBeGreaterThan(50);
    for (const command of commands) {
      const verb = command.slice(0, NOUNS.includes(command[0] ?? '') ? 2 : 1);
      const help = await helpOf(verb);
      expect(help).toContain(`Usage: duban ${verb.join(' ')} `);
      for (const option of command.filter((word) => word.startsWith('--')))
        expect([verb.join(' '), help]).toEqual([verb.join(' '), expect.stringContaining(option)]);
    }
  });

  test('shows every verb at least once', async () => {
    const help = await helpOf([]);
    const verbs = [...help.matchAll(/^  ([a-z][a-z-]*)(?= )/gm)].map(([, verb]) => verb ?? '').filter((verb) => verb !== 'help');
    expect(verbs.length).toBeGreaterThan(40);
    expect(verbs.filter((verb) => !commands.some(([first]) => first === verb))).toEqual([]);
  });

  test('shows only acts that the API takes', () => {
    const acts = commands.filter(([verb, target]) => verb === 'act' && target?.includes(':'));
    expect(acts.length).toBeGreaterThan(10);
    for (const [, , kind = '', ...rest] of acts) {
      const at = rest.indexOf('--data');
      const data: unknown = at < 0 ? {} : JSON.parse(rest[at + 1] ?? '');
      expect([kind, actBody.safeParse({ kind, ...(data as object) }).success]).toEqual([kind, true]);
    }
  });
});

test('both languages show the same commands', () => {
  expect(commandsOf('docs/guide/zh.md')).toEqual(commandsOf('docs/guide/en.md'));
});
