/** Longest line that is kept in memory; a longer one is no line of any bank's file. */
export const MOST_LINE_BYTES = 65_536;
const [TAB, LF, CR] = [9, 10, 13];

/** Whole lines cut out of a stream of chunks; memory stays within one chunk and one line. */
export interface Block {
  /** Whole lines with their ends; only the last block of a file may lack the last one. */
  readonly bytes: Uint8Array;
  /** Place of its first byte in the file. */
  readonly offset: number;
}

/** Cuts chunks at line feeds, which are never part of another character in the charsets of files. */
export class Blocks {
  private held: Uint8Array = new Uint8Array(0);
  private start = 0;
  /** Bytes of lines too long to be kept, so far. */
  dropped = 0;

  /** The whole lines that are complete with this chunk; null = none yet. */
  push(chunk: Uint8Array): Block | null {
    const last = chunk.lastIndexOf(LF);
    if (last < 0) {
      this.hold(chunk);
      return null;
    }
    const bytes = this.join(chunk.subarray(0, last + 1));
    const block = { bytes, offset: this.start };
    this.start += bytes.length;
    this.held = chunk.slice(last + 1);
    return block;
  }

  /** What stands after the last line feed; null = nothing. */
  finish(): Block | null {
    return this.held.length === 0 ? null : { bytes: this.held, offset: this.start };
  }

  private join(rest: Uint8Array): Uint8Array {
    if (this.held.length === 0) return rest;
    const joined = new Uint8Array(this.held.length + rest.length);
    joined.set(this.held);
    joined.set(rest, this.held.length);
    return joined;
  }

  /** A line that never ends is cut: its first bytes say enough. */
  private hold(chunk: Uint8Array): void {
    const room = Math.max(0, MOST_LINE_BYTES - this.held.length);
    this.dropped += Math.max(0, chunk.length - room);
    if (room > 0) this.held = this.join(chunk.slice(0, room));
  }
}

/** Bytes below a blank that are no line end; none of them is ever part of another character. */
export function holdsControl(bytes: Uint8Array, tabs: boolean): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 32 ? byte === 127 : byte !== LF && !(byte === CR && (bytes[at + 1] ?? LF) === LF) && !(byte === TAB && tabs)) return true;
  }
  return false;
}
