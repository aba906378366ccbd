import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Digest } from '../../domain/model/ids.js';
import { fileContent, keepFile } from '../../store/evidence.js';
import { unusedBytesOf } from '../../store/housekeeping.js';
import { recordAudit } from '../http/audit.js';
import { seeFile } from '../http/evidence.js';
import { mediaTypeOf } from '../http/media-type.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';

const MAX_BYTES = 20 * 1024 * 1024;
const fileId = z
  .string()
  .regex(/^a\d{1,15}$/)
  .meta({ description: '文件编号 file id', example: 'a17' });

const upload = route({
  method: 'post',
  path: '/files',
  tag: 'data',
  title: '上传证明材料 Upload a file as evidence',
  about:
    '不超过 20 MB；办理时在 evidence.file 中写它的编号。At most 20 MB; an act names it as evidence.file. The type is told from the content.',
  access: 'signedIn',
  files: { fields: [{ name: 'file', required: true, description: '扫描件、照片或表格 a scan, photograph or sheet' }], maxBytes: MAX_BYTES },
  problems: ['storage-full'],
  reply: z
    .strictObject({ id: z.string(), name: z.string(), mediaType: z.string(), size: z.int(), digest: z.string() })
    .meta({ id: 'StoredFile' }),
  async handle({ files, caller, services, trx }) {
    const [sent] = files;
    if (sent === undefined) throw new Problem('upload-refused');
    const content = await readFile(sent.path);
    if (content.length === 0)
      throw new Problem('upload-refused', {
        errors: [{ in: 'file', path: 'file', code: 'empty-file', zh: '文件是空的', en: 'the file is empty' }],
      });
    const unused = await unusedBytesOf(trx, services.county, caller.id);
    if (unused + content.length > services.room.user) {
      const [has, most] = [megabytes(unused), megabytes(services.room.user)];
      throw new Problem('storage-full', {
        zh: `您已上传而尚未使用的文件有 ${has} MB，上限 ${most} MB`,
        en: `your files that were uploaded and not used take ${has} MB of ${most} MB`,
      });
    }
    const { by, ...kept } = await keepFile(trx, services.county, {
      name: nameOf(sent.name),
      mediaType: mediaTypeOf(content),
      size: content.length,
      digest: createHash('sha256').update(content).digest('hex') as Digest,
      by: caller.id,
      content,
    });
    await recordAudit(services, trx, by, 'file.uploaded', kept.id, { digest: kept.digest, size: kept.size });
    return { body: kept, headers: { Location: `/api/v1/files/${kept.id}` } };
  },
});

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 102.4) / 10;

/** The name alone, without folders and control characters. */
function nameOf(sent: string): string {
  const name = sent.replace(/^.*[/\\]/, '').replace(/\p{Cc}/gu, '');
  return name.trim() === '' ? 'file' : name.slice(0, 200);
}

const get = route({
  method: 'get',
  path: '/files/{file}',
  tag: 'data',
  title: '下载证明材料 Download a file',
  about: '上传者，以及能看到所附事项的人可以下载。For who uploaded it, and who sees an obligation that it is evidence for.',
  access: 'signedIn',
  params: z.strictObject({ file: fileId }),
  reply: z.custom<Buffer>((value) => Buffer.isBuffer(value)).meta({ override: { type: 'string', format: 'binary' } }),
  media: 'application/octet-stream',
  async handle({ params: { file: id }, caller, services }) {
    const file = await seeFile(services, caller, id);
    const content = file === null ? null : await fileContent(services.store.db, services.county, id);
    if (file === null || content === null) throw notFound();
    // Always as an attachment of no type: nothing that somebody uploaded is ever run or shown by the browser.
    return {
      body: content,
      headers: {
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        'Repr-Digest': `sha-256=:${Buffer.from(file.digest, 'hex').toString('base64')}:`,
      },
    };
  },
});

export const fileRoutes: readonly Route[] = [upload, get];
