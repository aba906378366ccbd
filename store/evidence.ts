import type { ActId, Digest, ObligationId, ProcessId, UnitId, UserId } from '../domain/model/ids.js';
import { parseObligationId } from '../domain/process/obligation-ids.js';
import type { Db, Store, Trx } from './connection.js';
import { nextId } from './ids.js';
import { findAct } from './journal.js';
import { paymentByMeaning } from './payments/book.js';
import { inTransaction } from './tried.js';

/** A stored file; its content is read apart. */
export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly digest: Digest;
  readonly by: UserId;
}

export async function keepFile(trx: Trx, county: string, file: Omit<StoredFile, 'id'> & { readonly content: Buffer }): Promise<StoredFile> {
  const { content, mediaType, by, ...rest } = file;
  const id = await nextId(trx, county, 'a');
  await trx
    .insertInto('files')
    .values({ county_id: county, file_id: id, ...rest, media_type: mediaType, by_user: by, content })
    .execute();
  return { id, ...rest, mediaType, by };
}

export async function findFile(db: Db, county: string, id: string): Promise<StoredFile | null> {
  const row = await db
    .selectFrom('files')
    .select(['name', 'media_type', 'size', 'digest', 'by_user'])
    .where('county_id', '=', county)
    .where('file_id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : { id, name: row.name, mediaType: row.media_type, size: row.size, digest: row.digest, by: row.by_user };
}

export async function fileContent(db: Db, county: string, id: string): Promise<Buffer | null> {
  const row = await db.selectFrom('files').select('content').where('county_id', '=', county).where('file_id', '=', id).executeTakeFirst();
  return row?.content ?? null;
}

/** Obligations that the file is evidence for. */
export async function usesOfFile(
  db: Db,
  county: string,
  id: string,
): Promise<readonly { readonly process: ProcessId; readonly obligation: ObligationId }[]> {
  const rows = await db
    .selectFrom('file_uses')
    .select(['process_id as process', 'obligation_id as obligation'])
    .distinct()
    .where('county_id', '=', county)
    .where('file_id', '=', id)
    .execute();
  return rows;
}

/** What one act gives as evidence for one obligation. */
export interface EvidenceClaim {
  readonly county: string;
  readonly process: ProcessId;
  readonly act: ActId;
  readonly obligation: ObligationId;
  readonly serials: readonly { readonly field: string; readonly number: string }[];
  readonly files: readonly string[];
}

/** A claim whose act never reached the journal is given up after this time: far longer than an act may wait for its answer. */
const GIVEN_UP_AFTER_MS = 15 * 60_000;

/**
 * Claims all of it for an act that is about to be handed to the engine, or nothing: the first number that belongs to another obligation of the
 * campaign is given back. Two acts at once with one number: the second waits for the first and is refused.
 * `dryRun`: it is told alike, and nothing is claimed.
 */
export async function claimEvidence(
  store: Pick<Store, 'db'>,
  claim: EvidenceClaim,
  dryRun = false,
): Promise<{ readonly field: string; readonly number: string } | null> {
  try {
    await inTransaction(store, dryRun, async (trx) => {
      // In one order, so that two acts never wait for each other.
      const serials = [...claim.serials].sort((a, b) => (`${a.field}\0${a.number}` < `${b.field}\0${b.number}` ? -1 : 1));
      for (const serial of serials) if (!(await claimSerial(trx, claim, serial))) throw new Taken(serial);
      for (const file of new Set(claim.files)) await claimFile(trx, claim, file);
    });
    return null;
  } catch (error) {
    if (error instanceof Taken) return error.serial;
    throw error;
  }
}

class Taken extends Error {
  constructor(readonly serial: { readonly field: string; readonly number: string }) {
    super('serial used');
  }
}

/** A slip under which money was handed in while nothing asked for it belongs to the unit, until an obligation of the unit names it. */
const handedIn = (unit: UnitId): ObligationId => `~remitted/${unit}` as ObligationId;

export interface SlipClaim {
  readonly county: string;
  readonly process: ProcessId;
  readonly act: ActId;
  readonly unit: UnitId;
  /** Duties that ask a slip for money held, and the serial fields of their papers. */
  readonly duties: readonly string[];
  readonly fields: readonly string[];
  readonly number: string;
}

/**
 * Claims the number of a deposit slip for money that is being handed in: good for one handing-in, and in the papers that ask for it, for the obligation
 * of this unit alone. False when it was used before.
 */
export async function claimSlip(trx: Trx, { county, process, act, unit, duties, fields, number }: SlipClaim): Promise<boolean> {
  const used = await trx
    .selectFrom('payments')
    .select('payment_id')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('kind', '=', 'remitted')
    .where('external_id', '=', number)
    .executeTakeFirst();
  if (used !== undefined) return false;
  if (duties.length === 0) return true;
  const open = await trx
    .selectFrom('obligations')
    .select('obligation_id')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('unit_id', '=', unit)
    .where('duty', 'in', [...duties])
    .where('status', '=', 'open')
    .orderBy('due_order')
    .limit(1)
    .executeTakeFirst();
  const claim = { county, process, act, obligation: open?.obligation_id ?? handedIn(unit) };
  const own = (obligation: ObligationId): boolean => {
    const { duty, unit: at } = parseObligationId(obligation);
    return at === unit && duties.includes(duty);
  };
  for (const field of [...fields].sort()) if (!(await claimSerial(trx, claim, { field, number }, own))) return false;
  return true;
}

/** `own`: obligations whose number it may be already. */
async function claimSerial(
  trx: Trx,
  claim: Omit<EvidenceClaim, 'serials' | 'files'>,
  { field, number }: { field: string; number: string },
  own: (obligation: ObligationId) => boolean = (obligation) => obligation === claim.obligation,
): Promise<boolean> {
  const { county, process, act, obligation } = claim;
  const made = await trx
    .insertInto('serials')
    .values({ county_id: county, process_id: process, field, number, act_id: act, obligation_id: obligation })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 1n) return true;
  const held = await trx
    .selectFrom('serials')
    .select(['act_id', 'obligation_id', 'stored_at'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('field', '=', field)
    .where('number', '=', number)
    .forUpdate()
    .executeTakeFirst();
  // Given back between the two statements.
  if (held === undefined) return claimSerial(trx, claim, { field, number }, own);
  // The same paper again for the same obligation: a second part, or after it was sent back.
  if (own(held.obligation_id)) return true;
  if (held.obligation_id !== handedIn(parseObligationId(obligation).unit)) {
    if (held.stored_at.getTime() > Date.now() - GIVEN_UP_AFTER_MS) return false;
    if ((await findAct(trx, county, process, held.act_id)) !== null) return false;
    if ((await paymentByMeaning(trx, county, process, `a|${held.act_id}`)) !== null) return false;
  }
  await trx
    .updateTable('serials')
    .set({ act_id: act, obligation_id: obligation, stored_at: new Date() })
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('field', '=', field)
    .where('number', '=', number)
    .execute();
  return true;
}

async function claimFile(trx: Trx, { county, process, act, obligation }: EvidenceClaim, file: string): Promise<void> {
  await trx
    .insertInto('file_uses')
    .values({ county_id: county, file_id: file, process_id: process, obligation_id: obligation, act_id: act })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The act was refused: what it claimed is free again. */
export async function releaseEvidence(db: Db, { county, process, act }: Pick<EvidenceClaim, 'county' | 'process' | 'act'>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const table of ['serials', 'file_uses'] as const)
      await trx.deleteFrom(table).where('county_id', '=', county).where('process_id', '=', process).where('act_id', '=', act).execute();
  });
}
