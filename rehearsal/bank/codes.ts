import { knownCodes } from '../../domain/formats/sample.js';
import type { Layout } from '../../domain/formats/layout.js';
import type { Reason } from './bank.js';

/** Outcomes that may stand for a reason, the first that the table knows. `bare` is what is left when a bank has no code of its own for something. */
const MEANS: Readonly<Record<Exclude<Reason, 'unsure'>, readonly string[]>> = {
  taken: ['arrived'],
  short: ['short', 'bare'],
  account: ['account', 'bare'],
  deceased: ['deceased', 'account', 'bare'],
  name: ['name', 'bare'],
  bare: ['bare', 'short'],
  duplicate: ['duplicate'],
};
/** Written for what the bank does not know: no table lists it. */
const UNLISTED = ['9999', '8888', 'ZZZZ', 'Z9'] as const;

/** The bank's code for each reason, out of its own table; null = its table has none. */
export function codesOf(layout: Layout): (reason: Reason) => string | null {
  const byOutcome = new Map<string, string>();
  for (const code of knownCodes(layout)) {
    const outcome = layout.outcome(code);
    if (outcome !== null && !byOutcome.has(outcome)) byOutcome.set(outcome, code);
  }
  const unlisted = UNLISTED.find((code) => layout.outcome(code) === null) ?? null;
  return (reason) =>
    reason === 'unsure' ? unlisted : (MEANS[reason].map((outcome) => byOutcome.get(outcome)).find((code) => code !== undefined) ?? null);
}
