import { sql } from 'kysely';
import type { CoreEvent } from '../domain/model/event.js';
import type { Moment, ProcessId, UserId } from '../domain/model/ids.js';
import type { Db, Trx } from './connection.js';
import { actorOf } from './journal.js';
import { canonicalJson, toJson } from './json.js';
import { alone, type Part } from './parts.js';
import { entriesDigest } from './rows/journal.js';
import { sha256 } from './settings.js';

/** Chain of a county's administration; every process has its own, named by its id. */
export const COUNTY_CHAIN = 'county';

/** What is said of one thing done. `detail` and `subject` carry surrogates only. */
export interface AuditEntry {
  readonly at: Moment;
  readonly actor: UserId;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The newest entry of a chain: print it somewhere else and the chain can no longer be cut or rewritten unseen. */
export interface Head {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

interface Link extends AuditEntry {
  readonly chain: string;
  readonly seq: number;
}

/** An entry's hash covers the one before it and all that the entry says. */
export function linkHash(previous: string, link: Link): string {
  const { chain, seq, at, actor, action, subject, detail } = link;
  return sha256(previous + canonicalJson({ chain, seq, at, actor, action, subject, detail }));
}

/** Adds entries to the county's chain in the caller's transaction; writers of one county wait for each other until they commit. */
export async function appendAudit(trx: Trx, county: string, ...entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`select pg_advisory_xact_lock(hashtext('duban-audit'), hashtext(${county}))`.execute(trx);
  const head = await headOf(trx, county, COUNTY_CHAIN);
  await alone(trx, county, COUNTY_CHAIN, chained(head ?? { chain: COUNTY_CHAIN, seq: 0, hash: '' }, entries).part);
}

/**
 * One entry for each journalled event, with the event's own digest: the chain proves the journal. `previous`: hash of the entry before
 * `fromSeq`, null at the start. `hash` is that of the last entry.
 */
export function processAudit(
  process: ProcessId,
  fromSeq: number,
  events: readonly CoreEvent[],
  previous: string | null,
): { readonly part: Part; readonly hash: string } {
  if (previous === null && fromSeq > 1) throw new Error(`audit chain ${process} has no entry ${fromSeq - 1}, the journal stands there`);
  const entries = events.map((event) => entryOf(process, event));
  return chained({ chain: process, seq: fromSeq - 1, hash: previous ?? '' }, entries);
}

function entryOf(process: ProcessId, event: CoreEvent): AuditEntry {
  const act = event.type === 'acted' ? event.act : null;
  return {
    at: event.at,
    actor: actorOf(event),
    action: act === null ? event.type : `acted.${act.kind}`,
    subject: act !== null && 'obligation' in act ? act.obligation : process,
    detail: { event: eventDigest(event) },
  };
}

function eventDigest(event: CoreEvent): string {
  return sha256(canonicalJson(event));
}

function chained({ chain, ...head }: Head, entries: readonly AuditEntry[]): { readonly part: Part; readonly hash: string } {
  let { seq, hash } = head;
  const rows = entries.map((entry) => {
    const previous = hash;
    seq += 1;
    const link = { chain, seq, ...entry };
    hash = linkHash(previous, link);
    return { ...link, previous, hash };
  });
  const part = sql`
    insert into audit (county_id, chain, seq, at, actor, action, subject, detail, previous, hash)
    select held.county_id, r.chain, r.seq, r.at, r.actor, r.action, r.subject, r.detail, r.previous, r.hash
    from held cross join jsonb_to_recordset(${toJson(rows)}::jsonb) as r (chain text, seq bigint, at text, actor text, action text,
      subject text, detail jsonb, previous text, hash text)`;
  return { part, hash };
}

/** Newest entry of one chain; null when it is empty. */
export async function headOf(db: Db, county: string, chain: string): Promise<Head | null> {
  const row = await db
    .selectFrom('audit')
    .select(['chain', 'seq', 'hash'])
    .where('county_id', '=', county)
    .where('chain', '=', chain)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Hash of one entry; null when it is not there. */
export async function hashAt(db: Db, county: string, chain: string, seq: number): Promise<string | null> {
  const query = db.selectFrom('audit').select('hash').where('county_id', '=', county).where('chain', '=', chain).where('seq', '=', seq);
  return (await query.executeTakeFirst())?.hash ?? null;
}

/** Newest entry of every chain of a county, by chain: what is exported daily and printed. */
export async function auditHeads(db: Db, county: string): Promise<Head[]> {
  return db
    .selectFrom('audit')
    .distinctOn('chain')
    .select(['chain', 'seq', 'hash'])
    .where('county_id', '=', county)
    .orderBy('chain')
    .orderBy('seq', 'desc')
    .execute();
}

/**
 * `gap`: a number is missing. `changed`: an entry is not what was hashed. `unlinked`: it does not follow from the one before it.
 * `journal`: the journal's event is not the one that was audited, or one of the two is missing. `cut`: the chain ends before its anchor.
 * `replaced`: another entry stands where the anchor was taken.
 */
export type ViolationKind = 'gap' | 'changed' | 'unlinked' | 'journal' | 'cut' | 'replaced';
export interface Violation {
  readonly chain: string;
  readonly seq: number;
  readonly kind: ViolationKind;
}
export interface Verification {
  readonly chains: number;
  readonly entries: number;
  /** The first of each chain that has one. */
  readonly violations: readonly Violation[];
}

const PAGE = 2000;

/** Reads every chain of a county from its start. `anchor`: heads kept elsewhere, against which a cut tail is found. */
export async function verifyAudit(db: Db, county: string, anchor: readonly Head[] = []): Promise<Verification> {
  const chains = await db.selectFrom('audit').select('chain').distinct().where('county_id', '=', county).execute();
  const journals = await db.selectFrom('journal').select('process_id as chain').distinct().where('county_id', '=', county).execute();
  const names = new Set<string>([...chains, ...journals, ...anchor].map(({ chain }) => chain));
  const violations: Violation[] = [];
  let entries = 0;
  for (const chain of [...names].sort()) {
    const anchors = new Map(anchor.filter((head) => head.chain === chain).map((head) => [head.seq, head.hash]));
    const result = await verifyChain(db, county, chain, anchors);
    entries += result.entries;
    if (result.violation !== null) violations.push(result.violation);
  }
  return { chains: names.size, entries, violations };
}

async function verifyChain(
  db: Db,
  county: string,
  chain: string,
  anchors: ReadonlyMap<number, string>,
): Promise<{ entries: number; violation: Violation | null }> {
  let seq = 0;
  let previous = '';
  for (;;) {
    const page = await readChain(db, county, chain, seq);
    for (const row of page) {
      const kind = check(row, seq, previous, chain, anchors) ?? ((await rowsDiffer(db, county, row)) ? 'journal' : null);
      if (kind !== null) return { entries: seq, violation: { chain, seq: seq + 1, kind } };
      seq = row.seq;
      previous = row.hash;
    }
    if (page.length < PAGE) break;
  }
  const cut = [...anchors.keys()].filter((anchored) => anchored > seq);
  if (cut.length > 0) return { entries: seq, violation: { chain, seq: seq + 1, kind: 'cut' } };
  if (chain !== COUNTY_CHAIN && (await journalBeyond(db, county, chain, seq))) {
    return { entries: seq, violation: { chain, seq: seq + 1, kind: 'journal' } };
  }
  return { entries: seq, violation: null };
}

type ChainRow = Link & { readonly previous: string; readonly hash: string; readonly event: CoreEvent | null };

async function readChain(db: Db, county: string, chain: string, after: number): Promise<ChainRow[]> {
  return db
    .selectFrom('audit as a')
    .leftJoin('journal as j', (join) =>
      join
        .onRef('j.county_id', '=', 'a.county_id')
        .onRef('j.seq', '=', 'a.seq')
        .on(sql<boolean>`j.process_id = a.chain`),
    )
    .select(['a.chain', 'a.seq', 'a.at', 'a.actor', 'a.action', 'a.subject', 'a.previous', 'a.hash', 'j.event'])
    .select(sql<Readonly<Record<string, unknown>>>`a.detail`.as('detail'))
    .where('a.county_id', '=', county)
    .where('a.chain', '=', chain)
    .where('a.seq', '>', after)
    .orderBy('a.seq')
    .limit(PAGE)
    .execute();
}

function check(row: ChainRow, after: number, previous: string, chain: string, anchors: ReadonlyMap<number, string>): ViolationKind | null {
  if (row.seq !== after + 1) return 'gap';
  if (row.previous !== previous) return 'unlinked';
  if (row.hash !== linkHash(row.previous, row)) return 'changed';
  const anchored = anchors.get(row.seq);
  if (anchored !== undefined && anchored !== row.hash) return 'replaced';
  if (chain === COUNTY_CHAIN) return null;
  return row.event !== null && row.detail['event'] === eventDigest(row.event) ? null : 'journal';
}

/** Whether the rows' journal is still what an answer vouched for; its entries are digested anew. */
async function rowsDiffer(db: Db, county: string, { chain, event }: ChainRow): Promise<boolean> {
  if (event?.type !== 'rowsTurned') return false;
  const { entries, digest } = await entriesDigest(db, county, chain as ProcessId, event.journal, true);
  return entries !== event.journal.entries || digest !== event.journal.digest;
}

async function journalBeyond(db: Db, county: string, chain: string, seq: number): Promise<boolean> {
  const { rows } = await sql`select from journal where county_id = ${county} and process_id = ${chain} and seq > ${seq} limit 1`.execute(
    db,
  );
  return rows.length > 0;
}
