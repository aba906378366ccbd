import { createUnit, lockTree, moveUnit, renameUnit, type UnitChange } from '../../../store/units/change.js';
import type { UnitRow } from '../../../store/units/read.js';
import { squeeze } from '../cell.js';
import type { ImportWork, KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import type { TableRecord } from '../table.js';
import { idByName, MOST_LISTED, problem, textOf } from './lookup.js';

interface Draft {
  readonly record: TableRecord;
  readonly name: string;
  readonly code: string | null;
  readonly parent: string | null;
  readonly level: string | null;
  readonly kind: string | null;
}

/**
 * A tree of units. The unit above is named by code or name, and may stand anywhere in the file or be there already; without one a unit hangs
 * under the campaign's root (or is a top). A unit is the same one by its code, else by its name under the same unit above: then it is renamed
 * or moved. Level: as printed, by id or title; else one below its unit above.
 */
export async function importUnits(work: ImportWork): Promise<KindOutcome> {
  const { trx } = work.session;
  const { county, actor } = work.request;
  await lockTree(trx, county);
  const errors: RowProblem[] = [];
  const drafts: Draft[] = [];
  let read = 0;
  for await (const record of work.records) {
    read += 1;
    const name = textOf(record, 'name');
    if (record.problems.length > 0 || name === null) errors.push(...record.problems);
    else
      drafts.push({
        record,
        name,
        code: textOf(record, 'code'),
        parent: textOf(record, 'parent'),
        level: textOf(record, 'level'),
        kind: textOf(record, 'kind'),
      });
  }
  const sums = work.finish();
  const change: UnitChange = { by: actor.user, on: work.today };
  const root = work.campaign === null ? null : (work.units.units.find(({ path }) => path === work.campaign?.rootPath) ?? null);
  const known = new Tree(work.units.units);
  const counts = { created: 0, renamed: 0, moved: 0, known: 0 };
  let waiting: readonly Draft[] = drafts;
  const seen = new Set<string>();
  while (waiting.length > 0) {
    const later: Draft[] = [];
    const names = new Set(waiting.flatMap(({ name, code }) => [squeeze(name), ...(code === null ? [] : [code])]));
    for (const draft of waiting) {
      const parent = draft.parent === null ? { unit: root } : known.find(draft.parent);
      if (parent === 'none' || parent === 'several') {
        // Its unit above stands further down in the file: next round.
        if (parent === 'none' && draft.parent !== null && names.has(squeeze(draft.parent)) && squeeze(draft.parent) !== squeeze(draft.name))
          later.push(draft);
        else
          errors.push(
            problem(work, draft.record, 'parent', parent === 'none' ? 'unknown-parent' : 'ambiguous-unit', { parent: draft.parent ?? '' }),
          );
        continue;
      }
      const level = levelOf(work, draft, parent.unit);
      if (level === null) {
        errors.push(problem(work, draft.record, 'level', 'unknown-level', { level: draft.level ?? '' }));
        continue;
      }
      const key = draft.code ?? `${parent.unit?.id ?? ''}/${squeeze(draft.name)}`;
      if (seen.has(key)) {
        errors.push(problem(work, draft.record, draft.code === null ? 'name' : 'code', 'twice-in-file'));
        continue;
      }
      seen.add(key);
      const same = (draft.code === null ? null : known.byCode(draft.code)) ?? known.child(parent.unit?.id ?? null, draft.name);
      if (!same) {
        known.put(
          await createUnit(
            trx,
            county,
            { level, parent: parent.unit, name: draft.name, code: draft.code, kind: draft.kind, from: null },
            change,
          ),
        );
        counts.created += 1;
        continue;
      }
      const changed = await adapt(work, same, draft, parent.unit, change, counts);
      if (changed) known.replace(changed);
      else counts.known += 1;
    }
    if (later.length === waiting.length) {
      errors.push(...later.map((draft) => problem(work, draft.record, 'parent', 'unit-circle', { parent: draft.parent ?? '' })));
      break;
    }
    waiting = later;
  }
  const badLines = new Set(errors.map(({ line }) => line)).size;
  return {
    read,
    kept: read - badLines - counts.known,
    known: counts.known,
    bad: badLines,
    sums,
    errors: errors.slice(0, MOST_LISTED),
    detail: { kind: 'units', created: counts.created, renamed: counts.renamed, moved: counts.moved },
  };
}

/** Renames or moves a unit that is there already; null when nothing differs. A code that the file leaves out is kept. */
async function adapt(
  work: ImportWork,
  same: UnitRow,
  draft: Draft,
  parent: UnitRow | null,
  change: UnitChange,
  counts: { renamed: number; moved: number },
): Promise<UnitRow | null> {
  const { trx } = work.session;
  const { county } = work.request;
  let unit: UnitRow | null = null;
  const code = draft.code ?? same.code;
  const kind = draft.kind ?? same.kind;
  if (same.name !== draft.name || same.code !== code || same.kind !== kind) {
    unit = await renameUnit(trx, county, same, same.version, { name: draft.name, code, kind }, change);
    counts.renamed += 1;
  }
  if (parent !== null && draft.parent !== null && same.parent !== parent.id && !parent.path.startsWith(same.path)) {
    unit = await moveUnit(trx, county, unit ?? same, parent, change);
    counts.moved += 1;
  }
  return unit;
}

function levelOf(work: ImportWork, draft: Draft, parent: UnitRow | null): string | null {
  const levels = work.definition?.levels;
  if (!levels) return draft.level;
  if (draft.level !== null) return idByName(levels, draft.level);
  const below = Object.values(levels).filter(({ under }) => under === (parent?.level ?? null));
  return below.length === 1 ? (below[0]?.id ?? null) : null;
}

/** Units by code, name and place, while the file adds to them. */
class Tree {
  readonly #units = new Map<string, UnitRow>();
  readonly #byName = new Map<string, Set<string>>();

  constructor(units: readonly UnitRow[]) {
    for (const unit of units) this.put(unit);
  }

  put(unit: UnitRow): void {
    this.#units.set(unit.id, unit);
    for (const key of [squeeze(unit.name), ...(unit.code === null ? [] : [unit.code])]) {
      const ids = this.#byName.get(key) ?? new Set();
      ids.add(unit.id);
      this.#byName.set(key, ids);
    }
  }

  replace(unit: UnitRow): void {
    const before = this.#units.get(unit.id);
    if (before) for (const key of [squeeze(before.name), before.code ?? '']) this.#byName.get(key)?.delete(unit.id);
    if (before && before.path !== unit.path)
      for (const other of this.#units.values())
        if (other.id !== unit.id && other.path.startsWith(before.path))
          this.#units.set(other.id, { ...other, path: unit.path + other.path.slice(before.path.length) });
    this.put(unit);
  }

  byCode(code: string): UnitRow | null {
    return [...this.#all(code)].find((unit) => unit.code === code) ?? null;
  }

  child(parent: string | null, name: string): UnitRow | null {
    return this.#all(squeeze(name)).find((unit) => unit.parent === parent && squeeze(unit.name) === squeeze(name)) ?? null;
  }

  /** By code first; by name when only one unit has it. */
  find(text: string): { readonly unit: UnitRow } | 'none' | 'several' {
    const coded = this.byCode(text);
    if (coded) return { unit: coded };
    const found = this.#all(squeeze(text));
    const [first] = found;
    return !first ? 'none' : found.length > 1 ? 'several' : { unit: first };
  }

  #all(key: string): readonly UnitRow[] {
    return [...(this.#byName.get(key) ?? [])].flatMap((id) => this.#units.get(id) ?? []);
  }
}
