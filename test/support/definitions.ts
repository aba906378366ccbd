import { readFileSync } from 'node:fs';
import { loadDefinition } from '../../definitions/schema/index.js';
import { stateCouncilCalendar } from '../../domain/calendar/data/state-council.js';
import type { Definition, Value } from '../../domain/model/definition.js';
import type { Digest, LevelId, UnitId } from '../../domain/model/ids.js';
import type { Setting, TableRow, Unit } from '../../domain/model/setting.js';

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** A committed definition, resolved by the real loader; fails with the loader's own sentences. */
export function committedDefinition(name: string): Definition {
  const loaded = loadDefinition(`definitions/campaigns/${name}.yaml`, read, { released: {} });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ en }) => en).join('\n'));
  return loaded.definition;
}

export const unit = (id: string, level: LevelId, parent: string | null, name = id): Unit => ({
  id: id as UnitId,
  level,
  parent: parent as UnitId | null,
  name,
  kind: null,
  from: null,
  to: null,
  successors: [],
});

/** A setting of a definition with the published calendar; parameters and loaded tables as given. */
export function settingOf(
  definition: Definition,
  year: number,
  parameters: Readonly<Record<string, Value>> = {},
  tables: Readonly<Record<string, readonly TableRow[]>> = {},
  units: readonly Unit[] = [],
): Setting {
  return {
    definition,
    definitionDigest: '0'.repeat(64) as Digest,
    year,
    parameters: Object.fromEntries(Object.entries(parameters).map(([id, value]) => [id, { value, perUnit: {} }])),
    tables,
    calendar: stateCouncilCalendar,
    units,
  };
}

/** The value, or a failure that names what the test expected to find. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`not in the definition: ${what}`);
  return value;
}
