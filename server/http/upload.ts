import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Request, RequestHandler } from 'express';
import multer from 'multer';
import { MAX_JSON_BYTES } from './json.js';
import { Problem } from './problems.js';
import type { FilesSpec, Uploaded } from './route.js';

/** Most files of one request. */
const MAX_FILES = 20;

/** Reads a multipart body; files go to `folder`, so a large one costs no memory. Unnamed fields are refused unless the route takes more. */
export function receiveFiles(spec: FilesSpec, folder: string): RequestHandler {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const upload = multer({
    dest: folder,
    defParamCharset: 'utf8',
    limits: { fileSize: spec.maxBytes, fieldSize: MAX_JSON_BYTES, fields: 1, files: MAX_FILES, parts: MAX_FILES + 1, headerPairs: 20 },
  });
  return spec.more === true ? upload.any() : upload.fields(spec.fields.map(({ name }) => ({ name, maxCount: 1 })));
}

export function filesOf(request: Request): readonly Uploaded[] {
  const all = Array.isArray(request.files) ? request.files : Object.values(request.files ?? {}).flat();
  return all.map((file) => ({ field: file.fieldname, name: file.originalname, path: file.path, size: file.size }));
}

/** The JSON that a multipart body carries in its field `data`. */
export function dataOf(request: Request): unknown {
  const body: unknown = request.body;
  const data = typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined;
  if (data === undefined) return undefined;
  if (typeof data !== 'string') throw new Problem('upload-refused');
  try {
    return JSON.parse(data);
  } catch {
    throw new Problem('not-json');
  }
}

/** Refuses when a file that is needed is not there. */
export function checkFiles(spec: FilesSpec, files: readonly Uploaded[]): void {
  const missing = spec.fields.filter((field) => field.required && !files.some((file) => file.field === field.name));
  if (missing.length === 0) return;
  throw new Problem('invalid-request', {
    errors: missing.map(({ name }) => ({ in: 'file', path: name, code: 'missing-key', zh: '缺少此文件', en: 'the file is missing' })),
  });
}

export async function dropFiles(files: readonly Uploaded[]): Promise<void> {
  await Promise.all(files.map((file) => rm(file.path, { force: true })));
}
