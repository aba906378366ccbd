import { epochToMoment } from '../../domain/calendar/dates.js';
import type { Store, Trx } from '../../store/connection.js';
import { raiseIncident } from '../../store/incidents.js';
import { markSent, markTried, takeMessages, type MessageRow } from '../../store/messages/messages.js';
import type { OutsideChannel } from './channels.js';

/** Seconds until the next try after the n-th failure; after the last the message has failed and an incident tells. */
const BACKOFF = [5, 30, 120, 600, 1800, 3600, 7200, 14_400] as const;

/**
 * Hands waiting messages to their channels, one transaction each: a dead channel delays its messages and nothing else. A sender killed between
 * handing over and marking hands the same message id over again, which is what the id is for. Returns how many were tried.
 */
export async function sendMessages(store: Store, channels: readonly OutsideChannel[], signal: AbortSignal): Promise<number> {
  let tried = 0;
  while (!signal.aborted && (await store.db.transaction().execute((trx) => sendOne(trx, channels)))) tried += 1;
  return tried;
}

async function sendOne(trx: Trx, channels: readonly OutsideChannel[]): Promise<boolean> {
  const [message] = await takeMessages(trx, 1);
  if (!message) return false;
  const channel = channels.find(({ name }) => name === message.channel);
  try {
    if (!channel) throw new Error(`channel ${message.channel} is not set up`);
    await channel.send({
      id: message.message_id,
      to: message.address ?? '',
      subject: message.subject,
      body: message.body,
      mandatory: message.mandatory,
    });
    await markSent(trx, message, epochToMoment(Date.now()));
  } catch (error) {
    await later(trx, message, error instanceof Error ? error.message : String(error));
  }
  return true;
}

async function later(trx: Trx, message: MessageRow, error: string): Promise<void> {
  const seconds = BACKOFF[message.attempts] ?? null;
  await markTried(trx, message, error, seconds);
  const code = seconds === null ? 'notice-not-delivered' : 'channel-failing';
  await raiseIncident(trx, {
    county: message.county_id,
    process: message.process_id,
    code,
    cause: message.channel,
    detail: { message: message.message_id, attempts: message.attempts + 1 },
  });
}
