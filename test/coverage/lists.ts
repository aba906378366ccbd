import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Where a worked case or a row of the requirements stands; see the first lines of docs/coverage/*.yaml. */
export interface Standing {
  readonly tested?: string | readonly string[];
  readonly elements?: readonly string[];
  readonly later?: string;
  readonly why?: string;
  readonly reference?: string;
}
export interface CaseList {
  readonly groups: Readonly<Record<string, { readonly title: string; readonly cases: number }>>;
  readonly cases: Readonly<Record<string, Standing>>;
}
export interface RequirementList {
  readonly notices: Readonly<Record<string, { readonly definition: string; readonly rows: number }>>;
  readonly rows: Readonly<Record<string, Standing>>;
}

const readList = (name: string): string => readFileSync(join('docs/coverage', name), 'utf8');
/** Duplicate ids are an error of the YAML itself. */
export const caseList = (text = readList('cases.yaml')): CaseList => parse(text, { uniqueKeys: true }) as CaseList;
export const requirementList = (text = readList('requirements.yaml')): RequirementList =>
  parse(text, { uniqueKeys: true }) as RequirementList;

export const testsOf = ({ tested = [] }: Standing): readonly string[] => (typeof tested === 'string' ? [tested] : tested);

/** All test files, with their sources, except those of the list itself. */
export function testSources(folder = 'test'): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (path === 'test/coverage') continue;
    if (entry.isDirectory()) for (const [file, text] of testSources(path)) found.set(file, text);
    else if (entry.name.endsWith('.test.ts')) found.set(path, readFileSync(path, 'utf8'));
  }
  return found;
}

/** Case ids that stand first in a test's name, or first in a row of `test.each`. */
export function casesNamed(source: string): ReadonlySet<string> {
  const names = source.matchAll(/(?:test(?:\.\w+)?\(|\[)\s*['"`](C-[A-Z]\d{2})\b/g);
  return new Set([...names].map((match) => match[1] ?? ''));
}
