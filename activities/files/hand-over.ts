import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Points between two steps of a hand-over, in their order; a crash at any of them leaves nothing visible or the whole file. */
export const HAND_OVER_POINTS = ['opened', 'written', 'synced', 'renamed', 'settled'] as const;
export type HandOverPoint = (typeof HAND_OVER_POINTS)[number];

/** Another content stands under this name: it was handed over before and is never overwritten. */
export class HandedOverOtherwise extends Error {
  override readonly name = 'HandedOverOtherwise';
  constructor(
    readonly file: string,
    readonly before: string,
    readonly now: string,
  ) {
    super(`${file} was handed over with other content`);
  }
}

export interface HandOver {
  /** Folder in which the receiver looks; it exists. */
  readonly folder: string;
  readonly name: string;
  /** The content, piece by piece; asked for again on every attempt, so it must be the same each time. */
  readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Called at each point, awaited: where a test stops the process. */
  readonly at?: (point: HandOverPoint) => void | Promise<void>;
}

export interface HandedOver {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** The same file was there already. */
  readonly again: boolean;
}

/**
 * Hands a file over: temporary file, fsync, rename, fsync of the folder. Handing over again leaves what is there when it is byte for byte the same; otherwise
 * `HandedOverOtherwise`. What earlier attempts left unfinished is cleared away.
 */
export async function handOver({ folder, name, content, at }: HandOver): Promise<HandedOver> {
  const path = join(folder, name);
  const temporary = join(folder, `${prefixOf(name)}${randomUUID()}`);
  const file = await open(temporary, 'wx', 0o640);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await at?.('opened');
    for await (const piece of content()) {
      hash.update(piece);
      bytes += piece.length;
      await writeAll(file, piece);
    }
    await at?.('written');
    await file.sync();
    await at?.('synced');
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  const digest = hash.digest('hex');
  const before = (await readdir(folder)).includes(name) ? await digestOf(path) : null;
  if (before !== null && before !== digest) {
    await rm(temporary, { force: true });
    throw new HandedOverOtherwise(name, before, digest);
  }
  if (before === null) await rename(temporary, path);
  await at?.('renamed');
  await syncFolder(folder);
  await clear(folder, name);
  await at?.('settled');
  return { path, bytes, digest, again: before !== null };
}

/** Hidden, and of no format's pattern: no receiver takes it for a file. */
const prefixOf = (name: string): string => `.${name}.part-`;

async function writeAll(file: Awaited<ReturnType<typeof open>>, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function clear(folder: string, name: string): Promise<void> {
  const left = (await readdir(folder)).filter((one) => one.startsWith(prefixOf(name)));
  await Promise.all(left.map((one) => rm(join(folder, one), { force: true })));
}
