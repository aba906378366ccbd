import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Cell, Column, Gap, HitPolicy, Table } from '../../../domain/model/definition.js';
import { matchesCell, parseCell, parseValue } from '../../../domain/rules/cells.js';
import { proveTable } from '../../../domain/rules/prove.js';
import { runTable } from '../../../domain/rules/tables.js';
import { committedDefinition, settingOf } from '../../support/definitions.js';

const definition = committedDefinition('lingcheng-2020');
const cell = (raw: string | number | boolean, type: string): Cell => {
  const parsed = parseCell(raw, type);
  if (!parsed.ok) throw new Error(parsed.en);
  return parsed.cell;
};
const columns = (spec: Readonly<Record<string, string>>): readonly Column[] =>
  Object.entries(spec).map(([id, type]) => ({ id, type, from: null }));

function table(
  inputs: Readonly<Record<string, string>>,
  rows: readonly (readonly (string | number | boolean)[])[],
  hit: HitPolicy = { kind: 'one' },
  otherwise: Gap | null = null,
): Table {
  const types = Object.values(inputs);
  return {
    id: 't',
    title: '测试表',
    clause: [],
    readings: [],
    inputs: columns(inputs),
    outputs: columns({ out: 'count' }),
    rows: rows.map((row) => ({ when: types.map((type, i) => cell(row[i] ?? '', type)), then: [Number(row[types.length])] })),
    load: null,
    hit,
    else: otherwise,
    totals: {},
    deny: null,
    provisional: null,
  };
}
const settingWith = (t: Table, parameters = {}) => settingOf({ ...definition, tables: { ...definition.tables, t } }, 2020, parameters);
const run = (t: Table, ...inputs: Parameters<typeof runTable>[2]) => runTable(settingWith(t), 't', inputs);
const outOf = (result: ReturnType<typeof runTable>) =>
  result.kind === 'rows' ? result.rows.map(({ outputs }) => outputs['out']) : result.kind;

describe('cells', () => {
  test.each([
    ['any', 'count', { kind: 'any' }],
    [300, 'money', { kind: 'oneOf', values: [30000] }],
    ['500 | 600', 'money', { kind: 'oneOf', values: [50000, 60000] }],
    ['16..19', 'count', { kind: 'range', from: 16, to: 19, toOpen: false }],
    ['16..<20', 'count', { kind: 'range', from: 16, to: 20, toOpen: true }],
    ['25..', 'count', { kind: 'range', from: 25, to: null, toOpen: false }],
    ['..59', 'count', { kind: 'range', from: null, to: 59, toOpen: false }],
    ['2018-01..', 'month', { kind: 'range', from: '2018-01', to: null, toOpen: false }],
    ['$subsidy100', 'money', { kind: 'parameter', parameter: 'subsidy100' }],
    [true, 'yesno', { kind: 'oneOf', values: [true] }],
    ['met | missed', 'result', { kind: 'oneOf', values: ['met', 'missed'] }],
    ['0.5..97.5%', 'percent', { kind: 'range', from: '0.5', to: '97.5', toOpen: false }],
  ])('%p as %s', (raw, type, expected) => {
    expect(parseCell(raw, type)).toEqual({ ok: true, cell: expected });
  });

  test.each([
    ['19..16', 'count'],
    ['16..<16', 'count'],
    ['..', 'count'],
    ['1.5', 'count'],
    ['1.005', 'money'],
    ['2018-13..', 'month'],
    ['2020-02-30', 'date'],
    ['perhaps', 'result'],
    ['maybe', 'yesno'],
    ['', 'text'],
    ['1 | ', 'count'],
  ])('refuses %p as %s', (raw, type) => {
    expect(parseCell(raw, type).ok).toBe(false);
  });

  test('values are read by their type', () => {
    expect(parseValue('492.00', 'money')).toEqual({ ok: true, value: 49200 });
    expect(parseValue(96, 'percent')).toEqual({ ok: true, value: '96' });
    expect(parseValue('5wd', 'duration')).toEqual({ ok: true, value: '5wd' });
    expect(parseValue('后', 'roll').ok).toBe(false);
  });

  test('percentages are compared by value, not as text', () => {
    expect(matchesCell({ kind: 'range', from: '9', to: '10.50', toOpen: false }, '10.5', 'percent')).toBe(true);
    expect(matchesCell({ kind: 'range', from: '9', to: '10.50', toOpen: true }, '10.5', 'percent')).toBe(false);
  });
});

