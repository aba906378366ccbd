import { dateOf } from '../calendar/dates.js';
import type { Anchor, DateExpr, Definition, Phase } from '../model/definition.js';
import type { LevelId, LocalDate, RoleId, UnitId } from '../model/ids.js';
import type { ParameterValue, Setting, Unit } from '../model/setting.js';
import type { Address, Amendment } from '../model/state.js';

/**
 * A setting made quick to ask: amendments laid over it, units as a tree. Derived, so it never enters state; the same setting and amendments
 * give the same frame object.
 */
export interface Frame {
  /** The setting with the amendments laid over it. */
  readonly setting: Setting;
  readonly definition: Definition;
  /** Duties and milestones on whose due day another date hangs (`due(x)`). */
  readonly namedByDue: ReadonlySet<string>;
  /** The setting as it was amended before a day: a turn of a rhythm keeps the interval with which it began. */
  readonly settingBefore: (day: LocalDate) => Setting;
  unit(id: UnitId): Unit | undefined;
  /** The unit itself and those above it, nearest first. */
  lineOf(id: UnitId): readonly UnitId[];
  /** The unit of a level at or above. */
  unitAt(id: UnitId, level: LevelId): UnitId | null;
  /** Whether `id` is `root` or lies under it. */
  within(id: UnitId, root: UnitId): boolean;
  /** Units of a level valid on a day, in the tree's order. */
  unitsOf(level: LevelId, on: LocalDate): readonly Unit[];
  /** The plain roles behind a role: itself, or those of its `oneOf`. */
  plainRoles(role: RoleId): readonly RoleId[];
  /** Where a role is addressed from a unit: its holders at that unit or at the nearest unit above that carries the role. */
  addresses(role: RoleId, unit: UnitId): readonly Address[];
}

const frames = new WeakMap<Setting, WeakMap<readonly Amendment[], Frame>>();

export function frameOf(setting: Setting, amendments: readonly Amendment[]): Frame {
  let known = frames.get(setting);
  if (!known) frames.set(setting, (known = new WeakMap()));
  let frame = known.get(amendments);
  if (!frame) known.set(amendments, (frame = buildFrame(setting, amendments)));
  return frame;
}

function buildFrame(launched: Setting, amendments: readonly Amendment[]): Frame {
  const setting = amended(launched, amendments);
  const { definition } = setting;
  const before: Setting[] = [];
  const units = new Map(setting.units.map((unit) => [unit.id, unit]));
  const lines = new Map<UnitId, readonly UnitId[]>();
  const byLevel = new Map<LevelId, Unit[]>();
  for (const unit of setting.units) {
    const line: UnitId[] = [];
    for (let at: Unit | undefined = unit; at && !line.includes(at.id); at = at.parent === null ? undefined : units.get(at.parent))
      line.push(at.id);
    lines.set(unit.id, line);
    const same = byLevel.get(unit.level);
    if (same) same.push(unit);
    else byLevel.set(unit.level, [unit]);
  }
  const lineOf = (id: UnitId): readonly UnitId[] => lines.get(id) ?? [id];
  const unitAt = (id: UnitId, level: LevelId): UnitId | null => lineOf(id).find((above) => units.get(above)?.level === level) ?? null;
  const plainRoles = (role: RoleId): readonly RoleId[] => {
    const found = definition.roles[role];
    return found && found.oneOf.length > 0 ? found.oneOf : [role];
  };
  return {
    setting,
    definition,
    namedByDue: new Set(
      [...Object.values(definition.duties), ...Object.values(definition.milestones)]
        .map(({ due }) => due)
        .concat(Object.values(definition.phases).flatMap(({ from, to }) => [from, to].filter((expr) => expr !== null)))
        .flatMap(({ anchor }) => dueIn(anchor)),
    ),
    settingBefore: (day) => {
      // Amendments are in the order of time.
      const made = amendments.filter(({ at }) => dateOf(at) < day).length;
      return made === amendments.length ? setting : (before[made] ??= amended(launched, amendments.slice(0, made)));
    },
    unit: (id) => units.get(id),
    lineOf,
    unitAt,
    within: (id, root) => lineOf(id).includes(root),
    unitsOf: (level, on) => (byLevel.get(level) ?? []).filter((unit) => isValid(unit, on)),
    plainRoles,
    addresses: (role, unit) =>
      plainRoles(role).flatMap((plain) => {
        const level = definition.roles[plain]?.per;
        const at = level === null || level === undefined ? null : unitAt(unit, level);
        return at === null ? [] : [{ role: plain, unit: at }];
      }),
  };
}

export const isValid = (unit: Unit, on: LocalDate): boolean =>
  (unit.from === null || unit.from <= on) && (unit.to === null || on <= unit.to);

function amended(setting: Setting, amendments: readonly Amendment[]): Setting {
  if (amendments.length === 0) return setting;
  const phases: Record<string, Phase> = { ...setting.definition.phases };
  const parameters: Record<string, ParameterValue> = { ...setting.parameters };
  for (const amendment of amendments) {
    switch (amendment.kind) {
      case 'phase': {
        const phase = phases[amendment.phase];
        if (phase)
          phases[amendment.phase] = {
            ...phase,
            from: amendment.from === null ? phase.from : fixed(amendment.from),
            to: amendment.to === null ? phase.to : fixed(amendment.to),
          };
        break;
      }
      case 'parameter': {
        const before = parameters[amendment.parameter];
        if (amendment.unit === null) parameters[amendment.parameter] = { value: amendment.value, perUnit: before?.perUnit ?? {} };
        else {
          const value = before?.value ?? setting.definition.parameters[amendment.parameter]?.value ?? null;
          if (value !== null)
            parameters[amendment.parameter] = { value, perUnit: { ...before?.perUnit, [amendment.unit]: amendment.value } };
        }
        break;
      }
      default: {
        const never: never = amendment;
        return never;
      }
    }
  }
  return { ...setting, parameters, definition: { ...setting.definition, phases } };
}

const dueIn = (anchor: Anchor): readonly string[] =>
  anchor.kind === 'nextMonth' ? dueIn(anchor.date) : anchor.kind === 'due' ? [anchor.of] : [];

const fixed = (date: LocalDate): DateExpr => ({ text: date, anchor: { kind: 'date', date }, distances: [], roll: 'none', outside: true });
