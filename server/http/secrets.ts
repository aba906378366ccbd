import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { hash, verify, type Options } from '@node-rs/argon2';

/** argon2id, OWASP's second profile. */
const ARGON: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
export const MIN_PASSWORD = 10;

export const hashPassword = (password: string): Promise<string> => hash(password, ARGON);

let nobody: Promise<string> | null = null;
/** An unknown login costs as much time as a wrong password. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  nobody ??= hashPassword(randomBytes(16).toString('hex'));
  const right = await verify(stored ?? (await nobody), password);
  return stored !== null && right;
}

/** 256 random bits; `duban_` lets secret scanners find a leaked one. */
export const newToken = (): string => `duban_${randomBytes(32).toString('base64url')}`;
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Letters and digits that are not mistaken for one another when read from paper. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ2346789';
/** A first password of about 90 bits, to be printed once. */
export const newPassword = (): string => Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
