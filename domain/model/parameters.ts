import type { Value } from './definition.js';
import type { ParameterId, UnitId } from './ids.js';
import type { Setting, Unit } from './setting.js';

/** The unit and the units above it, nearest first; empty for an unknown unit. */
export function unitAndAbove(setting: Setting, unit: UnitId): readonly Unit[] {
  const line: Unit[] = [];
  let at = setting.units.find(({ id }) => id === unit);
  while (at && !line.includes(at)) {
    line.push(at);
    const { parent } = at;
    at = parent === null ? undefined : setting.units.find(({ id }) => id === parent);
  }
  return line;
}

/** The value a parameter has for a unit: its own, else that of the nearest unit above which set one, else the campaign's. null = unset. */
export function parameterValue(setting: Setting, id: ParameterId, unit: UnitId | null): Value | null {
  const set = setting.parameters[id];
  if (unit !== null && set && Object.keys(set.perUnit).length > 0) {
    for (const { id: at } of unitAndAbove(setting, unit)) {
      const own = set.perUnit[at];
      if (own !== undefined) return own;
    }
  }
  return set?.value ?? setting.definition.parameters[id]?.value ?? null;
}
