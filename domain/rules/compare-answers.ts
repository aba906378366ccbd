import type { Value } from '../model/definition.js';
import type { RoleId } from '../model/ids.js';

/** What one party answered in the fields compared; money in fen. */
export interface PartyAnswer {
  readonly role: RoleId;
  readonly answer: Readonly<Record<string, Value>>;
}

/** One field in which the parties do not agree. `spread` = highest less lowest for numbers, null for texts. */
export interface Difference {
  readonly field: string;
  readonly values: readonly { readonly role: RoleId; readonly value: Value | null }[];
  readonly spread: number | null;
}

/** Exact equality of all named answers of all parties; empty = they agree. A party without an answer in a field differs. */
export function compareAnswers(fields: readonly string[], parties: readonly PartyAnswer[]): readonly Difference[] {
  return fields.flatMap((field) => {
    const values = parties.map(({ role, answer }) => ({ role, value: answer[field] ?? null }));
    if (values.every(({ value }) => value !== null && value === values[0]?.value)) return [];
    const numbers = values.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
    const spread = numbers.length === values.length && numbers.length > 0 ? Math.max(...numbers) - Math.min(...numbers) : null;
    return [{ field, values, spread }];
  });
}
