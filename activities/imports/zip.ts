import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { ImportRefusal } from './problem.js';

/** Limits of a workbook: bytes of the file, bytes it unpacks to, entries. */
const MOST_UNPACKED = 200 * 1024 * 1024;
const MOST_ENTRIES = 2_000;
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  /** Sizes as the central directory declares them. */
  readonly packed: number;
  readonly unpacked: number;
  /** Where its packed bytes begin. */
  readonly start: number;
}

/**
 * Entries by the central directory. Throws `half-written` when the directory is missing or points outside the file, `zip-bomb` when the
 * declared sizes are beyond the limits, `not-a-workbook` for what a workbook never is (encrypted, ZIP64, other packing).
 */
export function readDirectory(file: Buffer): readonly ZipEntry[] {
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > file.length || file.readUInt32LE(end) !== END_SIGNATURE) throw halfWritten();
  const count = file.readUInt16LE(end + 10);
  let at = file.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw notWorkbook();
  if (count > MOST_ENTRIES) throw bomb(`${count} entries`);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i += 1) {
    if (at + 46 > file.length || file.readUInt32LE(at) !== ENTRY_SIGNATURE) throw halfWritten();
    const [flags, method, packed, unpacked] = [
      file.readUInt16LE(at + 8),
      file.readUInt16LE(at + 10),
      file.readUInt32LE(at + 20),
      file.readUInt32LE(at + 24),
    ];
    const [nameLength, extraLength, commentLength, local] = [
      file.readUInt16LE(at + 28),
      file.readUInt16LE(at + 30),
      file.readUInt16LE(at + 32),
      file.readUInt32LE(at + 42),
    ];
    if ((flags & 1) !== 0 || (method !== STORED && method !== DEFLATED)) throw notWorkbook();
    if (local + 30 > file.length) throw halfWritten();
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    if (start + packed > file.length) throw halfWritten();
    entries.push({ name: file.toString('utf8', at + 46, at + 46 + nameLength), method, packed, unpacked, start });
    at += 46 + nameLength + extraLength + commentLength;
  }
  const declared = entries.reduce((sum, entry) => sum + entry.unpacked, 0);
  if (declared > MOST_UNPACKED) throw bomb(`${declared} bytes declared`);
  return entries;
}

/** Unpacks every entry without keeping it and stops at the first byte beyond what was declared (`zip-bomb`). */
export async function checkRealSizes(file: Buffer, entries: readonly ZipEntry[]): Promise<void> {
  let overlap = 0;
  for (const entry of [...entries].sort((a, b) => a.start - b.start)) {
    if (entry.start < overlap) throw bomb('entries overlap');
    overlap = entry.start + entry.packed;
    const real =
      entry.method === STORED ? entry.packed : await inflatedSize(file.subarray(entry.start, entry.start + entry.packed), entry.unpacked);
    if (real !== entry.unpacked) throw real > entry.unpacked ? bomb(entry.name) : halfWritten();
  }
}

/** Text of one entry; call `checkRealSizes` before. */
export function entryText(file: Buffer, entry: ZipEntry): string {
  const packed = file.subarray(entry.start, entry.start + entry.packed);
  return (entry.method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: entry.unpacked + 1 })).toString('utf8');
}

function inflatedSize(packed: Buffer, limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let size = 0;
    const inflate = createInflateRaw();
    inflate.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        inflate.destroy();
        resolve(size);
      }
    });
    inflate.on('end', () => resolve(size));
    inflate.on('error', () => reject(halfWritten()));
    inflate.end(packed);
  });
}

const halfWritten = (): ImportRefusal =>
  new ImportRefusal('half-written', '工作簿不完整，像是没有写完或传输中断', 'the workbook is cut short or damaged');
const notWorkbook = (): ImportRefusal =>
  new ImportRefusal(
    'not-a-workbook',
    '不是可读的 .xlsx 工作簿（可能加了密码），请另存为不加密的 .xlsx 或 CSV',
    'not a readable .xlsx workbook (perhaps encrypted): save as plain .xlsx or CSV',
  );
const bomb = (detail: string): ImportRefusal =>
  new ImportRefusal('zip-bomb', '压缩包展开后过大，拒绝读取', 'the file unpacks to far more than it says or than is allowed', { detail });
