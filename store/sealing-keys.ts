import type { Db } from './connection.js';

/** That somebody has a key, without the key. */
export interface KeyProof {
  readonly purpose: 'payload' | 'column' | 'index';
  readonly key: string;
  readonly proof: string;
}

/** What does not agree between the keys that are given and those that were used with a database. */
export interface KeyComparison {
  /** The same id, another key: the secrets belong to another database. */
  readonly differing: readonly KeyProof[];
  /** Used here, not given. */
  readonly missing: readonly Pick<KeyProof, 'purpose' | 'key'>[];
}

/**
 * Compares keys with those that were used with this database; keeps the new ones when all agree, and nothing of a wrong file. Two at once with
 * different keys: the later one is told.
 */
export async function agreeOnKeys(db: Db, given: readonly KeyProof[]): Promise<KeyComparison> {
  const trx = await db.startTransaction().execute();
  try {
    const rows = given.map(({ purpose, key, proof }) => ({ purpose, key_id: key, proof }));
    await trx
      .insertInto('sealing_keys')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const used = await trx
      .selectFrom('sealing_keys')
      .select(['purpose', 'key_id as key', 'proof'])
      .orderBy('purpose')
      .orderBy('key_id')
      .execute();
    const given_ = (one: Pick<KeyProof, 'purpose' | 'key'>): KeyProof | undefined =>
      given.find(({ purpose, key }) => purpose === one.purpose && key === one.key);
    const differing = used.filter((one) => ![undefined, one.proof].includes(given_(one)?.proof));
    const missing = used.filter((one) => given_(one) === undefined);
    await (differing.length + missing.length === 0 ? trx.commit() : trx.rollback()).execute();
    return { differing, missing };
  } catch (error) {
    await trx.rollback().execute();
    throw error;
  }
}

/** Sealed data of persons is here, but no key was ever kept: it was sealed before keys were. */
export async function sealedBeforeKeys(db: Db): Promise<boolean> {
  const known = await db.selectFrom('sealing_keys').select('key_id').where('purpose', '=', 'index').executeTakeFirst();
  if (known !== undefined) return false;
  const sealed = await db
    .selectFrom('people')
    .select('person_id')
    .where((where) => where.or([where('id_number_cipher', 'is not', null), where('phone_cipher', 'is not', null)]))
    .limit(1)
    .executeTakeFirst();
  return sealed !== undefined;
}
