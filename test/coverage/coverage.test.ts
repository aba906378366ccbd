import { describe, expect, test } from '@jest/globals';
import { clauseMap } from '../../definitions/schema/index.js';
import { definitionOf } from '../support/campaign.js';
import { caseList, casesNamed, requirementList, testSources, testsOf } from './lists.js';

const sources = testSources();
const named = new Map([...sources].map(([file, text]) => [file, casesNamed(text)]));
const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i + 1).padStart(2, '0')}`);

describe('the list of worked cases', () => {
  const { groups, cases } = caseList();

  test('has each of the 342 ids once, in groups without a hole', () => {
    const expected = Object.entries(groups).flatMap(([group, { cases: count }]) => numbered(`C-${group}`, count));
    expect(expected).toHaveLength(342);
    expect(Object.keys(cases)).toEqual(expected);
  });

  test('says of each id where it is tested, what it waits for, or why not', () => {
    const silent = Object.entries(cases).filter(([, at]) => testsOf(at).length === 0 && !at.later && !at.why);
    expect(silent.map(([id]) => id)).toEqual([]);
    const vague = Object.values(cases).filter(({ later }) => later !== undefined && !/^part [23] \(.+\)$/.test(later));
    expect(vague).toEqual([]);
  });

  test('names only tests that exist under the id', () => {
    const missing = Object.entries(cases).flatMap(([id, at]) =>
      testsOf(at).flatMap((file) => (named.get(file)?.has(id) ? [] : [`${id} ${file}`])),
    );
    expect(missing).toEqual([]);
  });

  test('knows every test that bears an id', () => {
    const unlisted = [...named].flatMap(([file, ids]) =>
      [...ids].flatMap((id) => (cases[id] && testsOf(cases[id]).includes(file) ? [] : [`${id} ${file}`])),
    );
    expect(unlisted).toEqual([]);
  });

  test('a name in a comment or in the middle of a sentence does not count as a test', () => {
    expect([...casesNamed("// test C-K01\ntest('as in C-K02', () => {});\ntest('C-K03 met', () => {});\n['C-K04', 1],")]).toEqual([
      'C-K03',
      'C-K04',
    ]);
  });

  test('an id twice is refused', () => {
    expect(() => caseList('groups: {}\ncases:\n  C-T01: { why: a }\n  C-T01: { why: b }\n')).toThrow(/unique/i);
  });
});

describe.each(Object.entries(requirementList().notices))('the rows of %s', (seed, { definition: file, rows: count }) => {
  const { rows } = requirementList();
  const own = Object.entries(rows).filter(([row]) => row.startsWith(`${seed}-`));
  const carried = new Map(clauseMap(definitionOf(file)).byElement.map(({ element, clause }) => [element, clause]));

  test('are all there, once, in order', () => {
    expect(own.map(([row]) => row)).toEqual(numbered(`${seed}-`, count));
  });

  test('are each carried by an element or a test, or say what they wait for or that they are reference only', () => {
    const silent = own.filter(([, at]) => (at.elements ?? []).length === 0 && testsOf(at).length === 0 && !at.later && !at.reference);
    expect(silent.map(([row]) => row)).toEqual([]);
  });

  test('name only elements that exist and carry the clause', () => {
    const wrong = own.flatMap(([row, { elements = [] }]) =>
      elements.flatMap((element) =>
        carried.get(element)?.includes(row) ? [] : [`${row} ${element}${carried.has(element) ? ' (without the clause)' : ' (not there)'}`],
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('name only tests that speak of the row', () => {
    const wrong = own.flatMap(([row, at]) =>
      testsOf(at).flatMap((path) => (speaksOf(sources.get(path) ?? '', row) ? [] : [`${row} ${path}`])),
    );
    expect(wrong).toEqual([]);
  });
});

/** `S3-34`, alone or inside `S3-34 to S3-37`. */
function speaksOf(source: string, row: string): boolean {
  const [seed = '', n = ''] = row.split('-');
  if (source.includes(row)) return true;
  return [...source.matchAll(/(S\d)-(\d\d) to S\d-(\d\d)/g)].some(([, of, from = '', to = '']) => of === seed && from <= n && n <= to);
}
