import { expect, test } from '@jest/globals';
import { Waiting } from '../../workflows/interpreter/waiting.js';

/** What has been let go so far, once every turn that is due has been taken. */
async function after(waits: readonly Promise<unknown>[], does: () => void): Promise<readonly number[]> {
  const gone: number[] = [];
  waits.forEach((wait, n) => void wait.then(() => gone.push(n)));
  does();
  await new Promise(setImmediate);
  return gone;
}

test('what holds already is not waited for', async () => {
  const waiting = new Waiting();
  expect(await after([waiting.until(() => true)], () => undefined)).toEqual([0]);
});

test('nobody goes on before somebody says that something has changed; then those for whom it holds, in the order in which they came', async () => {
  const waiting = new Waiting();
  let recorded = 0;
  const waits = [3, 1, 2].map((seq) => waiting.until(() => recorded >= seq));
  expect(await after(waits, () => (recorded = 2))).toEqual([]);
  expect(await after(waits, () => waiting.look())).toEqual([1, 2]);
  recorded = 3;
  expect(await after(waits.slice(0, 1), () => waiting.look())).toEqual([0]);
});

test('who will wait in vain is told why, and the others go on waiting', async () => {
  const waiting = new Waiting();
  let [lost, found] = [false, false];
  const vain = waiting.until(() => {
    if (lost) throw new Error('superseded');
    return false;
  });
  const other = waiting.until(() => found);
  lost = true;
  waiting.look();
  await expect(vain).rejects.toThrow('superseded');
  found = true;
  expect(await after([other], () => waiting.look())).toEqual([0]);
});
