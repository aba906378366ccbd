import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Digest, Moment, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { nextId } from '../ids.js';
import type { PersonalDataKey } from '../people/personal-data-key.js';

/** Bytes of a piece: large enough to be few, small enough to be held. */
const PIECE = 1024 * 1024;

/** A file to or from the bank; its content is sealed, it holds accounts and names. */
export interface DeductionFile {
  readonly id: string;
  readonly kind: 'request' | 'return';
  readonly name: string;
  readonly digest: Digest;
  readonly bytes: number;
}

export interface FileAbout {
  readonly county: string;
  readonly kind: DeductionFile['kind'];
  readonly at: Moment;
  readonly by: UserId;
}

/** Keeps a file piece by piece; memory does not grow with it. To be ended with `finish`, whose name may be known only then. */
export class FileKeeper {
  #hash = createHash('sha256');
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #bytes = 0;
  #n = 0;

  private constructor(
    private readonly trx: Trx,
    private readonly key: Pick<PersonalDataKey, 'encryptBytes' | 'decryptBytes'>,
    private readonly about: FileAbout,
    readonly id: string,
  ) {}

  static async begin(trx: Trx, key: Pick<PersonalDataKey, 'encryptBytes' | 'decryptBytes'>, about: FileAbout): Promise<FileKeeper> {
    await sql`create temp table if not exists keeping (file_id text, n integer, sealed bytea) on commit drop`.execute(trx);
    return new FileKeeper(trx, key, about, await nextId(trx, about.county, 'g'));
  }

  async add(content: Uint8Array): Promise<void> {
    this.#hash.update(content);
    this.#bytes += content.length;
    this.#held.push(content);
    this.#heldBytes += content.length;
    if (this.#heldBytes >= PIECE) await this.#put();
  }

  /** `head`: what stands before all that was added, where it is known only now. */
  async finish(name: string, head: Uint8Array = new Uint8Array()): Promise<DeductionFile> {
    if (this.#heldBytes > 0) await this.#put();
    const before = head.length === 0 ? 0 : 1;
    if (before > 0) await this.#putBefore(head);
    const { county, kind, at, by } = this.about;
    const digest = this.#hash.digest('hex') as Digest;
    await this.trx
      .insertInto('deduction_files')
      .values({ county_id: county, file_id: this.id, kind, name, digest, bytes: this.#bytes, at, by_user: by })
      .execute();
    await sql`
      insert into deduction_file_pieces (county_id, file_id, n, sealed)
      select ${county}, file_id, n + ${before}::integer, sealed from keeping where file_id = ${this.id}`.execute(this.trx);
    await sql`delete from keeping where file_id = ${this.id}`.execute(this.trx);
    return { id: this.id, kind, name, digest, bytes: this.#bytes };
  }

  async #put(): Promise<void> {
    this.#n += 1;
    const piece = Buffer.concat(this.#held, this.#heldBytes);
    [this.#held, this.#heldBytes] = [[], 0];
    await this.#keep(this.#n, piece);
  }

  async #keep(n: number, piece: Uint8Array): Promise<void> {
    await sql`insert into keeping (file_id, n, sealed) values (${this.id}, ${n}, ${this.key.encryptBytes(piece)})`.execute(this.trx);
  }

  /** A digest goes from the first byte to the last: the pieces are read once more, behind the head. */
  async #putBefore(head: Uint8Array): Promise<void> {
    this.#hash = createHash('sha256').update(head);
    this.#bytes += head.length;
    await this.#keep(0, head);
    for (let n = 1; n <= this.#n; n += 1) {
      const { rows } = await sql<{ sealed: Buffer }>`select sealed from keeping where file_id = ${this.id} and n = ${n}`.execute(this.trx);
      for (const { sealed } of rows) this.#hash.update(this.key.decryptBytes(sealed));
    }
  }
}

export async function findDeductionFile(db: Db, county: string, id: string): Promise<DeductionFile | null> {
  const row = await db
    .selectFrom('deduction_files')
    .select(['file_id as id', 'kind', 'name', 'digest', 'bytes'])
    .where('county_id', '=', county)
    .where('file_id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** The content, piece by piece. Throws `CannotOpen`. */
export async function* contentOf(db: Db, key: Pick<PersonalDataKey, 'decryptBytes'>, county: string, id: string): AsyncGenerator<Buffer> {
  for (let n = 1; ; n += 1) {
    const row = await db
      .selectFrom('deduction_file_pieces')
      .select('sealed')
      .where('county_id', '=', county)
      .where('file_id', '=', id)
      .where('n', '=', n)
      .executeTakeFirst();
    if (row === undefined) return;
    yield key.decryptBytes(row.sealed);
  }
}

const stalePieces = (key: Pick<PersonalDataKey, 'prefix'>) => {
  const prefix = key.prefix();
  return sql`substring(sealed from 1 for ${prefix.length}) <> ${prefix}`;
};

/** Pieces that are not sealed with the active key. */
export async function countStalePieces(db: Db, key: Pick<PersonalDataKey, 'prefix'>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from deduction_file_pieces where ${stalePieces(key)}`.execute(db);
  return rows[0]?.n ?? 0;
}

/** Seals pieces anew with the active key, one a transaction. `done`: what was done before; returns the sum. */
export async function resealPieces(db: Db, key: PersonalDataKey, done: number, progress?: (done: number) => void): Promise<number> {
  for (let sum = done; ;) {
    const more = await db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ county: string; file: string; n: number; sealed: Buffer }>`
        select county_id as county, file_id as file, n, sealed from deduction_file_pieces where ${stalePieces(key)} limit 1 for update skip locked`.execute(
        trx,
      );
      const [piece] = rows;
      if (piece === undefined) return false;
      await sql`
        update deduction_file_pieces set sealed = ${key.encryptBytes(key.decryptBytes(piece.sealed))}
        where county_id = ${piece.county} and file_id = ${piece.file} and n = ${piece.n}`.execute(trx);
      return true;
    });
    if (!more) return sum;
    sum += 1;
    progress?.(sum);
  }
}
