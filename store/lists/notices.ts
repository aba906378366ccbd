import { sql } from 'kysely';
import type { Value } from '../../domain/model/definition.js';
import type { Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';

export interface MessageRow {
  readonly id: string;
  readonly process: ProcessId;
  readonly channel: string;
  readonly subject: string;
  readonly body: string;
  readonly mandatory: boolean;
  readonly sendAt: Moment;
  readonly status: string;
  readonly sentAt: Moment | null;
  readonly readAt: Moment | null;
}

const MESSAGE = [
  'message_id as id',
  'process_id as process',
  'channel',
  'subject',
  'body',
  'mandatory',
  'send_at as sendAt',
  'status',
  'sent_at as sentAt',
  'read_at as readAt',
] as const;

/** Messages of one person that have left, the latest first, before `before` (sendAt, id), of `among` (null: all campaigns); one more than `limit`. */
export async function messagesOf(
  db: Db,
  county: string,
  user: UserId,
  filter: {
    readonly unread: boolean;
    readonly among: readonly ProcessId[] | null;
    readonly before: readonly [sendAt: string, id: string] | null;
    readonly limit: number;
  },
): Promise<MessageRow[]> {
  let query = db
    .selectFrom('messages')
    .select(MESSAGE)
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .where('channel', '=', 'inbox')
    .where('status', '=', 'sent')
    .orderBy('send_at', 'desc')
    .orderBy('message_id', 'desc')
    .limit(filter.limit + 1);
  if (filter.unread) query = query.where('read_at', 'is', null);
  const { among, before } = filter;
  if (among?.length === 0) return [];
  if (among !== null) query = query.where('process_id', 'in', [...among]);
  if (before !== null) query = query.where(sql<boolean>`(send_at, message_id) < (${before[0]}, ${before[1]})`);
  return query.execute();
}

/** Marks a message in a person's inbox as read and gives it; null when it has none of that id. Reading it again changes nothing. */
export async function markRead(trx: Trx, county: string, user: UserId, message: string, at: Moment): Promise<MessageRow | null> {
  const row = await trx
    .updateTable('messages')
    .set({ read_at: sql<Moment>`coalesce(read_at, ${at})` })
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .where('message_id', '=', message)
    .where('channel', '=', 'inbox')
    .returning(MESSAGE)
    .executeTakeFirst();
  return row ?? null;
}

export interface OutboxShown {
  readonly id: string;
  readonly obligation: string | null;
  readonly unit: UnitId;
  readonly role: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, Value>>;
  readonly sendAt: Moment;
  readonly mandatory: boolean;
  readonly via: readonly string[];
  readonly status: string;
}

/** Notices of a campaign to units of a scope, by time and id after `after`; one more than `limit`. */
export async function listOutbox(
  db: Db,
  county: string,
  process: ProcessId,
  filter: {
    readonly scope: Scope;
    readonly status: OutboxStatus | null;
    readonly after: readonly [sendAt: string, id: string] | null;
    readonly limit: number;
  },
): Promise<OutboxShown[]> {
  let query = db
    .selectFrom('outbox')
    .select([
      'outbox_id as id',
      'obligation_id as obligation',
      'unit_id as unit',
      'role',
      'text_id as text',
      'fields',
      'send_at as sendAt',
      'mandatory',
      'via',
      'status',
    ])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(pathInScope('unit_path', filter.scope))
    .orderBy('send_at')
    .orderBy('outbox_id')
    .limit(filter.limit + 1);
  if (filter.status !== null) query = query.where('status', '=', filter.status);
  const { after } = filter;
  if (after !== null) query = query.where(sql<boolean>`(send_at, outbox_id) > (${after[0]}, ${after[1]})`);
  return query.execute();
}

export const OUTBOX_STATUSES = ['waiting', 'sent', 'failed', 'noHolder', 'withdrawn'] as const;
export type OutboxStatus = (typeof OUTBOX_STATUSES)[number];
