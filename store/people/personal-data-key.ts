import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps ID and account numbers: unreadable in the store, yet found by an exact number. */
export interface PersonalDataKey {
  /** Version byte, 12 bytes nonce, 16 bytes tag, cipher text. The same text gives another result each time. */
  encrypt(text: string): Buffer;
  /** Throws when the bytes were changed or belong to another key. */
  decrypt(sealed: Buffer): string;
  /** Blind index: the same text always gives the same 32 bytes. */
  index(text: string): Buffer;
}

const VERSION = 1;
const KEY_BYTES = 32;

/** AES-256-GCM and HMAC-SHA256, each with its own key derived from `master` (32 bytes or more). */
export function personalDataKey(master: Buffer): PersonalDataKey {
  if (master.length < KEY_BYTES) throw new RangeError('the personal data key needs at least 32 bytes');
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `duban personal data ${purpose}`, KEY_BYTES));
  const [cipherKey, indexKey] = [derive('cipher'), derive('index')];
  return {
    encrypt(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), body]);
    },
    decrypt(sealed) {
      if (sealed[0] !== VERSION || sealed.length < 29) throw new RangeError('sealed data of an unknown version');
      const decipher = createDecipheriv('aes-256-gcm', cipherKey, sealed.subarray(1, 13));
      decipher.setAuthTag(sealed.subarray(13, 29));
      return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()]).toString('utf8');
    },
    index: (text) => createHmac('sha256', indexKey).update(text, 'utf8').digest(),
  };
}
