import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Act } from '../domain/model/event.js';
import type { Digest, Moment, ProcessId, UserId } from '../domain/model/ids.js';
import type { Setting } from '../domain/model/setting.js';
import type { Amendment } from '../domain/model/state.js';
import { frameOf } from '../domain/process/frame.js';
import { confirmOf } from '../domain/process/permissions.js';
import type { Db, Trx } from './connection.js';
import { StoreError } from './errors.js';
import { canonicalJson, toJson } from './json.js';

/** A run keeps its setting in its history as one payload. */
export const SETTING_LIMIT = 1024 * 1024;

/** SHA-256 of a setting's canonical JSON: the same setting has the same digest wherever it was made. */
export function settingDigest(setting: Setting): Digest {
  return sha256(canonicalJson(setting));
}

export function sha256(text: string): Digest {
  return createHash('sha256').update(text, 'utf8').digest('hex') as Digest;
}

/** Keeps a setting for good and returns its digest; keeping it again does nothing. Error: `setting-too-large` (1 MiB of JSON). */
export async function putSetting(db: Db, county: string, setting: Setting): Promise<Digest> {
  const size = Buffer.byteLength(JSON.stringify(setting), 'utf8');
  if (size > SETTING_LIMIT) {
    throw new StoreError(
      'setting-too-large',
      `本次运行的设定有 ${size} 字节，超过 ${SETTING_LIMIT}；请把大表作为任务表导入，或按下级单位拆成几个活动`,
      `The setting has ${size} bytes, more than ${SETTING_LIMIT}: import large tables as targets, or launch by subtree`,
      { size, limit: SETTING_LIMIT },
    );
  }
  const digest = settingDigest(setting);
  const row = { county_id: county, digest, body: toJson(setting) };
  await db
    .insertInto('settings')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return digest;
}

/** Error: `setting-missing`. */
export async function getSetting(db: Db, county: string, digest: Digest): Promise<Setting> {
  const row = await db
    .selectFrom('settings')
    .select('body')
    .where('county_id', '=', county)
    .where('digest', '=', digest)
    .executeTakeFirst();
  if (row === undefined) throw new StoreError('setting-missing', `没有设定 ${digest}`, `There is no setting ${digest}`, { digest });
  return row.body;
}

/** A process's setting with the amendments so far laid over it, and whether there are any. Error: `setting-missing`. */
export async function settingInForce(
  db: Db,
  county: string,
  process: ProcessId,
  digest: Digest,
): Promise<{ readonly setting: Setting; readonly amended: boolean }> {
  const setting = await getSetting(db, county, digest);
  const amendments = await amendmentsOf(db, county, process, setting);
  return { setting: frameOf(setting, amendments).setting, amended: amendments.length > 0 };
}

type Amend = Extract<Act, { kind: 'amendPhase' | 'amendParameter' }>;

/** Amendments of phases and parameters in the order in which they came into force: at once, or when a second person released them. */
async function amendmentsOf(db: Db, county: string, process: ProcessId, setting: Setting): Promise<readonly Amendment[]> {
  const rows = await db
    .selectFrom('journal')
    .select(['seq', 'event'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(
      sql<boolean>`(event -> 'act' ->> 'kind' in ('amendPhase', 'amendParameter')
      or (event -> 'act' ->> 'kind' = 'release' and event -> 'act' ->> 'obligation' like '~confirm/amendP%'))`,
    )
    .orderBy('seq')
    .execute();
  const waiting = new Map<string, Amendment>();
  return rows.flatMap(({ seq, event }): Amendment[] => {
    if (event.type !== 'acted') return [];
    const { act, at, actor } = event;
    if (act.kind === 'release') {
      const released = waiting.get(act.obligation.split(/[#/]/)[2] ?? '');
      return released === undefined ? [] : [{ ...released, at }];
    }
    if (act.kind !== 'amendPhase' && act.kind !== 'amendParameter') return [];
    const amendment = amendmentBy(act, at, actor.user);
    if (confirmOf(frameOf(setting, []), act) === null) return [amendment];
    waiting.set(`${act.kind}+${seq - 1}`, amendment);
    return [];
  });
}

const amendmentBy = (act: Amend, at: Moment, by: UserId): Amendment =>
  act.kind === 'amendPhase' ? { ...act, kind: 'phase', at, by } : { ...act, kind: 'parameter', at, by };

/** Who replaces a process's setting waits here; the lock ends with the transaction. */
export async function lockSetting(trx: Trx, county: string, process: ProcessId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-setting'), hashtext(${`${county}/${process}`}))`.execute(trx);
}
