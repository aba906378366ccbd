import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Keys by id. What is newly sealed is sealed with the active one, whose id stays with it; older ones open what they have sealed. */
export interface KeyRing {
  active(): { readonly id: string; readonly key: Buffer };
  /** Null when there is no such key. */
  find(id: string): Buffer | null;
}

/** A ring that stays as it is, of 32-byte keys in base64. Throws when its active key is not among them. */
export function fixedRing({ active, keys }: { readonly active: string; readonly keys: Readonly<Record<string, string>> }): KeyRing {
  const found = new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')]));
  const key = found.get(active);
  if (key === undefined) throw new CannotOpen('key-missing', active);
  return { active: () => ({ id: active, key }), find: (id) => found.get(id) ?? null };
}

/** What was sealed cannot be opened: its key is not in the ring, or it was changed. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
  constructor(
    readonly code: 'key-missing' | 'damaged',
    readonly key: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: key ${key}`, options);
  }
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals with the active key (AES-256-GCM, a fresh nonce each, so the same content is never sealed alike): nonce, content, tag. The key's id and
 * `bound`, which both stand beside it in the clear, are authenticated with it.
 */
export function seal(ring: KeyRing, content: Uint8Array, bound: string): { readonly key: string; readonly sealed: Buffer } {
  const { id, key } = ring.active();
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(`${id}/${bound}`));
  return { key: id, sealed: Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]) };
}

/** Throws `CannotOpen`. */
export function open(ring: KeyRing, id: string, sealed: Buffer, bound: string): Buffer {
  const key = ring.find(id);
  if (key === null) throw new CannotOpen('key-missing', id);
  try {
    const tag = sealed.subarray(sealed.length - TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(`${id}/${bound}`))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new CannotOpen('damaged', id, { cause });
  }
}
