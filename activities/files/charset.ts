import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';
import type { Charset } from '../../domain/formats/charset.js';
import type { CharsetName } from '../../domain/model/format.js';

/**
 * Charsets of files (docs/adr/0101). Decoding is the platform's, as in imports, and strict. Encoding is its exact inverse: two-byte characters from a table made with
 * that decoder, four-byte ones from iconv-lite and checked by decoding. So a text that is written always reads back as it was.
 */
const decoder = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const REPLACEMENT = '\uFFFD';
/** A surrogate without its other half, or a character that somebody lost before. */
const NOT_UTF8 = /[\ud800-\udfff\ufffd]/u;
/** CJK and what goes with it: text that a Chinese file holds when it is read in the right charset. */
const CHINESE = /[\u2e80-\u9fff\uff00-\uffef]/;

/** Two-byte code of a character, 0 = it has none. Where two codes mean one character, the first is written. */
let table: Uint16Array | null = null;

function twoByteCodes(): Uint16Array {
  if (table !== null) return table;
  const codes = new Uint16Array(65_536);
  const pair = new Uint8Array(2);
  for (let lead = 0x81; lead <= 0xfe; lead += 1)
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue;
      pair[0] = lead;
      pair[1] = trail;
      const text = strict(decoder, pair);
      if (text === null || text.length !== 1 || text === REPLACEMENT) continue;
      const at = text.charCodeAt(0);
      if (codes[at] === 0) codes[at] = (lead << 8) | trail;
    }
  table = codes;
  return codes;
}

function strict(from: TextDecoder, bytes: Uint8Array): string | null {
  try {
    return from.decode(bytes);
  } catch {
    return null;
  }
}

/** Four bytes of a character that has no two-byte code; null = GB18030 cannot hold it (a lone surrogate, a code given up). */
const RARE = new Map<string, Uint8Array | null>();
function fourBytes(character: string): Uint8Array | null {
  const known = RARE.get(character);
  if (known !== undefined) return known;
  const encoded = iconv.encode(character, 'gb18030');
  const held =
    encoded.length === 4 && strict(decoder, encoded) === character && character !== REPLACEMENT ? Uint8Array.from(encoded) : null;
  if (RARE.size > 20_000) RARE.clear();
  RARE.set(character, held);
  return held;
}

/** GBK and GB18030. */
class GbCharset implements Charset {
  private readonly codes = twoByteCodes();
  constructor(readonly name: 'GBK' | 'GB18030') {}

  decode(bytes: Uint8Array): string | null {
    const text = strict(decoder, bytes);
    if (text === null) return null;
    // A lone 0x80 reads as the euro sign in some tables; neither charset has it.
    if (text.includes('€') && this.measure(text) !== bytes.length) return null;
    if (this.name === 'GB18030') return text.includes(REPLACEMENT) ? null : text;
    return this.onlyTwoBytes(text) ? text : null;
  }

  byteText = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  isAscii = (bytes: Uint8Array): boolean => isAscii(bytes);

  soundBytes(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at] ?? 0;
      const second = bytes[at + 1] ?? 0;
      const length = first < 0x80 ? 1 : second >= 0x30 && second <= 0x39 ? 4 : 2;
      if (length > 1 && (at + length > bytes.length || this.decode(bytes.subarray(at, at + length)) === null)) return at;
      at += length;
    }
    return at;
  }

  encode(text: string): Uint8Array {
    const { codes } = this;
    const bytes = new Uint8Array(text.length * 4);
    let to = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit < 0x80) {
        bytes[to] = unit;
        to += 1;
        continue;
      }
      const code = codes[unit] ?? 0;
      if (code > 0) {
        bytes[to] = code >> 8;
        bytes[to + 1] = code & 0xff;
        to += 2;
        continue;
      }
      const character = String.fromCodePoint(text.codePointAt(at) ?? unit);
      const four = this.name === 'GBK' ? null : fourBytes(character);
      if (four === null) throw new RangeError(`${this.name} cannot hold U+${(text.codePointAt(at) ?? 0).toString(16)}`);
      bytes.set(four, to);
      to += 4;
      at += character.length - 1;
    }
    return bytes.subarray(0, to);
  }

  measure(text: string): number {
    const { codes } = this;
    let bytes = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit < 0x80) bytes += 1;
      else if ((codes[unit] ?? 0) > 0) bytes += 2;
      else {
        const character = String.fromCodePoint(text.codePointAt(at) ?? unit);
        if (this.name === 'GBK' || fourBytes(character) === null) return -1 - at;
        bytes += 4;
        at += character.length - 1;
      }
    }
    return bytes;
  }

  guess(bytes: Uint8Array): CharsetName | null {
    if (isUtf8(bytes) && CHINESE.test(utf8.decode(bytes))) return 'UTF-8';
    return this.name === 'GBK' && CHINESE.test(strict(decoder, bytes) ?? '') ? 'GB18030' : null;
  }

  private onlyTwoBytes(text: string): boolean {
    const { codes } = this;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80 && codes[unit] === 0) return false;
    }
    return true;
  }
}

class Utf8Charset implements Charset {
  readonly name = 'UTF-8';
  byteText = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  isAscii = (bytes: Uint8Array): boolean => isAscii(bytes);
  encode = (text: string): Uint8Array => Buffer.from(text, 'utf8');

  decode(bytes: Uint8Array): string | null {
    const text = strict(utf8, bytes);
    return text?.includes(REPLACEMENT) === true ? null : text;
  }

  soundBytes(bytes: Uint8Array): number {
    let [low, high] = [0, bytes.length];
    const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
    // What decodes without replacement up to a place does so up to every place before it, but for a character cut at the end.
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lossy.decode(bytes.subarray(0, middle), { stream: true }).includes(REPLACEMENT)) high = middle - 1;
      else low = middle;
      lossy.decode();
    }
    // A character begun and not finished is not sound either.
    while (low > 0 && this.decode(bytes.subarray(0, low)) === null) low -= 1;
    return low;
  }

  measure(text: string): number {
    const lost = text.search(NOT_UTF8);
    return lost < 0 ? Buffer.byteLength(text, 'utf8') : -1 - lost;
  }

  guess(bytes: Uint8Array): CharsetName | null {
    return CHINESE.test(strict(decoder, bytes) ?? '') ? 'GB18030' : null;
  }
}

const MADE = new Map<CharsetName, Charset>();

/** The charset of this name; its tables are made at first use (about 30 ms). */
export function charsetOf(name: CharsetName): Charset {
  const made = MADE.get(name) ?? (name === 'UTF-8' ? new Utf8Charset() : new GbCharset(name));
  MADE.set(name, made);
  return made;
}
