import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadDefinition } from '../../definitions/schema/index.js';
import { coverageReference, rowCoverage } from '../../definitions/schema/publish/coverage.js';
import { editorSchema } from '../../definitions/schema/publish/editor-schema.js';
import { languageReference } from '../../definitions/schema/publish/reference.js';
import { readFile } from './files.js';

/** `REWRITE_REFERENCE=1` writes the generated pages instead of comparing them. */
function agrees(path: string, generated: string): void {
  if (process.env['REWRITE_REFERENCE'] === '1') writeFileSync(path, generated);
  expect(readFileSync(path, 'utf8')).toBe(generated);
}

function committed(name: string) {
  const loaded = loadDefinition(`definitions/campaigns/${name}.yaml`, readFile);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ en }) => en).join('\n'));
  return loaded.definition;
}

describe('the generated pages stand as they are generated', () => {
  test('editors get the JSON Schema', () => {
    const path = 'docs/reference/duban.schema.json';
    if (process.env['REWRITE_REFERENCE'] === '1') writeFileSync(path, `${JSON.stringify(editorSchema(), null, 2)}\n`);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(editorSchema())));
  });
  test('the reference of the language', () => agrees('docs/reference/language.md', languageReference()));
  test('the coverage of the notices', () =>
    agrees(
      'docs/reference/coverage.md',
      coverageReference([
        { definition: committed('lingcheng-2020'), seed: 'S4', rows: 52 },
        { definition: committed('xuecheng-2019'), seed: 'S3', rows: 79 },
        { definition: committed('shucheng-2018'), seed: 'S1', rows: 70 },
      ]),
    ));
});

test.each([
  ['lingcheng-2020', 'S4', 52],
  ['xuecheng-2019', 'S3', 79],
  ['shucheng-2018', 'S1', 70],
] as const)('%s carries every row of %s or says what it waits for', (name, seed, rows) => {
  const missing = rowCoverage(committed(name), seed, rows).filter(({ elements, later }) => elements.length === 0 && later === null);
  expect(missing).toEqual([]);
});
