import { later, epochToMoment, momentToEpoch } from '../../domain/calendar/dates.js';
import type { Moment } from '../../domain/model/ids.js';
import type { ProcessClock } from '../contract/campaign.js';

/** What time it is for a process. `Date.now()` in workflow code is the engine's recorded time, the same at every replay. */
export class Clock {
  /** Virtual: the latest moment the process was told. */
  private told: Moment;

  constructor(
    readonly kind: ProcessClock,
    start: Moment,
  ) {
    this.told = start;
  }

  now(): Moment {
    return this.kind.kind === 'virtual' ? this.told : epochToMoment(this.epoch(this.kind.offsetSeconds));
  }

  /** A message's own moment: in a virtual world it moves the clock (never back), in the real one the workflow's clock counts. */
  at(message: Moment | null): Moment {
    if (this.kind.kind === 'virtual' && message !== null) this.told = later(this.told, message);
    return this.now();
  }

  /** Real world: milliseconds until a moment, 0 when it has come. */
  until(moment: Moment): number {
    return this.kind.kind === 'virtual' ? 0 : Math.max(0, momentToEpoch(moment) - this.epoch(this.kind.offsetSeconds));
  }

  private epoch(offsetSeconds: number): number {
    return Date.now() + offsetSeconds * 1000;
  }
}
