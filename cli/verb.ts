import { InvalidArgumentError, Option, type Command } from 'commander';
import { Context, type Common, type Surroundings } from './context.js';

/** Makes a verb's context from its options; given to every register function. */
export type Open = (options: Common) => Context;

export const opener =
  (around: Surroundings): Open =>
  (options) =>
    new Context(around, options);

/** A verb with the options every verb has. `mutates` adds --dry-run and --key. */
export function verb(parent: Command, usage: string, zh: string, en: string, mutates = false): Command {
  const command = parent.command(usage).description(`${zh}  ${en}`);
  // A verb below a verb keeps its own options: `notices read --json`.
  command.enablePositionalOptions();
  command.option('--json', '输出 JSON  print JSON');
  command.addOption(new Option('--lang <lang>', '语言  language').choices(['zh', 'en', 'both']));
  command.option('--url <address>', '接口地址  address of the API');
  if (mutates) {
    command.option('--dry-run', '只预览，不改动  show what would be done');
    command.option('--key <key>', '重做时沿用的幂等键  key printed by the attempt that is repeated');
  }
  return command;
}

/** Which world a list is of; without it the real one, or the only rehearsal. */
export const worldOption = (): Option =>
  new Option(
    '--world <id>',
    '哪个世界：real 或演练的编号；默认真实世界，没有则最近的演练  which world: real, or a rehearsal; default: the real one',
  );

/** A noun that only has verbs below it. */
export function noun(parent: Command, name: string, zh: string, en: string): Command {
  return parent.command(name).description(`${zh}  ${en}`);
}

/** `k=v`, collected into a map. */
export function pairs(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('应为 名称=值  expected name=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function list(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** `YYYY-MM-DD`, a day that exists. */
export function day(text: string): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const [year, month, date] = [Number(found?.[1]), Number(found?.[2]), Number(found?.[3])];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  if (found === null || last === undefined || date < 1 || date > last)
    throw new InvalidArgumentError('应为日期 2020-05-25  expected a day, 2020-05-25');
  return text;
}

export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('应为整数  expected a whole number');
  return Number(text);
}
