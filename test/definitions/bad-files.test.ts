import { describe, expect, test } from '@jest/globals';
import { told, toldOf } from './bad-input.js';

/** Given a file that is wrong as a file, the loader refuses it with the place and the way out. */
describe('what a definition file may not be', () => {
  test('a file that is not there', () => {
    expect(toldOf({}, 'missing.yaml')).toEqual(['file-missing missing.yaml:1:1']);
  });

  test('bytes that are not UTF-8', () => {
    expect(toldOf({ 'a.yaml': Buffer.from([0x64, 0x3a, 0x20, 0xb3, 0xc7]) })).toEqual(['not-utf8 a.yaml:1:4']);
  });

  test('a megabyte of nesting is refused before it is parsed', () => {
    expect(toldOf({ 'a.yaml': `a: ${'['.repeat(1024 * 1024)}` })).toEqual(['too-large a.yaml:1:1']);
  });

  test('deep nesting in brackets, in indentation and in dashes', () => {
    expect(toldOf({ 'a.yaml': `duban: 1\nx: ${'['.repeat(60)}` })).toEqual(['too-deep a.yaml:2:44']);
    expect(toldOf({ 'a.yaml': `duban: 1\n${' '.repeat(200)}x: 1` })).toEqual(['too-deep a.yaml:2:1']);
    expect(toldOf({ 'a.yaml': `duban: 1\n${'- '.repeat(5000)}x` })).toEqual(['too-deep a.yaml:2:1']);
  });

  test('broken YAML', () => {
    expect(toldOf({ 'a.yaml': 'duban: 1\ntitle: "open\n' })[0]).toMatch(/^not-yaml a\.yaml:\d+:\d+$/);
    expect(toldOf({ 'a.yaml': 'duban: 1\n---\nduban: 1\n' })).toEqual(['not-yaml a.yaml:2:1']);
  });

  test('a list instead of a map', () => {
    expect(toldOf({ 'a.yaml': '- duban\n' })).toEqual(['not-a-map a.yaml:1:1']);
  });

  test('an alias bomb: every anchor and alias is refused, none is expanded', () => {
    const bomb = ['a: &a [x, x]', ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [*${'abcdefgh'[i]}, *${'abcdefgh'[i]}]`)].join(
      '\n',
    );
    const codes = toldOf({ 'a.yaml': bomb });
    expect(codes).toContain('anchor a.yaml:1:7');
    expect(codes).toContain('alias a.yaml:2:8');
    expect(codes.filter((one) => one.startsWith('alias')).length).toBe(14);
  });

  test('tags and merge keys', () => {
    expect(told('parameters:\n  n: { type: count, value: !!int 3, clause: ours }')).toContain('tag 1:34 parameters.n.value');
    expect(told('parameters:\n  n: { <<: { type: count }, clause: ours }')).toContain('merge-key 1:8 parameters.n.<<');
  });

  test('a key twice', () => {
    expect(told('parameters:\n  n: { type: count, type: money, value: 1, clause: ours }')).toContain(
      'duplicate-key 1:21 parameters.n.type',
    );
  });

  test('a key that is no text', () => {
    expect(told('parameters:\n  n: { type: code, codes: { 1: 一 }, value: "1", clause: ours }')).toContain(
      'key-not-text 1:29 parameters.n.codes',
    );
  });

  test('an unquoted identity number', () => {
    expect(told('parameters:\n  who: { type: text, value: 110101199001011237, clause: ours }', { withGuess: true })).toContain(
      'long-number 1:29 parameters.who.value "110101199001011237"',
    );
  });
});

describe('parts', () => {
  const campaign = (use: string) =>
    `duban: 1\nkind: campaign\nid: c\nversion: "1.0"\ntitle: C\nfrom: 2021-01-01\nsource: x\ninsurance: pension\nleads: a\nclause: ours\nlevels: { county: { clause: ours } }\nroles: { a: { per: county, clause: ours } }\nuse:\n${use}`;
  const part = (body: string, id = 'p') => `duban: 1\nkind: part\nid: ${id}\nversion: "1.0"\ntitle: P\n${body}`;

  test('a circle is printed as the chain', () => {
    const files = {
      'a.yaml': campaign('  p: { version: "1.0" }\n'),
      'parts/p.yaml': part('use: { q: { version: "1.0" } }\n'),
      'parts/q.yaml': part('use:\n  p: { version: "1.0" }\n', 'q'),
    };
    expect(toldOf(files, 'a.yaml', true)).toEqual([
      'cyclic-use parts/q.yaml:7:3 files use each other: parts/p.yaml -> parts/q.yaml -> parts/p.yaml',
    ]);
  });

  test('a part that is not there, of another version, or no part', () => {
    expect(toldOf({ 'a.yaml': campaign('  p: { version: "1.0" }\n') })).toEqual(['file-missing a.yaml:14:3']);
    expect(toldOf({ 'a.yaml': part('') })).toEqual(['part-alone a.yaml:2:7']);
    // By itself it is still told how it is written.
    expect(toldOf({ 'a.yaml': part('dutis: {}\n') })).toEqual(['part-alone a.yaml:2:7', 'unknown-key a.yaml:6:1']);
    expect(toldOf({ 'a.yaml': campaign('  p: { version: "2.0" }\n'), 'parts/p.yaml': part('') })).toEqual(['part-version a.yaml:14:17']);
    expect(toldOf({ 'a.yaml': campaign('  p: { version: "1.0" }\n'), 'parts/p.yaml': campaign('  {}\n') })).toContain(
      'not-a-part parts/p.yaml:2:7',
    );
  });

  test('a name that the part needs and nobody gives is told where the part is used', () => {
    const files = {
      'a.yaml': campaign('  p: { version: "1.0" }\n'),
      'parts/p.yaml': part('may: { waive: { by: decider, clause: ours } }\n'),
    };
    expect(toldOf(files, 'a.yaml', true)).toEqual([
      "missing-from-campaign a.yaml:14:3 part 'p' needs role 'decider', which its user neither has nor maps",
    ]);
  });

  test('a map or value that the part never asks for', () => {
    const files = {
      'a.yaml': campaign('  p: { version: "1.0", map: { boss: a }, value: { dayz: 3d } }\n'),
      'parts/p.yaml': part('parameters: { days: { type: duration, clause: ours } }\n'),
    };
    expect(toldOf(files)).toEqual(['map-unknown a.yaml:14:31', 'value-unknown a.yaml:14:51']);
  });

  test('a value of the wrong type is told where it is given', () => {
    const files = {
      'a.yaml': campaign('  p: { version: "1.0", value: { days: soon } }\n'),
      'parts/p.yaml': part('parameters: { days: { type: duration, clause: ours } }\n'),
    };
    expect(toldOf(files)).toEqual(['bad-value a.yaml:14:39']);
  });

  test('an id of the part that the campaign has too', () => {
    const files = { 'a.yaml': campaign('  p: { version: "1.0" }\n'), 'parts/p.yaml': part('roles:\n  a: { per: county, clause: ours }\n') };
    expect(toldOf(files)).toEqual(['duplicate-id parts/p.yaml:7:3']);
  });

  test('a released version whose content has changed', () => {
    const files = { 'x/a.yaml': campaign('  {}\n'), 'released.json': JSON.stringify({ 'c@1.0': '0'.repeat(64) }) };
    expect(toldOf(files, 'x/a.yaml')).toEqual(['released-changed x/a.yaml:4:10']);
  });
});

test('all mistakes are told at once, in the order of the file', () => {
  const all = told(`parameters:
  n: { typ: count, clause: ours }
duties:
  one: { owes: nobody, due: 02-30, ladder: simpel, clause: ours }`);
  expect(all).toEqual([
    'missing-key 1:3 parameters.n',
    'unknown-key 1:8 parameters.n.typ',
    'unknown-reference 3:16 duties.one.owes',
    'bad-date 3:29 duties.one.due',
    'unknown-reference 3:44 duties.one.ladder',
  ]);
});
