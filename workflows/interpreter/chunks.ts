import type { CoreEvent } from '../../domain/model/event.js';

/** One recorder call: well under the engine's 2 MiB a payload, and a transaction that does not hold others up. */
export const CHUNK_LIMIT = { events: 500, bytes: 900 * 1024 } as const;

/** UTF-8 bytes of a text: neither Buffer nor TextEncoder is used in workflow code. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair counts 2 of its 4 bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return bytes;
}

/** The first events of the queue that go into one recorder call: at least one, in order. */
export function firstChunk(
  queue: readonly CoreEvent[],
  limit: { readonly events: number; readonly bytes: number } = CHUNK_LIMIT,
): readonly CoreEvent[] {
  // Mostly there is one: it goes, whatever its size.
  if (queue.length === 1) return [...queue];
  let bytes = 0;
  let count = 0;
  for (const event of queue) {
    bytes += utf8Bytes(JSON.stringify(event)) + 1;
    if (count > 0 && (count >= limit.events || bytes > limit.bytes)) break;
    count += 1;
  }
  return queue.slice(0, count);
}
