import { EXIT, type Failure } from '../failure.js';
import { say, type Language } from '../texts.js';
import { clean } from './clean.js';

const MORE_AT_MOST = 50;

/** A refusal for people: what, the code, each single finding of the answer, the way out. */
export function problemText(failure: Failure, language: Language): string {
  const mark = failure.exit === EXIT.unreachable ? '!' : '✗';
  const lines = [`${mark} ${clean(say(failure.text, language))} [${failure.code}]`];
  for (const finding of findingsOf(failure.problem).slice(0, MORE_AT_MOST)) lines.push(`  - ${finding(language)}`);
  if (failure.wayOut !== null) lines.push(`→ ${clean(say(failure.wayOut, language))}`);
  return `${lines.join('\n')}\n`;
}

type Line = (language: Language) => string;

/** Single findings of a problem document: `{ path?|line?, zh?, en?, message? }` in `errors`, `problems` (mistakes of a definition) or `questions` (of a launch). */
function findingsOf(problem: Readonly<Record<string, unknown>> | null): readonly Line[] {
  if (problem === null) return [];
  return ['errors', 'problems', 'questions'].flatMap((key) => {
    const list = problem[key];
    return Array.isArray(list)
      ? list.map(
          (entry: unknown): Line =>
            (language) =>
              clean(findingText(entry, language)),
        )
      : [];
  });
}

function findingText(entry: unknown, language: Language): string {
  if (typeof entry !== 'object' || entry === null) return String(entry);
  const field = (name: string): string => {
    const value: unknown = Reflect.get(entry, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : Array.isArray(value) ? value.join('.') : '';
  };
  const zh = field('zh') || field('title') || field('message') || field('detail') || field('code');
  const where = [field('line') && `${field('line')}`, field('path') || field('column') || field('id')].filter(Boolean).join(' ');
  return `${where === '' ? '' : `${where}: `}${say({ zh, en: field('en') || zh }, language)}`;
}
