import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinition } from '../../definitions/schema/index.js';
import { stateCouncilCalendar } from '../../domain/calendar/data/state-council.js';
import type { Definition } from '../../domain/model/definition.js';
import type { Act, Actor } from '../../domain/model/event.js';
import type { Digest, ObligationId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Setting, Unit } from '../../domain/model/setting.js';
import { pathsOf } from '../../server/runtime/index.js';

export const COUNTY = 'k1';
export const ROOT = 'u1' as UnitId;
/** The size that is measured: 20 townships of 20 villages. */
export const COUNTY_SIZE = { towns: 20, villagesEach: 20 } as const;

export const definitionPath = (): string => join(pathsOf().root, 'bench', 'definitions', 'county.yaml');

/** The invented county's definition: two monthly duties of each village, one of each town. */
export function countyDefinition(): Definition {
  const loaded = loadDefinition(definitionPath(), (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null));
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => `${problem.line}:${problem.column} ${problem.en}`).join('\n'));
  return loaded.definition;
}

export const townId = (town: number): string => `t${town + 1}`;
export const villageId = (town: number, village: number): string => `v${town + 1}-${village + 1}`;

/** County, towns, villages, parents before their children. */
export function unitsOf({ towns, villagesEach }: { readonly towns: number; readonly villagesEach: number }): readonly Unit[] {
  const unit = (id: string, level: string, parent: string | null, name: string): Unit => ({
    id: id as UnitId,
    level,
    parent: parent as UnitId | null,
    name,
    kind: null,
    from: null,
    to: null,
    successors: [],
  });
  const below = Array.from({ length: towns }, (_, town) => [
    unit(townId(town), 'town', ROOT, `第${town + 1}镇`),
    ...Array.from({ length: villagesEach }, (__, village) =>
      unit(villageId(town, village), 'village', townId(town), `第${town + 1}镇第${village + 1}村`),
    ),
  ]);
  return [unit(ROOT, 'county', null, '测速县'), ...below.flat()];
}

export function countySetting(size: { readonly towns: number; readonly villagesEach: number }): Setting {
  const definition = countyDefinition();
  return {
    definition,
    definitionDigest: 'd'.repeat(64) as Digest,
    year: 2020,
    parameters: {},
    tables: {},
    calendar: stateCouncilCalendar,
    units: unitsOf(size),
  };
}

const holder = (user: string, role: string, unit: string): Actor => ({
  user: user as UserId,
  roles: [{ role, unit: unit as UnitId }],
  onBehalfOf: null,
});
export const leader: Actor = holder('p1', 'countyOffice', ROOT);
export const collectorOf = (village: string): Actor => holder(`p-${village}`, 'collector', village);
export const townOfficeOf = (town: string): Actor => holder(`p-${town}`, 'townOffice', town);

/** The act that discharges a monthly duty; `month`: `2020-05`. */
export const done = (duty: string, unit: string, month: string): Act => ({
  kind: 'done',
  obligation: `${duty}/${unit}@${month}` as ObligationId,
});
