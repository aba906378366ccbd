import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { areasOf, paymentsFile, peopleFile, rosterFile } from '../../cli/demo/files.js';
import { payDays } from '../../cli/demo/pace.js';
import { inventPayers } from '../../cli/demo/payers.js';
import { readScenario } from '../../cli/demo/scenario.js';

const SCENARIO = join('definitions', 'demo', 'lingcheng-2020.yaml');
const scenario = readScenario(SCENARIO);
const payers = inventPayers(scenario.rows, scenario.invented, scenario.seed);
const rowsOf = (text: string): Record<string, string>[] => parse(text, { columns: true, bom: true });

describe('the demonstration of 2020', () => {
  test('its payers add up to the printed table: 51 units, 25,284 payers, 7,585,200 yuan', () => {
    expect(new Set(payers.map((payer) => payer.village)).size).toBe(51);
    expect(payers).toHaveLength(25284);
    expect(payers.reduce((sum, payer) => sum + payer.yuan, 0)).toBe(7585200);
    expect(new Set(payers.map((payer) => payer.idNumber)).size).toBe(25284);
  });

  test('on 25 May one payer is short of 96%; on 28 May 96% is reached (S4-06, S4-07)', () => {
    const paidBy = (date: string): number =>
      Math.max(0, ...scenario.steps.filter(({ at }) => at.slice(0, 10) <= date).map((step) => step.paidInAll ?? 0));
    const needed = Math.ceil((96 * 25284) / 100);
    expect(needed - paidBy('2020-05-25')).toBe(1);
    expect(paidBy('2020-05-30')).toBeGreaterThanOrEqual(needed);
  });

  test('each day of the story has its file: everybody pays once, on the day of the file, with a serial number of their own', () => {
    const arrivals = scenario.steps.flatMap((step) =>
      step.paidInAll === undefined ? [] : [{ on: step.at.slice(0, 10), paidInAll: step.paidInAll }],
    );
    const days = payDays(payers, arrivals, scenario.seed);
    const lines = [...days].flatMap(([on, paying]) =>
      rowsOf(paymentsFile(scenario, on, paying).text).map((row): Record<string, string> => ({ ...row, file: on })),
    );
    expect(lines).toHaveLength(arrivals.at(-1)?.paidInAll ?? 0);
    expect(new Set(lines.map((row) => row['流水号'])).size).toBe(lines.length);
    expect(lines.every((row) => row['缴费日期'] === row['file'])).toBe(true);
    const full = scenario.rows.filter(
      ({ name, payers: all }) => lines.filter((row) => row['村名'] === name && (row['file'] ?? '') <= '2020-05-25').length === all,
    );
    // The story needs both: villages that are through, and villages that lag.
    expect(full.length).toBeGreaterThan(0);
    expect(full.length).toBeLessThan(51);
  });

  test('the roster names every payer with the tier and village of the table', () => {
    const rows = rowsOf(rosterFile(scenario, payers).text);
    expect(rows).toHaveLength(25284);
    expect(new Set(rows.map((row) => row['缴费档次']))).toEqual(new Set(['300']));
  });

  test('every village is in exactly one area, and has a collector of its own', () => {
    expect(areasOf(scenario).flatMap(({ villages }) => villages)).toEqual(scenario.rows.map(({ name }) => name));
    const holders = rowsOf(peopleFile(scenario).text);
    for (const { name } of scenario.rows)
      expect(holders.some((row) => row['单位'] === name && row['岗位'] === 'collector' && row['登录名']?.startsWith('demo-cun-'))).toBe(
        true,
      );
  });
});

describe('a scenario that cannot be played', () => {
  test.each([
    ['steps: []', 'steps: [{ at: 2020-05-06T16:30:00 }, { at: 2020-05-06T16:30:00 }]', /steps\.1\.at/],
    ['steps: []', 'steps: [{ at: 2020-05-06T16:30:00, paidInAll: 5 }, { at: 2020-05-07T16:30:00, paidInAll: 4 }]', /steps\.1\.paidInAll/],
    ['steps: []', 'steps: [{ at: 2020-05-06T16:30:00, acts: [{ duty: x, by: nobody }] }]', /nobody/],
    ['year: 2020', 'year: "2020"', /year/],
    ['seed: s', 'sead: s', /sead|seed/],
  ])('%s → %s is refused with its place', (from, to, place) => {
    const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
    writeFileSync(join(folder, 'v.csv'), 'v,p,y\n东村,3,900\n');
    const file = join(folder, 's.yaml');
    writeFileSync(file, MINIMAL.replace(from, to));
    expect(() => readScenario(file)).toThrow(place);
  });
});

const MINIMAL = `definition: d.yaml
year: 2020
asOf: 2020-04-28T09:00:00
seed: s
top: { level: city, name: 甲市 }
root: { level: town, name: 甲镇 }
areas: { level: area, names: [甲区] }
villages: { level: unit, file: v.csv, columns: { name: v, payers: p, yuan: y } }
tables: {}
parameters: {}
invented: { areaCode: "700077", bornFrom: 1961-01-01, bornTo: 2003-12-31 }
payments: { insurance: 养老, channel: 银行柜台, means: 现金 }
users: [{ login: demo-a, name: 甲, at: root, roles: [townGovernment] }]
holders: []
steps: []
`;
