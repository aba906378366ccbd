import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { problemCodes } from '../../definitions/schema/index.js';

test('each code of a mistake is shown by a test', () => {
  const tests = readdirSync('test/definitions')
    .filter((name) => /^bad-.*\.test\.ts$/.test(name))
    .map((name) => readFileSync(`test/definitions/${name}`, 'utf8'))
    .join('\n');
  expect(problemCodes.filter((code) => !new RegExp(`\\b${code}\\b[^']*\\d`).test(tests))).toEqual([]);
  expect(new Set(problemCodes).size).toBe(problemCodes.length);
});
