import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { pipedLines } from '../../cli/surroundings.js';

/* Questions answered by a pipe, as a script does: each takes the next line, however the lines come. */

test('lines that come in one piece answer one question each, then there is none', async () => {
  const pipe = new PassThrough();
  const next = pipedLines(pipe);
  pipe.end('old secret\nnew secret\n');
  expect([await next(), await next(), await next(), await next()]).toEqual(['old secret', 'new secret', null, null]);
});

test('a line that comes later is waited for', async () => {
  const pipe = new PassThrough();
  const next = pipedLines(pipe);
  pipe.write('old secret\n');
  expect(await next()).toBe('old secret');
  const second = next();
  pipe.write('new ');
  pipe.end('secret');
  expect(await second).toBe('new secret');
  expect(await next()).toBeNull();
});
