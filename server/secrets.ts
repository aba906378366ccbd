import { createHmac, randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, RuntimeProblem } from './runtime/problem.js';

const key = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, '32 bytes in base64');
const keyId = z.string().regex(/^k\d{1,6}$/);
const keyring = z.strictObject({ active: keyId, keys: z.record(keyId, key) }).refine((ring) => ring.active in ring.keys, {
  message: 'the active key is not among the keys',
});

const secretsSchema = z.strictObject({
  /** Payloads of the engine's histories. New payloads use `active`; older keys stay for reading, so keys can be rotated. */
  payloadCodec: keyring,
  /** Columns with identity and account numbers. */
  columnCipher: keyring,
  /** Key of the blind index by which encrypted columns are searched. It is never rotated: everything was indexed with it. */
  blindIndexKey: key,
  sessionSecret: z.string().min(32),
  /** Passwords of the embedded database's roles; unused with DATABASE_URL. */
  database: z.strictObject({ superuser: z.string().min(16), owner: z.string().min(16), app: z.string().min(16) }),
});

/** Keys and passwords of one home, 32-byte keys in base64. Losing them makes histories and encrypted columns unreadable for good. */
export type Secrets = z.infer<typeof secretsSchema>;
/** Keys by id; every id that was ever used stays, `active` is the one for new data. */
type Keyring = Secrets['payloadCodec'];

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
    writeSecrets(file, fresh);
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

/** Replaces the file whole; it stays its owner's, also when root does it. */
function writeSecrets(file: string, secrets: Secrets): void {
  const aside = `${file}.new`;
  writeFileSync(aside, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  if (existsSync(file)) {
    const { uid, gid } = statSync(file);
    chownSync(aside, uid, gid);
  }
  renameSync(aside, file);
}

/**
 * Adds a new key to both rings, without using it yet; one that was added before and never used stays the one that comes next. Returns its id.
 * Errors: `secrets-missing`, `secrets-invalid`.
 */
export function addKeys(file: string): string {
  const secrets = readSecrets(file);
  const [next, newest] = [nextKey(secrets), Math.max(...idsOf(secrets))];
  if (next !== null) return next;
  const id = `k${newest + 1}`;
  const withKey = ({ active, keys }: Keyring): Keyring => ({ active, keys: { ...keys, [id]: randomBytes(32).toString('base64') } });
  writeSecrets(file, { ...secrets, payloadCodec: withKey(secrets.payloadCodec), columnCipher: withKey(secrets.columnCipher) });
  return id;
}

/** From now on everything new is sealed with the key `id`. */
export function useKeys(file: string, id: string): void {
  const secrets = readSecrets(file);
  const use = ({ keys }: Keyring): Keyring => ({ active: id, keys });
  writeSecrets(file, { ...secrets, payloadCodec: use(secrets.payloadCodec), columnCipher: use(secrets.columnCipher) });
}

/** The key that was added and is not used yet; null when there is none. */
export function nextKey(secrets: Secrets): string | null {
  const newest = Math.max(...idsOf(secrets));
  const active = Number(secrets.payloadCodec.active.slice(1));
  return newest > active ? `k${newest}` : null;
}

const idsOf = ({ payloadCodec, columnCipher }: Secrets): readonly number[] =>
  [...Object.keys(payloadCodec.keys), ...Object.keys(columnCipher.keys)].map((id) => Number(id.slice(1)));
