import type { LocalDate, RoleId, UnitId, UserId } from '../../domain/model/ids.js';
import { isHeldOn, type Holding } from '../../store/users/holdings.js';
import type { User } from '../../store/users/users.js';
import { inScope, normalScope, type Scope } from '../../store/scope.js';
import { notFound, Problem } from './problems.js';

/**
 * The signed-in user with its holdings. What it sees follows from where it holds a role *today*; in a campaign of a virtual world, from
 * where it holds one on that world's day.
 */
export class Caller {
  constructor(
    readonly user: User,
    readonly holdings: readonly Holding[],
    readonly today: LocalDate,
    /** Paths of the units at the top: what an auditor sees. */
    private readonly tops: Scope,
  ) {}

  get id(): UserId {
    return this.user.id;
  }

  heldOn(day: LocalDate): readonly Holding[] {
    return this.holdings.filter((holding) => isHeldOn(holding, day));
  }

  private holdsEngineRole(role: 'admin' | 'auditor'): boolean {
    return this.heldOn(this.today).some((holding) => holding.role === role);
  }

  get isAdmin(): boolean {
    return this.holdsEngineRole('admin');
  }

  get isAuditor(): boolean {
    return this.holdsEngineRole('auditor');
  }

  /** Over the whole county: an auditor, or an administrator of a top unit. */
  get overAll(): boolean {
    return this.isAuditor || this.administers.some((path) => path.split('/').length === 3);
  }

  /** Units below which this caller sees, on a day (default: today). An auditor sees all. */
  scope(day: LocalDate = this.today): Scope {
    return normalScope(this.isAuditor ? this.tops : this.heldOn(day).map((holding) => holding.unitPath));
  }

  /** Units below which this caller sees on some day or other: a virtual world may stand on any. */
  get scopeEver(): Scope {
    return normalScope(this.isAuditor ? this.tops : this.holdings.map((holding) => holding.unitPath));
  }

  sees(path: string, day: LocalDate = this.today): boolean {
    return inScope(this.scope(day), path);
  }

  /** Path prefixes that this caller administers. */
  get administers(): Scope {
    return this.heldOn(this.today)
      .filter((holding) => holding.role === 'admin')
      .map((holding) => holding.unitPath);
  }

  /** Refuses with `not-found` outside the caller's units, with `not-permitted` where it may read but not administer. */
  mustAdminister(path: string): void {
    if (!this.sees(path)) throw notFound();
    if (!inScope(this.administers, path)) throw new Problem('not-permitted');
  }

  /** Roles in a campaign on a day: what the core checks an act against. */
  rolesIn(definition: string, day: LocalDate): readonly { role: RoleId; unit: UnitId }[] {
    return this.heldOn(day)
      .filter((holding) => holding.definition === null || holding.definition === definition)
      .map(({ role, unit }) => ({ role, unit }));
  }

  /** True when the caller holds `role` at a unit on whose path `path` lies. */
  holds(role: RoleId, path: string, day: LocalDate, definition: string): boolean {
    return this.heldOn(day).some(
      (holding) =>
        holding.role === role && path.startsWith(holding.unitPath) && (holding.definition === null || holding.definition === definition),
    );
  }
}
