/** Gives each jest run a home of its own below .duban/test and clears away what runs that were killed have left behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, loadRuntime, testHomes } from './test-homes.mjs';

export default async function setUp() {
  // Nothing compiled yet, or half compiled: leftovers wait for the next run.
  const runtime = await loadRuntime().catch(() => null);
  for (const name of existsSync(testHomes) ? readdirSync(testHomes) : []) {
    const home = join(testHomes, name);
    if (runtime !== null && !ownerLives(home, runtime)) await giveUp(home, runtime);
  }
  const home = join(testHomes, `r${process.pid}-${Date.now().toString(36)}`);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'owner.json'), JSON.stringify(runtime?.markOf(process.pid) ?? { pid: process.pid, token: null }));
  process.env.DUBAN_TEST_HOME = home;
}

function ownerLives(home, runtime) {
  try {
    const owner = JSON.parse(readFileSync(join(home, 'owner.json'), 'utf8'));
    return owner.token === null ? runtime.markOf(owner.pid) !== null : runtime.isAlive(owner);
  } catch {
    return false;
  }
}
