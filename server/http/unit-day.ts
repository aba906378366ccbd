import { nowIn } from '../../activities/worlds/now.js';
import { dateOf } from '../../domain/calendar/dates.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Db } from '../../store/connection.js';
import { worldsOver } from '../../store/lists/campaigns.js';
import type { Caller } from './caller.js';
import { Problem } from './problems.js';
import type { Services } from './services.js';

/** The day up to which units may be changed, and the world whose clock says so. */
export interface UnitDay {
  readonly day: LocalDate;
  readonly world: string;
}

/**
 * Today, for a change of units: the real day, unless only rehearsals concern these units (their paths); then the day of the one that is least far, because every
 * campaign that runs must have come to the day to hear of it. Real work is never held up by a rehearsal.
 */
export async function unitDay({ county }: Services, db: Db, caller: Caller, paths: readonly string[]): Promise<UnitDay> {
  const worlds = await worldsOver(db, county, paths);
  const days = worlds.map((world) => ({ day: dateOf(nowIn(world)), world: world.world, kind: world.kind }));
  const [least] = days.toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  if (least === undefined || days.some(({ kind }) => kind === 'real')) return { day: caller.today, world: 'real' };
  return { day: least.day, world: least.world };
}

/** Refuses a day that has not come: the change would be kept, but no campaign would hear of it when its day comes. Error: `date-ahead`. */
export function refuseAhead(on: LocalDate, { day, world }: UnitDay): void {
  if (on <= day) return;
  const where = world === 'real' ? { zh: '今天', en: 'today' } : { zh: `演练 ${world} 的当日`, en: `the day of rehearsal ${world}` };
  throw new Problem('date-ahead', { zh: `${on} 晚于${where.zh} ${day}`, en: `${on} is after ${where.en}, ${day}` });
}
