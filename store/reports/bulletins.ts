import type { Digest, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { canonicalJson, toJson } from '../json.js';
import { StoreError } from '../errors.js';
import { sha256 } from '../settings.js';
import type { Bulletin } from './model.js';

/** Which bulletin of a campaign. */
export interface BulletinKey {
  readonly county: string;
  readonly process: ProcessId;
  readonly report: string;
}

/** A bulletin as it was issued, without its body. */
export interface IssuedRow {
  /** 第几期, from 1. */
  readonly number: number;
  readonly obligation: ObligationId;
  /** It was issued for this unit and what lies below. */
  readonly unit: UnitId;
  readonly at: Moment;
  readonly by: UserId;
  /** SHA-256 of the body's canonical JSON. */
  readonly digest: Digest;
}

/** Keeps a bulletin as the next number of its report. The caller holds the process's row. */
export async function addBulletin(
  trx: Trx,
  { county, process, report }: BulletinKey,
  made: Omit<IssuedRow, 'number' | 'digest'> & { readonly body: Bulletin },
): Promise<IssuedRow> {
  const before = await trx
    .selectFrom('bulletins')
    .select((eb) => eb.fn.max('number').as('number'))
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('report', '=', report)
    .executeTakeFirst();
  const { body, ...rest } = made;
  const row = { ...rest, number: (before?.number ?? 0) + 1, digest: sha256(canonicalJson(body)) };
  await trx
    .insertInto('bulletins')
    .values({
      county_id: county,
      process_id: process,
      report,
      number: row.number,
      obligation_id: row.obligation,
      unit_id: row.unit,
      at: row.at,
      by_user: row.by,
      body: toJson(body),
      digest: row.digest,
    })
    .execute();
  return row;
}

const issued = (db: Db, { county, process, report }: BulletinKey) =>
  db
    .selectFrom('bulletins')
    .select(['number', 'obligation_id as obligation', 'unit_id as unit', 'at', 'by_user as by', 'digest'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('report', '=', report);

/** All issues of a bulletin, the newest first. */
export const issuedBulletins = (db: Db, key: BulletinKey): Promise<readonly IssuedRow[]> =>
  issued(db, key).orderBy('number', 'desc').execute();

/** One issue with its body; null when there is none of this number. Error: `bulletin-changed` when it is not what was issued. */
export async function issuedBulletin(db: Db, key: BulletinKey, number: number): Promise<(IssuedRow & { readonly body: Bulletin }) | null> {
  const row = await issued(db, key).select('body').where('number', '=', number).executeTakeFirst();
  if (row === undefined) return null;
  if (sha256(canonicalJson(row.body)) === row.digest) return row;
  const { process, report } = key;
  throw new StoreError(
    'bulletin-changed',
    `${process} 的“${report}”第${number}期与印发时的摘要不符`,
    `Issue ${number} of ${report} of ${process} is not what was issued: its digest differs`,
    { process, report, number },
  );
}
