import { describe, expect, test } from '@jest/globals';
import { charsetOf } from '../../../activities/files/charset.js';
import { CHARSETS } from '../../../domain/model/format.js';

/** Every character of the first plane, and one in 97 of the others. */
function* characters(): Generator<string> {
  for (let point = 0x20; point <= 0x10ffff; point += point < 0x10000 ? 1 : 97)
    if (point < 0xd800 || point > 0xdfff) yield String.fromCodePoint(point);
}

describe.each(CHARSETS)('%s', (name) => {
  const charset = charsetOf(name);

  test('what it holds reads back as it was, in the bytes that were measured', () => {
    const wrong: string[] = [];
    let held = 0;
    for (const character of characters()) {
      const bytes = charset.measure(character);
      if (bytes < 0) continue;
      held += 1;
      const encoded = charset.encode(character);
      if (encoded.length !== bytes || charset.decode(encoded) !== character) wrong.push(character);
    }
    expect(wrong).toEqual([]);
    expect(held).toBeGreaterThan(name === 'GBK' ? 23_000 : 73_000);
  });

  test('common and rare names', () => {
    expect(charset.measure('张三·买买提')).toBeGreaterThan(0);
    // U+36C3 and U+2CB4E stand in names and have four bytes in GB18030.
    for (const rare of ['㛃', '\u{2cb4e}'])
      expect(charset.measure(rare)).toBe(name === 'GBK' ? -1 : name === 'GB18030' ? 4 : [...rare][0] === '㛃' ? 3 : 4);
    expect(charset.measure('张\u{2cb4e}')).toBe(name === 'GBK' ? -2 : name === 'GB18030' ? 6 : 7);
  });

  test('half a surrogate pair, and a character that somebody lost before', () => {
    expect(charset.measure('张\ud842')).toBe(-2);
    expect(charset.measure('\ufffd')).toBe(-1);
  });

  test('bytes that are none of its own, with the place', () => {
    const bad = Buffer.concat([charset.encode('张三'), Buffer.from([0xff, 0x41])]);
    expect(charset.decode(bad)).toBeNull();
    expect(charset.soundBytes(bad)).toBe(charset.measure('张三'));
  });
});

test('the platform and the library differ in eighteen codes; what was read is written as it was read', () => {
  const gbk = charsetOf('GBK');
  const bytes = Buffer.from('fe59a6d9', 'hex');
  const text = gbk.decode(bytes) ?? '';
  expect(Buffer.from(gbk.encode(text)).equals(bytes)).toBe(true);
});

test('a lone 0x80 is no euro sign', () => {
  expect(charsetOf('GBK').decode(Buffer.from([0x31, 0x80]))).toBeNull();
  expect(charsetOf('GB18030').decode(Buffer.from('a2e3', 'hex'))).toBe('€');
});

test('Chinese text in UTF-8 is known as such; names in GBK are not taken for it', () => {
  const gbk = charsetOf('GBK');
  expect(gbk.guess(Buffer.from('张三', 'utf8'))).toBe('UTF-8');
  for (const name of ['张三', '李四', '王小明', '联通', '欧阳春晓']) expect(gbk.guess(gbk.encode(name))).not.toBe('UTF-8');
});