describe('hit rules', () => {
  const bands = [
    ['0..9', 1],
    ['5..20', 2],
  ] as const;
  test('one refuses two rows and a gap', () => {
    expect(outOf(run(table({ n: 'count' }, bands), 3))).toEqual([1]);
    expect(run(table({ n: 'count' }, bands), 7)).toMatchObject({ kind: 'overlap', code: 'table-overlap' });
    expect(run(table({ n: 'count' }, bands), 21)).toMatchObject({ kind: 'gap', code: 'table-gap', params: { table: 't', inputs: '21' } });
  });
  test('first takes the upper row, all both, highest the better', () => {
    expect(outOf(run(table({ n: 'count' }, bands, { kind: 'first' }), 7))).toEqual([1]);
    expect(outOf(run(table({ n: 'count' }, bands, { kind: 'all' }), 7))).toEqual([1, 2]);
    expect(outOf(run(table({ n: 'count' }, bands, { kind: 'highest', output: 'out' }), 7))).toEqual([2]);
  });
  test('a list looks up every element and the hit rule decides', () => {
    const rates = table(
      { group: 'text' },
      [
        ['poor', 200],
        ['surgery', 500],
        ['lost', 1000],
      ],
      { kind: 'highest', output: 'out' },
      { kind: 'value', values: { out: 0 } },
    );
    expect(outOf(run(rates, ['poor', 'surgery']))).toEqual([500]);
    expect(outOf(run(rates, ['surgery', 'lost', 'poor']))).toEqual([1000]);
    expect(outOf(run(rates, ['poor', 'unknown']))).toEqual([200]);
    expect(outOf(run(rates, []))).toEqual([0]);
    expect(
      run(
        table({ group: 'text' }, [
          ['poor', 1],
          ['surgery', 2],
        ]),
        ['poor', 'surgery'],
      ),
    ).toMatchObject({ kind: 'overlap' });
  });
  test('a gap may be left to a person or have a value', () => {
    expect(run(table({ n: 'count' }, bands, { kind: 'first' }, { kind: 'person' }), 99)).toEqual({ kind: 'person' });
    expect(run(table({ n: 'count' }, bands, { kind: 'first' }, { kind: 'value', values: { out: 7 } }), 99)).toMatchObject({
      rows: [{ index: -1, outputs: { out: 7 } }],
    });
  });
  test('wrong tables and inputs are named', () => {
    const t = table({ a: 'count', b: 'count' }, [[1, 2, 3]]);
    expect(() => runTable(settingWith(t), 'nope', [1])).toThrow(expect.objectContaining({ code: 'unknown-table' }));
    expect(() => run(t, 1)).toThrow(expect.objectContaining({ code: 'table-inputs' }));
    expect(() => run(t, [1], [2])).toThrow(expect.objectContaining({ code: 'table-inputs' }));
    expect(() => runTable(settingOf(definition, 2020), 'channels', ['collection', 'ordinary', 'agent', 'cash'])).toThrow(
      expect.objectContaining({ code: 'table-not-loaded' }),
    );
  });
  test('cells may be parameters', () => {
    const t = table({ n: 'count' }, [['$limit', 1]]);
    expect(outOf(runTable(settingWith(t, { limit: 5 }), 't', [5]))).toEqual([1]);
    expect(runTable(settingWith(t, { limit: 5 }), 't', [6])).toMatchObject({ kind: 'gap' });
    expect(() => runTable(settingWith(t), 't', [5])).toThrow(expect.objectContaining({ code: 'parameter-unset' }));
  });
  test('loaded rows may hold cells', () => {
    const channels = [
      { phase: 'collection', population: 'any', channel: 'agent | bank', means: '', open: true },
      { phase: 'any', population: 'ordinary', channel: 'eTax', means: 'card', open: false },
    ];
    const setting = settingOf(definition, 2020, {}, { channels });
    const open = (...inputs: string[]) => {
      const result = runTable(setting, 'channels', inputs);
      return result.kind === 'rows' ? result.rows[0].outputs['open'] : result.kind;
    };
    expect(open('collection', 'student', 'bank', 'cash')).toBe(true);
    expect(open('catchUp', 'ordinary', 'eTax', 'card')).toBe(false);
    expect(open('catchUp', 'ordinary', 'agent', 'cash')).toBe('gap');
  });
});

