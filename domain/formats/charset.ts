import type { CharsetName } from '../model/format.js';

/**
 * What reading and writing need of a charset; implemented over the platform's decoder (activities/files/charset.ts). ASCII bytes mean ASCII in every one of them
 * and a line feed is never part of another character, so files can be cut at line feeds before they are decoded.
 */
export interface Charset {
  readonly name: CharsetName;
  /** The text, or null when a sequence is not of this charset. */
  decode(bytes: Uint8Array): string | null;
  /** One character for each byte: for cutting by bytes. */
  byteText(bytes: Uint8Array): string;
  /** Number of bytes before the first sequence that is not of this charset. */
  soundBytes(bytes: Uint8Array): number;
  /** Bytes of a text that the charset holds (`measure` says so). */
  encode(text: string): Uint8Array;
  /** Bytes that the text takes; `-1 - index` of the first character that the charset cannot hold. */
  measure(text: string): number;
  isAscii(bytes: Uint8Array): boolean;
  /** Another charset in which these bytes read without error and hold Chinese text; null = none, or plain ASCII. */
  guess(bytes: Uint8Array): CharsetName | null;
}

/** Byte order marks by charset; UTF-16 is told apart only to say so. */
export const MARKS: Readonly<Record<'UTF-8' | 'GB18030' | 'UTF-16LE' | 'UTF-16BE', readonly number[]>> = {
  'UTF-8': [0xef, 0xbb, 0xbf],
  GB18030: [0x84, 0x31, 0x95, 0x33],
  'UTF-16LE': [0xff, 0xfe],
  'UTF-16BE': [0xfe, 0xff],
};
