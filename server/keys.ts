import { createHmac } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Db } from '../store/connection.js';
import { personalDataKey, type PersonalDataKey } from '../store/people/personal-data-key.js';
import { agreeOnKeys, sealedBeforeKeys, type KeyProof } from '../store/sealing-keys.js';
import { fixedRing, type KeyRing } from '../store/sealing.js';
import { RuntimeProblem } from './runtime/problem.js';
import { nextKey, readSecrets, type Secrets } from './secrets.js';

/** The keys of one installation: for payloads of the engine's histories, and for columns with personal data. */
export interface Keys {
  readonly payloads: KeyRing;
  readonly personalData: PersonalDataKey;
  /** Proofs of those in use or used before; one that is only prepared need not be everywhere yet. */
  proofs(): readonly KeyProof[];
}

/** A changed file is noticed within this time, and at once when something was sealed with a key that is not known yet. */
const LOOK_EVERY_MS = 1_000;

/** The keys as the secrets file says at each moment: a rotation needs no restart. A file that cannot be read leaves what was known. */
export function liveKeys(file: string): Keys {
  let secrets = readSecrets(file);
  let [payloads, columns] = ringsOf(secrets);
  let [seen, looked] = [signOf(file), Date.now()];

  const look = (): void => {
    looked = Date.now();
    const sign = signOf(file);
    if (sign === seen || sign === null) return;
    secrets = readSecrets(file);
    [payloads, columns] = ringsOf(secrets);
    seen = sign;
  };
  const live = (ring: () => KeyRing): KeyRing => ({
    active() {
      if (Date.now() - looked > LOOK_EVERY_MS) look();
      return ring().active();
    },
    find(id) {
      const known = ring().find(id);
      if (known !== null) return known;
      look();
      return ring().find(id);
    },
  });
  return {
    payloads: live(() => payloads),
    personalData: personalDataKey(
      live(() => columns),
      Buffer.from(secrets.blindIndexKey, 'base64'),
    ),
    proofs: () => proofsOf(secrets),
  };
}

const ringsOf = ({ payloadCodec, columnCipher }: Secrets): [KeyRing, KeyRing] => [fixedRing(payloadCodec), fixedRing(columnCipher)];

function signOf(file: string): string | null {
  try {
    const { ino, mtimeMs, size } = statSync(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return null;
  }
}

function proofsOf(secrets: Secrets): readonly KeyProof[] {
  const proof = (purpose: KeyProof['purpose'], key: string, secret: string): KeyProof => ({
    purpose,
    key,
    proof: createHmac('sha256', Buffer.from(secret, 'base64')).update(`duban proof of a key: ${purpose} ${key}`).digest('hex'),
  });
  const next = nextKey(secrets);
  const used = (keys: Readonly<Record<string, string>>) => Object.entries(keys).filter(([id]) => id !== next);
  return [
    ...used(secrets.payloadCodec.keys).map(([id, key]) => proof('payload', id, key)),
    ...used(secrets.columnCipher.keys).map(([id, key]) => proof('column', id, key)),
    proof('index', 'index', secrets.blindIndexKey),
  ];
}

/**
 * Refuses keys that are not those of this database, before anything is sealed with them. Errors: `secrets-differ`, `keys-missing`, `keys-older` (personal
 * data from before migration 0006: `npx duban up` seals it anew).
 */
export async function checkKeys(db: Db, keys: Pick<Keys, 'proofs'>): Promise<void> {
  if (await sealedBeforeKeys(db))
    throw new RuntimeProblem(
      'keys-older',
      '个人信息还是旧格式，请先运行一次 npx duban up 重新加密。',
      'Personal data is still in the old form: run npx duban up once, which seals it anew.',
    );
  const { differing, missing } = await agreeOnKeys(db, keys.proofs());
  const list = (all: readonly { readonly purpose: string; readonly key: string }[]): string =>
    all.map(({ purpose, key }) => `${purpose}/${key}`).join(', ');
  if (differing.length > 0)
    throw new RuntimeProblem(
      'secrets-differ',
      `密钥文件不是这个数据库的（${list(differing)} 不同）。请用与数据库同一套的密钥文件：从备份恢复，或从先启动的那台机器复制。`,
      `The secrets file is not that of this database (${list(differing)} differ). Use the one that belongs to it: from its backup, or copied from the machine that was first.`,
    );
  if (missing.length > 0)
    throw new RuntimeProblem(
      'keys-missing',
      `密钥文件里缺少用过的密钥 ${list(missing)}，像是轮换之前的旧文件。请换用最新的密钥文件。`,
      `The secrets file lacks keys that were used: ${list(missing)}. It looks older than the last rotation; use the newest one.`,
    );
}
