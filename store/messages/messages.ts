import { sql, type Selectable, type UpdateQueryBuilder, type UpdateResult } from 'kysely';
import type { Moment } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';
import type { Schema } from '../schema.js';
import type { MessagesTable } from '../tables/messages.js';

export type MessageRow = Selectable<MessagesTable>;
export type NewMessage = Pick<
  MessageRow,
  | 'message_id'
  | 'process_id'
  | 'user_id'
  | 'channel'
  | 'address'
  | 'subject'
  | 'body'
  | 'outbox_ids'
  | 'mandatory'
  | 'send_at'
  | 'status'
  | 'sent_at'
>;

/** A message that is there already stays: its id says what it is made of. */
export async function insertMessages(trx: Trx, county: string, messages: readonly NewMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    insert into messages (county_id, message_id, process_id, user_id, channel, address, subject, body, outbox_ids, mandatory, send_at, status, sent_at)
    select ${county}, m.message_id, m.process_id, m.user_id, m.channel, m.address, m.subject, m.body, m.outbox_ids, m.mandatory, m.send_at, m.status, m.sent_at
    from jsonb_to_recordset(${toJson(messages)}::jsonb) as m (message_id text, process_id text, user_id text, channel text, address text,
      subject text, body text, outbox_ids text[], mandatory boolean, send_at text, status text, sent_at text)
    on conflict do nothing`.execute(trx);
}

/** Messages whose turn it is, held by this transaction so that no second sender hands them over too. */
export async function takeMessages(trx: Trx, limit: number): Promise<MessageRow[]> {
  return trx
    .selectFrom('messages')
    .selectAll()
    .where('status', '=', 'waiting')
    .where('next_try_at', '<=', sql<Date>`now()`)
    .orderBy('next_try_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
}

export async function markSent(trx: Trx, message: MessageRow, at: Moment): Promise<void> {
  await one(trx.updateTable('messages').set({ status: 'sent', sent_at: at, last_error: null }), message).execute();
}

/** Tried again after `seconds`, or given up. */
export async function markTried(trx: Trx, message: MessageRow, error: string, seconds: number | null): Promise<void> {
  const tried = { attempts: message.attempts + 1, last_error: error.slice(0, 500) };
  const next =
    seconds === null
      ? { ...tried, status: 'failed' as const }
      : { ...tried, next_try_at: sql<Date>`now() + make_interval(secs => ${seconds})` };
  await one(trx.updateTable('messages').set(next), message).execute();
}

const one = (query: UpdateQueryBuilder<Schema, 'messages', 'messages', UpdateResult>, message: MessageRow): typeof query =>
  query.where('county_id', '=', message.county_id).where('message_id', '=', message.message_id);
