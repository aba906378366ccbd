import type { ObligationId, UnitId } from '../model/ids.js';

/** The parts of an obligation's id: `duty/unit[/insurance][@period]`. */
export interface ObligationKey {
  readonly duty: string;
  readonly unit: UnitId;
  readonly insurance: string | null;
  readonly period: string | null;
}

export function obligationId({ duty, unit, insurance, period }: ObligationKey): ObligationId {
  return `${duty}/${unit}${insurance === null ? '' : `/${insurance}`}${period === null ? '' : `@${period}`}` as ObligationId;
}

/** What is owed about a person keeps its id when the person moves: it names the due and no unit. */
export const rowId = (duty: string, due: string, period: string | null): ObligationId =>
  `${duty}/${due}${period === null ? '' : `@${period}`}` as ObligationId;

/** The n-th case of its kind about a due; it keeps this id from state to state. */
export const caseId = (type: string, due: string, number: number): ObligationId => rowId(type, due, String(number));

/** A state that a case has left: the obligation that it was. */
export const entryId = (of: ObligationId, entry: number): ObligationId => `~entry/${of}/${entry}` as ObligationId;

/** Follow-ups hang on the notice or obligation that they follow: `~reply/<what it follows>/unit`. */
export function followUpId(kind: 'confirm' | 'receive' | 'reply' | 'check', of: string, unit: UnitId, role: string): ObligationId {
  return `~${kind}/${of}/${role}/${unit}` as ObligationId;
}

/** Reads back a duty's obligation id; follow-ups (`~...`) are not read. */
export function parseObligationId(id: ObligationId): ObligationKey {
  const [path = '', period = null] = splitOnce(id, '@');
  const [duty = '', unit = '', insurance = null] = path.split('/');
  return { duty, unit: unit as UnitId, insurance, period };
}

const splitOnce = (text: string, by: string): [string, string | null] => {
  const at = text.indexOf(by);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
};

/** First key under which an obligation stands in the state. */
export const shelfOf = (id: ObligationId): string => id.slice(0, id.indexOf('/'));

/**
 * Key under which the mark of a closed obligation stands: one shelf for each duty and period, so that an act copies the marks of a month and
 * not those of a year. Follow-ups stand with those of the same duty.
 */
export function markShelfOf(id: ObligationId): string {
  const shelf = shelfOf(id);
  return shelf.startsWith('~') ? `${shelf}@${id.split('/')[1] ?? ''}` : `${shelf}@${parseObligationId(id).period ?? ''}`;
}

/** Milestones and other per-unit things: `byMay25/u1[@period]`. */
export function milestoneKey(milestone: string, unit: UnitId, period: string | null): string {
  return `${milestone}/${unit}${period === null ? '' : `@${period}`}`;
}

/** Held money is kept per unit and insurance kind. */
export const heldKey = (unit: UnitId, insurance: string | null): string => `${unit}/${insurance ?? ''}`;