describe('proof', () => {
  test('finds the gap and the overlap of ranges', () => {
    const proof = proveTable(
      table({ years: 'count' }, [
        ['16..19', 1],
        ['19..24', 2],
        ['26..', 3],
      ]),
      definition,
    );
    expect(proof.gaps).toEqual([['0'], ['after 24']]);
    expect(proof.overlaps).toEqual([{ rows: [0, 1], at: ['19'] }]);
    expect(proof.complete).toBe(true);
  });
  test('accepts half-open ranges that meet', () => {
    expect(
      proveTable(
        table({ years: 'count' }, [
          ['..<16', 0],
          ['16..<20', 1],
          ['20..', 2],
        ]),
        definition,
      ),
    ).toEqual({ gaps: [], overlaps: [], unreachable: [], complete: true });
  });
  test('knows all results, and texts have others', () => {
    expect(
      proveTable(
        table(
          { a: 'result' },
          [
            ['met', 1],
            ['missed', 0],
          ],
          { kind: 'first' },
        ),
        definition,
      ).gaps,
    ).toEqual([['open']]);
    expect(proveTable(table({ a: 'text' }, [['x', 1]]), definition).gaps).toEqual([['other']]);
    expect(proveTable(table({ a: 'phase', b: 'yesno' }, [['collection', true, 1]]), definition).gaps).toHaveLength(
      Object.keys(definition.phases).length * 2 - 1,
    );
  });
  test('finds a row that is never reached', () => {
    expect(
      proveTable(
        table(
          { n: 'count' },
          [
            ['0..', 1],
            ['5..9', 2],
          ],
          { kind: 'first' },
        ),
        definition,
      ).unreachable,
    ).toEqual([1]);
  });
  test('does not claim to have proved parameters', () => {
    expect(proveTable(table({ n: 'count' }, [['$limit', 1]]), definition).complete).toBe(false);
  });
  test('the printed points leave exactly the gaps that a person decides', () => {
    const points = definition.tables['points'];
    const gaps = points ? proveTable(points, definition).gaps : [];
    expect(gaps).toContainEqual(['missed', 'missed', 'met']);
    expect(gaps.every(([first]) => first !== 'met')).toBe(true);
  });
  test('says a gap exactly where a look-up finds none', () => {
    const bound = fc.integer({ min: 0, max: 12 });
    const band = fc
      .tuple(bound, bound, fc.boolean())
      .map(([a, b, open]) => (open || a === b ? `${Math.min(a, b)}..${Math.max(a, b)}` : `${Math.min(a, b)}..<${Math.max(a, b)}`));
    fc.assert(
      fc.property(fc.array(band, { minLength: 1, maxLength: 4 }), (bands) => {
        const t = table(
          { n: 'count' },
          bands.map((text, i) => [text, i]),
        );
        const proof = proveTable(t, definition);
        const results = Array.from({ length: 20 }, (_, n) => run(t, n).kind);
        expect(results.includes('gap')).toBe(proof.gaps.length > 0);
        expect(results.includes('overlap')).toBe(proof.overlaps.length > 0);
      }),
    );
  });
});
