import type { Obligation } from '../model/state.js';

/** What every obligation begins with: nothing fired, nothing given, nobody done. */
export const BLANK = {
  dueVersion: 1,
  fired: [],
  nextAt: null,
  parts: [],
  ticked: [],
  suspended: null,
  proposal: null,
  closed: null,
  extended: 0,
  differences: [],
  missing: [],
} as const satisfies Partial<Obligation>;
