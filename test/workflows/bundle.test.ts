import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { pathsOf } from '../../server/runtime/index.js';
import { sharedRuntime } from '../support/runtime.js';

const listSchema = z.object({ bytes: z.number().int(), modules: z.array(z.string()) });
let list: z.infer<typeof listSchema>;
let code: string;

beforeAll(async () => {
  // Compiles and bundles what is stale.
  await sharedRuntime();
  const dist = join(pathsOf().root, 'dist');
  expect(existsSync(join(dist, 'workflow-bundle.modules.json'))).toBe(true);
  list = listSchema.parse(JSON.parse(readFileSync(join(dist, 'workflow-bundle.modules.json'), 'utf8')));
  code = readFileSync(join(dist, 'workflow-bundle.js'), 'utf8');
});

/** The package a module belongs to, or the room of ours. */
function ownerOf(module: string): string {
  const [, inner] = module.split('node_modules/').slice(-2);
  if (inner === undefined)
    return module
      .split('/')
      .slice(0, module.startsWith('dist/') ? 2 : 1)
      .join('/');
  const [scope = '', name = ''] = inner.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

test('the workflow bundle is made of our pure rooms, the SDK, decimal.js and CEL, and of nothing else', () => {
  const owners = new Set(list.modules.map(ownerOf));
  const ours = [...owners].filter((owner) => owner.startsWith('dist'));
  expect(ours.sort()).toEqual(['dist/domain', 'dist/workflows']);
  const packages = [...owners].filter((owner) => !owner.startsWith('dist'));
  const allowed = [
    '@marcbachmann/cel-js',
    '@temporalio/common',
    '@temporalio/proto',
    '@temporalio/worker',
    '@temporalio/workflow',
    'decimal.js',
  ];
  const helpers = ['@protobufjs/', 'long', 'ms', 'nexus-rpc', 'protobufjs', 'proto3-json-serializer'];
  expect(packages.filter((name) => !allowed.includes(name) && !helpers.some((helper) => name.startsWith(helper)))).toEqual([]);
});

test('no module of Node itself is in the bundle', () => {
  const builtins = new Set(builtinModules);
  expect(list.modules.filter((module) => builtins.has(module.replace(/^node:/, '')))).toEqual([]);
});

test('the bundle without its source map stays small: a worker loads it at every start', () => {
  const map = code.indexOf('//# sourceMappingURL=');
  const bytes = Buffer.byteLength(map < 0 ? code : code.slice(0, map));
  expect(bytes).toBeLessThan(1_600_000);
  expect(bytes).toBeGreaterThan(400_000);
});
