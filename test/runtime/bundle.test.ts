import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { sharedRuntime } from '../support/runtime.js';

/** What runs inside a workflow: our core and shell, the SDK, exact numbers and expressions. `long` and `nexus-rpc` come with the SDK.
 * Modules of Node are refused by the SDK's bundler already. */
const ALLOWED =
  /^(dist\/(domain|workflows)\/|node_modules\/(@temporalio\/(workflow|common)|decimal\.js|@marcbachmann\/cel-js|long|nexus-rpc)\/)/;
const MAX_BYTES = 1_600_000;

const listSchema = z.object({ bytes: z.number(), modules: z.array(z.string()) });

async function list(): Promise<z.infer<typeof listSchema>> {
  // Compiles and bundles what is stale.
  await sharedRuntime();
  return listSchema.parse(JSON.parse(readFileSync('dist/workflow-bundle.modules.json', 'utf8')));
}

test('the workflow bundle holds only the core, the shell, the SDK, decimal.js and cel-js', async () => {
  const { modules } = await list();
  expect(modules).toContain('dist/workflows/index.js');
  expect(modules.filter((name) => !ALLOWED.test(name))).toEqual([]);
});

test('the workflow bundle stays small', async () => {
  const { bytes } = await list();
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(MAX_BYTES);
});
