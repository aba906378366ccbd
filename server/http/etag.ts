import { Problem } from './problems.js';

/** Strong ETag of a version. */
export const etagOf = (version: number): string => `"v${version}"`;

/** The version named by If-Match. Throws `precondition-required` when absent, `precondition-failed` when it is none of ours. */
export function versionOf(ifMatch: string | undefined): number {
  if (ifMatch === undefined || ifMatch.trim() === '') throw new Problem('precondition-required');
  const found = /^"v(\d{1,15})"$/.exec(ifMatch.trim());
  if (found === null) throw new Problem('precondition-failed');
  return Number(found[1]);
}
