import type { RouteClass } from '../model/deduction.js';

/** What a line's answer is worth. The first three are definite: they never change; only a definite failure lets the debt be tried again. */
export const OUTCOME_CLASSES = ['success', 'failed-retryable', 'failed-permanent', 'unknown', 'duplicate-reported'] as const;
export type OutcomeClass = (typeof OUTCOME_CLASSES)[number];

/** The class under which an outcome of the definition is kept. */
export const CLASS_OF: Readonly<Record<RouteClass, OutcomeClass>> = {
  success: 'success',
  retry: 'failed-retryable',
  stop: 'failed-permanent',
  unknown: 'unknown',
  duplicate: 'duplicate-reported',
};

/** Where a line stands: its definite answer, else `duplicate-reported` if that was ever said, else `unknown` if anything was, else nothing yet. */
export type Standing = OutcomeClass | 'pending';
export const STANDINGS: readonly Standing[] = [...OUTCOME_CLASSES, 'pending'];

export const isFailure = (standing: Standing): boolean => standing === 'failed-retryable' || standing === 'failed-permanent';
