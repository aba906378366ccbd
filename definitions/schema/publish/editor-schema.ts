import { z } from 'zod';
import { campaignFile, partFile } from '../written/file.js';

/** The JSON Schema by which an editor completes and checks definition files while they are typed (`docs/reference/duban.schema.json`). */
export function editorSchema(): Readonly<Record<string, unknown>> {
  const files = z.discriminatedUnion('kind', [campaignFile, partFile]);
  const made = z.toJSONSchema(files, { target: 'draft-7', reused: 'ref', io: 'input' });
  return { ...made, title: 'Duban 督办：定义文件 / definition file' };
}
