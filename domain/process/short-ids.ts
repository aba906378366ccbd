const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEX = /^[0-9a-f]{64}$/;
/** Letters of one digest: 21 times three hex digits as two letters, the last digit as one. */
const LENGTH = 43;

export const isHexDigest = (text: string): boolean => HEX.test(text);

/** A SHA-256 in hex as 43 letters. */
export function shorten(hex: string): string {
  let short = '';
  for (let at = 0; at < 63; at += 3) {
    const bits = Number.parseInt(hex.slice(at, at + 3), 16);
    short += LETTERS.charAt(bits >> 6) + LETTERS.charAt(bits & 63);
  }
  return short + LETTERS.charAt(Number.parseInt(hex.slice(63), 16));
}

function lengthen(short: string): string {
  let hex = '';
  for (let at = 0; at < 42; at += 2) {
    const bits = (LETTERS.indexOf(short.charAt(at)) << 6) | LETTERS.indexOf(short.charAt(at + 1));
    hex += bits.toString(16).padStart(3, '0');
  }
  return hex + LETTERS.indexOf(short.charAt(42)).toString(16);
}

/** The digests that were shortened and written one behind the other. */
export function lengthenAll(shorts: string): readonly string[] {
  return Array.from({ length: shorts.length / LENGTH }, (_, n) => lengthen(shorts.slice(n * LENGTH, (n + 1) * LENGTH)));
}
