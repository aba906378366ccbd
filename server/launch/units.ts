import type { Definition, Level, Table } from '../../domain/model/definition.js';
import type { LevelId, LocalDate, UserId } from '../../domain/model/ids.js';
import type { TableRow, Unit } from '../../domain/model/setting.js';
import type { Trx } from '../../store/connection.js';
import { createUnit } from '../../store/units/change.js';
import { subtree, unitById, unitsByIds, type UnitRow } from '../../store/units/read.js';
import type { UnitId } from '../../domain/model/ids.js';
import type { Fault } from '../http/problems.js';

export interface Planting {
  readonly trx: Trx;
  readonly county: string;
  readonly definition: Definition;
  readonly by: UserId;
  readonly on: LocalDate;
}

/** Finds a child by name, or makes it. */
async function findOrMake(planting: Planting, parent: UnitRow, level: LevelId, name: string, code: string | null): Promise<UnitRow> {
  const { trx, county, by, on } = planting;
  const found = (await subtree(trx, county, parent.path)).find(
    (unit) => unit.parent === parent.id && unit.level === level && unit.name === name && unit.to === null,
  );
  return found ?? createUnit(trx, county, { level, parent, name, code }, { by, on });
}

/** The launching unit of a chain of names below `top`, from the upper to the lower; what is missing is made. */
export async function plantChain(
  planting: Planting,
  top: UnitRow,
  chain: readonly { level: LevelId; name: string; code: string | null }[],
): Promise<UnitRow> {
  let at = top;
  for (const { level, name, code } of chain) at = await findOrMake(planting, at, level, name, code);
  return at;
}

/** The column that names the unit above: one called after, or typed as, a level above. */
function parentColumn(definition: Definition, level: Level, table: Table): { column: string; level: LevelId } | null {
  for (let above = level.under; above !== null; above = definition.levels[above]?.under ?? null) {
    const found = [...table.inputs.slice(1), ...table.outputs].find((column) => column.id === above || column.type === above);
    if (found !== undefined) return { column: found.id, level: above };
  }
  return null;
}

/**
 * Makes the units of levels with a table from its rows, upper levels first. A row's unit is its first input; `title`, where there is one, is its name and the
 * input its code. It hangs under the unit its parent column names, else under the only unit of the nearest level above that has one (so a village may hang under
 * the town itself). Units that are there already are kept.
 */
export async function plantLevels(
  planting: Planting,
  root: UnitRow,
  tables: Readonly<Record<string, readonly TableRow[]>>,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const levels = Object.values(planting.definition.levels).sort((a, b) => a.depth - b.depth);
  for (const level of levels) {
    const table = level.table === null ? undefined : planting.definition.tables[level.table];
    const rows = table === undefined ? undefined : tables[table.id];
    if (table === undefined || rows === undefined) continue;
    await plantLevel(planting, root, level, table, rows, faults);
  }
  return faults;
}

async function plantLevel(
  planting: Planting,
  root: UnitRow,
  level: Level,
  table: Table,
  rows: readonly TableRow[],
  faults: Fault[],
): Promise<void> {
  const { trx, county, definition, by, on } = planting;
  const here = (await subtree(trx, county, root.path)).filter((unit) => unit.to === null);
  const parents = parentColumn(definition, level, table);
  const key = table.inputs[0]?.id ?? 'unit';
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const fault = (code: string, zh: string, en: string): void =>
      void faults.push({ in: 'file', path: `${table.id}[${index + 1}]`, code, zh, en });
    const written = String(row[key] ?? '');
    const name = String(row['title'] ?? written);
    // A unit of the name anywhere below is the one: its place in the tree may have been set by hand since.
    const standing = here.find((unit) => unit.level === level.id && (unit.name === name || unit.code === written));
    const parent =
      standing === undefined
        ? parentOf(definition, level, here, root, parents === null ? null : row[parents.column], parents?.level ?? null)
        : (here.find((unit) => unit.id === standing.parent) ?? root);
    if (parent === null) {
      fault('unknown-parent', `“${name}”的上级单位不明`, `the unit above '${name}' is not known`);
      continue;
    }
    if (seen.has(`${parent.id}/${name}`)) fault('duplicate-unit', `“${name}”重复`, `'${name}' stands twice`);
    seen.add(`${parent.id}/${name}`);
    if (standing !== undefined) continue;
    here.push(await createUnit(trx, county, { level: level.id, parent, name, code: name === written ? null : written }, { by, on }));
  }
}

function parentOf(
  definition: Definition,
  level: Level,
  here: readonly UnitRow[],
  root: UnitRow,
  named: unknown,
  namedLevel: LevelId | null,
): UnitRow | null {
  if (namedLevel !== null && named !== undefined && named !== '') {
    const found = here.filter((unit) => unit.level === namedLevel && (unit.name === named || unit.code === named));
    return found.length === 1 ? (found[0] ?? null) : null;
  }
  for (let above = level.under; above !== null; above = definition.levels[above]?.under ?? null) {
    if (root.level === above) return root;
    const candidates = here.filter((unit) => unit.level === above);
    if (candidates.length === 1) return candidates[0] ?? null;
    if (candidates.length > 1) return null;
  }
  return null;
}

/**
 * Units as a run sees them: the launching unit, those above it and all below, as far as their level is one of the definition's; a unit
 * between that is not is passed over.
 */
export async function unitsOfRun(trx: Trx, county: string, definition: Definition, rootId: UnitId): Promise<readonly Unit[]> {
  const root = await unitById(trx, county, rootId);
  if (root === null) return [];
  const aboveIds = root.path.split('/').filter((part) => part !== '' && part !== root.id) as UnitId[];
  const all = [...(await unitsByIds(trx, county, aboveIds)), ...(await subtree(trx, county, root.path))].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  const known = new Map(all.filter((unit) => definition.levels[unit.level] !== undefined).map((unit) => [unit.id, unit]));
  const parents = new Map(all.map((unit) => [unit.id, unit.parent]));
  const nearest = (from: UnitId | null): UnitId | null => {
    for (let at = from; at !== null; at = parents.get(at) ?? null) if (known.has(at)) return at;
    return null;
  };
  return [...known.values()].map(({ id, level, parent, name, kind, from, to, successors }) => ({
    id,
    level,
    parent: nearest(parent),
    name,
    kind,
    from,
    to,
    successors,
  }));
}
