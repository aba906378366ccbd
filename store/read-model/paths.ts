import type { UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';

const known = new WeakMap<Setting, ReadonlyMap<UnitId, string>>();

/** Paths (`/u1/u4/`) of a setting's units. The store's own tree wins where it knows the unit: a setting may begin below the top. */
export function unitPaths(setting: Setting): (unit: UnitId) => string {
  let paths = known.get(setting);
  if (paths === undefined) known.set(setting, (paths = build(setting)));
  const found = paths;
  return (unit) => found.get(unit) ?? `/${unit}/`;
}

function build(setting: Setting): ReadonlyMap<UnitId, string> {
  const parents = new Map(setting.units.map((unit) => [unit.id, unit.parent]));
  const paths = new Map<UnitId, string>();
  for (const { id } of setting.units) {
    const line: UnitId[] = [];
    for (let at: UnitId | null = id; at !== null && !line.includes(at); at = parents.get(at) ?? null) line.unshift(at);
    paths.set(id, `/${line.join('/')}/`);
  }
  return paths;
}
