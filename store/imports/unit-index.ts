import type { LocalDate } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { subtree, topPaths, type UnitRow } from '../units/read.js';

export type UnitMatch = { readonly kind: 'one'; readonly unit: UnitRow } | { readonly kind: 'none' } | { readonly kind: 'several' };

const SUFFIX = /(村民委员会|居民委员会|村委会|居委会|社区|村|居)$/;
const bare = (text: string): string => text.replace(/[\s\u3000]+/g, '');

/** The units below a path, found by surrogate, code, or name as offices write it (with or without 村, 社区 at its end). */
export class UnitIndex {
  readonly #byKey = new Map<string, UnitRow[]>();
  readonly #byShort = new Map<string, UnitRow[]>();
  readonly #byId = new Map<string, UnitRow>();

  constructor(readonly units: readonly UnitRow[]) {
    for (const unit of units) {
      this.#byId.set(unit.id, unit);
      put(this.#byKey, bare(unit.name), unit);
      if (unit.code !== null && unit.code !== '') put(this.#byKey, bare(unit.code), unit);
      put(this.#byShort, bare(unit.name).replace(SUFFIX, ''), unit);
    }
  }

  byId(id: string): UnitRow | undefined {
    return this.#byId.get(id);
  }

  /** Deepest level wins when a town and a village share a name; two of one level are `several`. */
  find(text: string): UnitMatch {
    const key = bare(text);
    const exact = this.#byKey.get(key);
    return exact ? choose(exact) : choose(this.#byShort.get(key.replace(SUFFIX, '')) ?? []);
  }
}

function put(map: Map<string, UnitRow[]>, key: string, unit: UnitRow): void {
  const list = map.get(key);
  if (!list) map.set(key, [unit]);
  else if (!list.includes(unit)) list.push(unit);
}

function choose(found: readonly UnitRow[]): UnitMatch {
  const [first] = found;
  if (!first) return { kind: 'none' };
  if (found.length === 1) return { kind: 'one', unit: first };
  const depth = (unit: UnitRow): number => unit.path.split('/').length;
  const deepest = Math.max(...found.map(depth));
  const [only, another] = found.filter((unit) => depth(unit) === deepest);
  return only && !another ? { kind: 'one', unit: only } : { kind: 'several' };
}

/** Units in force on a day at or below `path` (null: the whole county). */
export async function loadUnitIndex(db: Db, county: string, path: string | null, on: LocalDate): Promise<UnitIndex> {
  const units: UnitRow[] = [];
  for (const top of path === null ? await topPaths(db, county) : [path]) units.push(...(await subtree(db, county, top)));
  return new UnitIndex(units.filter(({ to }) => to === null || to >= on));
}
