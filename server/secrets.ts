import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, RuntimeProblem } from './runtime/problem.js';

const key = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, '32 bytes in base64');
const keyring = z.strictObject({ active: z.string(), keys: z.record(z.string(), key) }).refine((ring) => ring.active in ring.keys, {
  message: 'the active key is not among the keys',
});

const secretsSchema = z.strictObject({
  /** Payloads of the engine's histories. New payloads use `active`; older keys stay for reading, so keys can be rotated. */
  payloadCodec: keyring,
  /** Columns with identity and account numbers. */
  columnCipher: keyring,
  /** Key of the blind index by which encrypted columns are searched. Cannot be rotated without re-indexing. */
  blindIndexKey: key,
  sessionSecret: z.string().min(32),
  /** Passwords of the embedded database's roles; unused with DATABASE_URL. */
  database: z.strictObject({ superuser: z.string().min(16), owner: z.string().min(16), app: z.string().min(16) }),
});

/** Keys and passwords of one home, 32-byte keys in base64. Losing them makes histories and encrypted columns unreadable for good. */
export type Secrets = z.infer<typeof secretsSchema>;
/** Keys by id; every id in use stays, `active` is the one for new data. */
export type Keyring = Secrets['payloadCodec'];

const ring = (): Keyring => ({ active: 'k1', keys: { k1: randomBytes(32).toString('base64') } });
const password = (): string => randomBytes(24).toString('base64url');

/** Reads the secrets. Errors: `secrets-missing`, `secrets-invalid` (never shows a value). */
export function readSecrets(file: string): Secrets {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RuntimeProblem(
      'secrets-missing',
      `读不到密钥文件 ${file}：${messageOf(cause)}。先运行 npx duban up，或从备份恢复它。`,
      `The secrets file ${file} cannot be read. Run npx duban up first, or restore it from a backup.`,
      { cause },
    );
  }
  const invalid = (why: string): RuntimeProblem =>
    new RuntimeProblem(
      'secrets-invalid',
      `密钥文件 ${file} 已损坏（${why}），请从备份恢复；新建密钥会使已有数据无法解密。`,
      `The secrets file ${file} is damaged (${why}); restore it from a backup: new keys cannot read existing data.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('JSON');
  }
  const parsed = secretsSchema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error.issues.map((issue) => issue.path.join('.')).join(', '));
  return parsed.data;
}

/** What the machine's operator shows at set-up: only who can read the secrets file can make it. */
export const operatorToken = ({ sessionSecret }: Pick<Secrets, 'sessionSecret'>): string =>
  createHmac('sha256', sessionSecret).update('duban operator').digest('hex');

/**
 * Reads the secrets, or makes them on the very first start. When data made with lost secrets is still there
 * (`dataExists`), new ones would hide it, so this is refused with `secrets-lost`.
 */
export function ensureSecrets(file: string, dataExists: () => boolean): Secrets {
  if (!existsSync(file)) {
    if (dataExists()) {
      throw new RuntimeProblem(
        'secrets-lost',
        `密钥文件 ${file} 不见了，而数据还在。请从备份恢复该文件；若确实要从头开始，请先移走整个数据目录。`,
        `The secrets file ${file} is gone while the data made with it is still there. Restore it; to start from nothing, move the data away first.`,
      );
    }
    const fresh: Secrets = {
      payloadCodec: ring(),
      columnCipher: ring(),
      blindIndexKey: randomBytes(32).toString('base64'),
      sessionSecret: password() + password(),
      database: { superuser: password(), owner: password(), app: password() },
    };
    writeFileSync(`${file}.new`, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new RuntimeProblem(
      'secrets-exposed',
      `密钥文件 ${file} 可被其他用户读取，请执行 chmod 600。`,
      `The secrets file ${file} can be read by other users; run chmod 600 on it.`,
    );
  }
  return readSecrets(file);
}

/** The key of personal data; the blind index hangs on it too, so it is not rotated. Throws when the ring lacks its active key. */
export function masterKey({ columnCipher }: Secrets): Buffer {
  const key = columnCipher.keys[columnCipher.active];
  if (key === undefined) throw new Error('the active key of columnCipher is not in its ring');
  return Buffer.from(key, 'base64');
}
