/** Shared by jest's global set-up and teardown, which jest runs untranspiled: they use the compiled runtime. */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const compiled = join(root, 'dist', 'server', 'runtime', 'index.js');

export const testHomes = join(root, '.duban', 'test');

/** The compiled runtime. The first test that starts anything compiles it before (runtime.ts). */
export const loadRuntime = () => import(pathToFileURL(compiled).href);

/** Stops whatever runs for a test's home and removes its files. */
export async function giveUp(home, runtime) {
  if (runtime !== null) {
    const paths = runtime.pathsOf(home);
    await runtime.down({ paths, say: runtime.saySilently });
    runtime.removeDatabase(paths);
  }
  // A failed run's logs are looked at: DUBAN_KEEP_LOGS=1 keeps them.
  if (process.env.DUBAN_KEEP_LOGS !== '1') rmSync(home, { recursive: true, force: true });
}
