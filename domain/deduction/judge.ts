import { isFailure, OUTCOME_CLASSES, STANDINGS, type OutcomeClass, type Standing } from './classes.js';

/**
 * What becomes of one answer. `post`: it is the line's answer from now on; `late`: a success after a definite failure, owed back; `again`: said before,
 * no effect; `quarantine`: contradicts a definite answer, two people decide.
 */
export type Verdict = 'post' | 'late' | 'again' | 'quarantine';

/**
 * The rule of answers (design section 6): pending and unknown lines may be answered; a definite answer never changes. `late`: a late success
 * of the line is known already.
 */
export function judgeAnswer(standing: Standing, late: boolean, said: OutcomeClass): Verdict {
  if (standing === 'pending') return 'post';
  if (standing === said) return 'again';
  if (standing === 'unknown') return 'post';
  // Once the bank has said that it took the money before, "not known" adds nothing.
  if (standing === 'duplicate-reported') return said === 'unknown' ? 'again' : 'post';
  if (standing === 'success') return said === 'duplicate-reported' ? 'again' : 'quarantine';
  if (said !== 'success') return 'quarantine';
  return late ? 'again' : 'late';
}

/** The rule for every case that can be, so that the store applies the same one to a whole file at once. */
export const VERDICTS: readonly {
  readonly standing: Standing;
  readonly late: boolean;
  readonly said: OutcomeClass;
  readonly verdict: Verdict;
}[] = STANDINGS.flatMap((standing) =>
  [false, true]
    // Only a failed line can have a late success.
    .filter((late) => !late || isFailure(standing))
    .flatMap((late) => OUTCOME_CLASSES.map((said) => ({ standing, late, said, verdict: judgeAnswer(standing, late, said) }))),
);
