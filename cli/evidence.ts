import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { json, type Client } from './client.js';
import { wrongUsage } from './failure.js';
import { read } from './shape.js';

const given = z.looseObject({
  paper: z.string(),
  fields: z.record(z.string(), z.unknown()).default({}),
  file: z.string().nullable().default(null),
});
type Given = z.output<typeof given>;

/** Stores a file as evidence; its id goes into `evidence[].file` of an act. */
async function uploadFile(api: Client, path: string, name: string): Promise<string> {
  const form = new FormData();
  form.set('file', await openAsBlob(path), basename(name));
  return read(z.object({ id: z.string() }), json(await api.call('POST', '/files', { form, seconds: 600 }))).id;
}

/**
 * The evidence of an act with a file for each named paper: a paper that `--data` names keeps its fields, another is added. `store` takes a file in and
 * gives its id, null where it is only tried. Error: `bad-evidence` when `--data` holds something else under `evidence`.
 */
export async function withFiles(
  written: unknown,
  files: Readonly<Record<string, string>>,
  store: (path: string) => Promise<string | null>,
): Promise<readonly Given[]> {
  const read = z.array(given).safeParse(written ?? []);
  if (!read.success)
    throw wrongUsage(
      'bad-evidence',
      '--data 中的 evidence 应为数组，每项写 paper。',
      'evidence in --data is a list whose items name their paper.',
    );
  const evidence = [...read.data];
  for (const [paper, path] of Object.entries(files)) {
    const file = await store(path);
    const at = evidence.findIndex((one) => one.paper === paper);
    const own = evidence[at];
    if (own === undefined) evidence.push({ paper, fields: {}, file });
    else evidence[at] = { ...own, file };
  }
  return evidence;
}

/** Files of this machine, stored over the API. */
export const storing =
  (api: Client, resolve: (path: string) => string) =>
  (path: string): Promise<string> =>
    uploadFile(api, resolve(path), path);

/** For a dry run: the file must be there, and is not sent. Errors: those of reading it. */
export const readable =
  (resolve: (path: string) => string) =>
  async (path: string): Promise<null> => {
    await access(resolve(path), constants.R_OK);
    return null;
  };
