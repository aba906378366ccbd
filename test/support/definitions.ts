import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadDefinition } from '../../definitions/schema/index.js';
import { stateCouncilCalendar } from '../../domain/calendar/data/state-council.js';
import type { Definition, Value } from '../../domain/model/definition.js';
import type { Digest, UnitId } from '../../domain/model/ids.js';
import type { Setting, TableRow, Unit } from '../../domain/model/setting.js';

const campaigns = join(dirname(fileURLToPath(import.meta.url)), '../../definitions/campaigns');

/** A definition file, loaded as a launch would load it; fails with the loader's own sentences. */
export function definitionOf(file: string, folder = campaigns): Definition {
  const loaded = loadDefinition(join(folder, file), (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null));
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => `${problem.line}:${problem.column} ${problem.en}`).join('\n'));
  return loaded.definition;
}

/** A committed campaign by its name. */
export const committedDefinition = (name: string): Definition => definitionOf(`${name}.yaml`);

/** A unit whose name is its id. */
export const unit = (id: string, level: string, parent: string | null, more: Partial<Unit> = {}): Unit => ({
  id: id as UnitId,
  level,
  parent: parent as UnitId | null,
  name: id,
  kind: null,
  from: null,
  to: null,
  successors: [],
  ...more,
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
    definitionDigest: 'd'.repeat(64) as Digest,
    year,
    parameters: Object.fromEntries(Object.entries(parameters).map(([id, value]) => [id, { value, perUnit: {} }])),
    tables,
    calendar: stateCouncilCalendar,
    units,
  };
}

/** The value, or a failure that names what the test expected to find. */
export function found<T>(value: T | null | undefined, what = 'a value'): T {
  if (value === undefined || value === null) throw new Error(`not there: ${what}`);
  return value;
}
