import { describe, expect, test } from '@jest/globals';
import { loadDefinition, printProblem } from '../../definitions/schema/index.js';
import { snippets, wholeFile } from '../../definitions/schema/publish/snippets.js';

describe('the reference documentation has one worked snippet for each construct', () => {
  test.each(snippets.map((snippet) => [snippet.construct, snippet] as const))('%s loads without problem or warning', (_, snippet) => {
    const loaded = loadDefinition('snippet.yaml', (path) => (path === 'snippet.yaml' ? wholeFile(snippet.yaml) : null));
    expect([...(loaded.ok ? [] : loaded.problems), ...loaded.warnings].map(printProblem)).toEqual([]);
  });

  test('every construct of this part has one', () => {
    const wanted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 33, 34].map(
      (n) => `K${String(n).padStart(2, '0')}`,
    );
    expect(snippets.map(({ construct }) => construct)).toEqual([...wanted, 'K-formats', 'K12', 'K14', 'K16', 'K17']);
  });
});
