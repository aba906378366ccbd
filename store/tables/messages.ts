import type { Generated, GeneratedAlways } from 'kysely';
import type { Value } from '../../domain/model/definition.js';
import type { UnitFact } from '../../domain/model/event.js';
import type { Digest, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Json, NullableJson } from './columns.js';

/* What goes to and from a process, and what is kept about it. */

/** Facts for a process; a dispatcher signals 'facts up to W' until the journal acknowledges. */
export interface InboxTable {
  county_id: string;
  process_id: ProcessId;
  inbox_id: GeneratedAlways<number>;
  fact: Json<UnitFact>;
  at: Moment;
}

/** One row for each notice and address, written with the event; messages are made from them, one digest per person and morning. */
export interface OutboxTable {
  county_id: string;
  process_id: ProcessId;
  outbox_id: string;
  notice_id: string;
  obligation_id: ObligationId | null;
  unit_id: UnitId;
  unit_path: string;
  role: string;
  text_id: string;
  fields: Json<Readonly<Record<string, Value>>>;
  mandatory: boolean;
  send_at: Moment;
  via: readonly string[];
  status: 'waiting' | 'sent' | 'failed' | 'noHolder' | 'withdrawn';
  seq: number;
  /** How many rows it speaks of together; 0 = of one obligation. */
  rows: Generated<number>;
}

/** One message to one person by one channel; its id is what adapters see, the same at every retry. */
export interface MessagesTable {
  county_id: string;
  message_id: string;
  process_id: ProcessId;
  user_id: UserId;
  channel: string;
  address: string | null;
  subject: string;
  body: string;
  outbox_ids: readonly string[];
  mandatory: boolean;
  send_at: Moment;
  status: 'waiting' | 'sent' | 'failed';
  attempts: Generated<number>;
  next_try_at: Generated<Date>;
  last_error: string | null;
  sent_at: Moment | null;
  read_at: Moment | null;
  stored_at: Generated<Date>;
}

export interface IncidentsTable {
  county_id: string;
  incident_id: string;
  process_id: ProcessId | null;
  code: string;
  cause: string;
  detail: Json<unknown>;
  owner_role: string;
  status: 'open' | 'closed';
  count: Generated<number>;
  first_at: Generated<Date>;
  last_at: Generated<Date>;
  closed_by: UserId | null;
}

/** Hash chains: one per process by seq, one per county for administration (chain = 'county'). */
export interface AuditTable {
  county_id: string;
  chain: string;
  seq: number;
  at: Moment;
  actor: UserId;
  action: string;
  subject: string;
  detail: Json<unknown>;
  previous: string;
  hash: string;
  stored_at: Generated<Date>;
}

/** Same Idempotency-Key with another body is refused; with the same, answered alike. */
export interface IdempotencyTable {
  county_id: string;
  key_hash: string;
  user_id: UserId;
  route: string;
  body_digest: Digest;
  status: number | null;
  response: NullableJson<unknown>;
  stored_at: Generated<Date>;
}
