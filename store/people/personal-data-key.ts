import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { CannotOpen, open, seal, type KeyRing } from '../sealing.js';

/** Keeps ID and account numbers: unreadable in the store, yet found by an exact number. */
export interface PersonalDataKey {
  /** The same text gives another result each time. */
  encrypt(text: string): Buffer;
  /** Throws `CannotOpen` when the bytes were changed or their key is not in the ring. */
  decrypt(sealed: Buffer): string;
  /** The same for a piece of a file. */
  encryptBytes(content: Uint8Array): Buffer;
  decryptBytes(sealed: Buffer): Buffer;
  /** Blind index: the same text always gives the same 32 bytes, whatever key is active. */
  index(text: string): Buffer;
  /** What a value begins with that is sealed with the active key. */
  prefix(): Buffer;
}

/** A version byte, the length of the key's id and the id stand before what is sealed. */
const VERSION = 2;
const BOUND = 'column';

/** `ring` seals and opens and can be rotated; `indexKey` (32 bytes) cannot: what is searched for was indexed with it. */
export function personalDataKey(ring: KeyRing, indexKey: Buffer): PersonalDataKey {
  const head = (id: string): Buffer => Buffer.concat([Buffer.from([VERSION, Buffer.byteLength(id)]), Buffer.from(id)]);
  const encryptBytes = (content: Uint8Array): Buffer => {
    const { key, sealed } = seal(ring, content, BOUND);
    return Buffer.concat([head(key), sealed]);
  };
  const decryptBytes = (value: Buffer): Buffer => {
    if (value[0] !== VERSION) throw new CannotOpen('damaged', '?');
    const begin = 2 + (value[1] ?? 0);
    return open(ring, value.toString('utf8', 2, begin), value.subarray(begin), BOUND);
  };
  return {
    encrypt: (text) => encryptBytes(Buffer.from(text, 'utf8')),
    decrypt: (value) => (value[0] === FIRST_VERSION ? openFirst(ring, value) : decryptBytes(value).toString('utf8')),
    encryptBytes,
    decryptBytes,
    index: (text) => createHmac('sha256', indexKey).update(text, 'utf8').digest(),
    prefix: () => head(ring.active().id),
  };
}

/** Before migration 0006: version, nonce, tag, text; a key derived from the only one there was. Read to be sealed anew (see reseal.ts). */
const FIRST_VERSION = 1;
const FIRST_KEY = 'k1';

function openFirst(ring: KeyRing, value: Buffer): string {
  const master = ring.find(FIRST_KEY);
  if (master === null) throw new CannotOpen('key-missing', FIRST_KEY);
  const key = Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), 'duban personal data cipher', 32));
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, value.subarray(1, 13)).setAuthTag(value.subarray(13, 29));
    return Buffer.concat([decipher.update(value.subarray(29)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new CannotOpen('damaged', FIRST_KEY, { cause });
  }
}
