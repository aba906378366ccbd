import type { UnitTallies } from '../../domain/model/event.js';
import type { Moment, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Trx } from '../../store/connection.js';
import type { AnsweredDuty } from '../../store/measures/answers.js';
import { keptTallies } from '../../store/measures/tallies.js';
import type { RowQuery } from '../../store/payments/row-sets.js';
import { targetsInForce } from '../../store/payments/targets.js';
import { apartKey, kindsOf } from '../../domain/rules/apart.js';
import { isVolatile } from './plan.js';
import { tallyCounts } from './tally.js';

/** Which figures, of which units, as of when: `asOf` null = as they stand. */
export interface FiguresAsked extends RowQuery {
  /** With the amendments in force then. */
  readonly setting: Setting;
  /** Whether anything has been amended: kept figures may then be those of before. */
  readonly amended: boolean;
  /** Ids of counts, and `table.column` for targets. */
  readonly needed: readonly string[];
  /** Counts of which the figure of each insurance kind is asked for too, under `apartKey`. */
  readonly apart?: ReadonlySet<string>;
  /** Answered obligations as they were then; absent: as they stand. */
  readonly answered?: readonly AnsweredDuty[];
}

export interface FiguresFound {
  readonly tallies: UnitTallies;
  /** By table, the version whose targets were used. */
  readonly targetVersions: Readonly<Record<string, number>>;
}

type Sums = Record<UnitId, Record<string, number>>;
const NONE: ReadonlySet<string> = new Set();

/**
 * Figures per unit, each unit's own without those below it: the one way to them for milestones, for conditions and for reports. Present
 * figures that only a change of rows can change are read from `tallies`; all others, and all as of a day, are counted from their rows.
 */
export async function figuresAt(trx: Trx, asked: FiguresAsked): Promise<FiguresFound> {
  const { setting, needed, asOf, apart = NONE } = asked;
  const counts = needed.filter((name) => !name.includes('.'));
  const fresh = counts.filter((id) => asOf !== null || isVolatile(setting.definition, id, asked.amended));
  const { answered } = asked;
  const sums: Sums = {};
  const counted = await tallyCounts(trx, setting, { counts: fresh, apart, ...(answered ? { answered } : {}) }, asked);
  for (const [unit, values] of Object.entries(counted)) sums[unit as UnitId] = { ...values };
  const kept = counts.filter((id) => !fresh.includes(id));
  const keys = kept.flatMap((id) => [id, ...(apart.has(id) ? kindsOf(setting.definition).map((kind) => apartKey(id, kind)) : [])]);
  for (const { unit, count, value } of await keptTallies(trx, asked, keys)) (sums[unit] ??= {})[count] = value;
  const wholes = needed.filter((name) => name.includes('.'));
  return { targetVersions: await addWholes(trx, asked, wholes, asOf?.recordedBefore ?? null, sums), tallies: sums };
}

async function addWholes(
  trx: Trx,
  { setting, county, process, units }: FiguresAsked,
  wholes: readonly string[],
  before: Moment | null,
  sums: Sums,
): Promise<Readonly<Record<string, number>>> {
  const versions: Record<string, number> = {};
  for (const id of new Set(wholes.map((name) => name.split('.')[0] ?? ''))) {
    const table = setting.definition.tables[id];
    const found = table ? await targetsInForce(trx, county, process, table, before) : null;
    if (!found) continue;
    versions[found.table] = found.version;
    for (const { unit, values } of found.rows) {
      if (units !== null && !units.includes(unit)) continue;
      const own = (sums[unit] ??= {});
      for (const name of wholes) {
        const value = name.startsWith(`${id}.`) ? values[name.slice(id.length + 1)] : undefined;
        if (typeof value === 'number') own[name] = value;
      }
    }
  }
  return versions;
}
