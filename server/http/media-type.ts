const SIGNS: readonly (readonly [type: string, sign: readonly number[], at?: number])[] = [
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x57, 0x45, 0x42, 0x50], 8],
  ['image/heic', [0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63], 4],
  ['application/zip', [0x50, 0x4b, 0x03, 0x04]],
  ['application/x-cfb', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
];

/** What a file's first bytes say it is; what a client claims is not asked. Kept with the file, never used to show it in a browser. */
export function mediaTypeOf(content: Buffer): string {
  const found = SIGNS.find(([, sign, at = 0]) => sign.every((byte, index) => content[at + index] === byte));
  if (found !== undefined) return found[0];
  return content.length > 0 && !content.subarray(0, 4096).includes(0) ? 'text/plain' : 'application/octet-stream';
}
