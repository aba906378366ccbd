/** Stops the database and the engine of this jest run, if any test started them, and removes their files. */
import { readdirSync } from 'node:fs';
import { giveUp, loadRuntime } from './test-homes.mjs';

export default async function tearDown() {
  const home = process.env.DUBAN_TEST_HOME;
  // Besides owner.json there is only what tests have started.
  const started = readdirSync(home).length > 1;
  await giveUp(home, started ? await loadRuntime() : null);
}
