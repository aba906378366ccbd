import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { clauseMap, loadDefinition, printProblem, releaseKey, type Loaded } from '../../definitions/schema/index.js';
import { readSource } from '../../definitions/schema/text/source.js';
import { readFile } from './files.js';

const files = {
  lingcheng: 'definitions/campaigns/lingcheng-2020.yaml',
  xuecheng: 'definitions/campaigns/xuecheng-2019.yaml',
  third: 'test/definitions/third-county.yaml',
} as const;

const problemsOf = (loaded: Loaded): readonly string[] => [...(loaded.ok ? [] : loaded.problems), ...loaded.warnings].map(printProblem);

function load(file: string) {
  const loaded = loadDefinition(file, readFile);
  if (!loaded.ok) throw new Error(problemsOf(loaded).join('\n'));
  return loaded;
}

describe('the definitions load', () => {
  test.each(Object.entries(files))('%s without problem or warning', (_, file) => {
    expect(problemsOf(loadDefinition(file, readFile))).toEqual([]);
  });

  test.each(Object.entries(files))('%s names a clause for every element', (_, file) => {
    const { definition } = load(file);
    const bare = clauseMap(definition).byElement.filter(({ clause }) => clause.length === 0);
    expect(bare).toEqual([]);
  });

  test.each(Object.entries(files))('%s is plain JSON with the same digest each time', (_, file) => {
    const first = load(file);
    const second = load(file);
    expect(JSON.parse(JSON.stringify(first.definition))).toEqual(first.definition);
    expect(second.digest).toBe(first.digest);
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([files.lingcheng, files.xuecheng])('%s is released with this digest', (file) => {
    const { definition, digest } = load(file);
    const released: unknown = JSON.parse(readFileSync('definitions/released.json', 'utf8'));
    expect(released).toMatchObject({ [releaseKey(definition)]: digest });
  });
});

describe('every reference of a resolved definition leads somewhere', () => {
  test.each(Object.entries(files))('%s', (_, file) => {
    const { definition: d } = load(file);
    const events = new Set(['payment.collected', 'payment.arrived', 'funds.arrived']);
    const roles = (ids: readonly string[]) => ids.filter((id) => d.roles[id] === undefined);
    for (const duty of Object.values(d.duties)) {
      expect(roles([...duty.owes, ...duty.for, ...(duty.checker === null ? [] : [duty.checker])])).toEqual([]);
      expect([...duty.needs, ...duty.wants].filter((id) => d.duties[id] === undefined)).toEqual([]);
      expect([...duty.evidence, ...duty.gives].filter((id) => d.papers[id] === undefined && d.reports[id] === undefined)).toEqual([]);
      expect(d.levels[duty.per]).toBeDefined();
      expect(d.ladders[duty.ladder]).toBeDefined();
      expect(duty.after.filter((event) => !events.has(event))).toEqual([]);
    }
    for (const ladder of Object.values(d.ladders))
      for (const { response } of ladder.rungs) {
        if (response.kind === 'tell') expect(d.texts[response.text]).toBeDefined();
        if (response.kind === 'flag') expect(d.reports[response.report]).toBeDefined();
        const to = response.kind === 'tell' ? response.to.filter((one) => one !== 'owner' && one !== 'person') : [];
        expect(roles(to)).toEqual([]);
      }
    for (const level of Object.values(d.levels)) if (level.under !== null) expect(d.levels[level.under]?.depth).toBe(level.depth - 1);
  });
});

describe("the editors' JSON Schema", () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync('docs/reference/duban.schema.json', 'utf8')) as z.core.JSONSchema.JSONSchema);
  const data = (file: string): unknown => readSource(file, readFileSync(file, 'utf8')).source.data;

  test.each([...Object.entries(files), ['part', 'definitions/parts/supervision.yaml'] as const])('accepts %s', (_, file) => {
    expect(schema.safeParse(data(file)).success).toBe(true);
  });

  test.each(Object.entries(files))('refuses an unknown key in %s', (_, file) => {
    const written = data(file) as Readonly<Record<string, unknown>>;
    expect(schema.safeParse({ ...written, dutys: {} }).success).toBe(false);
    const levels = written['levels'] as Readonly<Record<string, object>>;
    const [id = '', first] = Object.entries(levels)[0] ?? [];
    expect(schema.safeParse({ ...written, levels: { ...levels, [id]: { ...first, titel: 'x' } } }).success).toBe(false);
  });
});
