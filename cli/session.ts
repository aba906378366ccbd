import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isMissing } from './errors.js';
import { EXIT, Failure } from './failure.js';

const sessionSchema = z.object({ url: z.string(), login: z.string(), token: z.string() });
/** Who is signed in, at which API. Lies in `session` of Duban's home; only its owner can read it. */
export type Session = z.infer<typeof sessionSchema>;

const fileOf = (home: string): string => join(home, 'session');

/** The stored session; null when nobody signed in. Error: `session-damaged`. */
export function readSession(home: string): Session | null {
  let text: string;
  try {
    text = readFileSync(fileOf(home), 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return sessionSchema.parse(JSON.parse(text));
  } catch {
    throw new Failure(
      EXIT.refused,
      'session-damaged',
      { zh: '登录信息已损坏。', en: 'The stored session is damaged.' },
      { zh: '请重新登录：npx duban login 用户名', en: 'Sign in again: npx duban login NAME' },
    );
  }
}

export function writeSession(home: string, session: Session): void {
  const file = fileOf(home);
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(session)}\n`, { mode: 0o600 });
  chmodSync(aside, 0o600);
  renameSync(aside, file);
}

export function clearSession(home: string): void {
  rmSync(fileOf(home), { force: true });
}
