import { z } from 'zod';
import type { Definition } from '../../../domain/model/definition.js';
import { folderOf, textOfFile, tidyPath, type Book } from '../resolve/book.js';
import type { Problem } from '../text/problem.js';

/** `id@version` to the digest of the resolved definition. What stands here never changes. */
export type Released = Readonly<Record<string, string>>;

const releasedFile = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));

/** The key of a definition in `released.json`. */
export const releaseKey = (definition: Pick<Definition, 'id' | 'version'>): string => `${definition.id}@${definition.version}`;

/** A released version whose content is another than it was is refused: a change needs a new version. */
export function checkRelease(book: Book, definition: Definition, digest: string, given?: Released): readonly Problem[] {
  const released = given ?? readReleased(book);
  const pinned = released?.[releaseKey(definition)];
  const { source } = book.campaign;
  if (released === null)
    return [
      source.problem(['version'], {
        code: 'bad-value',
        zh: 'released.json 不可读',
        en: 'released.json cannot be read',
        expected: '{ "id@version": "sha256" }',
      }),
    ];
  if (pinned === undefined || pinned === digest) return [];
  return [
    source.problem(['version'], {
      code: 'released-changed',
      zh: `${releaseKey(definition)}已发布，内容不得再改（发布时摘要${pinned.slice(0, 12)}，现为${digest.slice(0, 12)}）；请写新版本号`,
      en: `${releaseKey(definition)} is released and must not change (released ${pinned.slice(0, 12)}, now ${digest.slice(0, 12)}): give it a new version`,
      expected: '新版本号 / a new version',
    }),
  ];
}

/** The `released.json` of the definitions folder; empty when there is none, null when it is broken. */
function readReleased(book: Book): Released | null {
  const folder = folderOf(book.campaign.source.file);
  const text = textOfFile(book.readFile, tidyPath(`${folder}/../released.json`)) ?? '{}';
  try {
    const parsed = releasedFile.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
