import { ageOn } from '../../../domain/people/resident-id.js';
import type { LocalDate, UnitId } from '../../../domain/model/ids.js';
import { ACTIVITY_ROWS, ROW_COLUMNS } from '../../../domain/rules/columns.js';
import { checkRules } from '../../../domain/rules/check-rules.js';
import type { Row, RowValue } from '../../../domain/rules/values.js';
import { blankRow } from '../../measures/tally.js';
import { columnsUsed } from '../../measures/plan.js';
import { requireCampaign, type ImportWork } from '../context.js';

/** The rules that guard an activity, asked once for each combination of the columns they use. */
export class RowGuard {
  readonly #columns: readonly string[];
  readonly #known = new Map<string, string | null>();
  readonly #none: boolean;

  constructor(
    readonly work: Pick<ImportWork, 'campaign' | 'today'>,
    readonly activity: string,
  ) {
    const { definition } = requireCampaign(work.campaign).setting;
    const rules = Object.values(definition.rules).filter((rule) => rule.guards === activity && rule.deny !== null);
    const over = ACTIVITY_ROWS[activity];
    this.#none = rules.length === 0 || over === undefined;
    this.#columns =
      over === undefined
        ? []
        : [
            ...columnsUsed(
              definition,
              over,
              rules.map(({ deny }) => deny),
            ).columns,
          ];
  }

  /** Title of the first rule that the row breaks; null when it may pass. Columns nobody filled in are empty. */
  brokenBy(unit: UnitId, given: Readonly<Record<string, RowValue>>): string | null {
    const over = ACTIVITY_ROWS[this.activity];
    if (this.#none || over === undefined) return null;
    const { today } = this.work;
    const born = given['born'];
    const withAge: Record<string, RowValue> = { ...given, unit };
    if ('age' in ROW_COLUMNS[over] && typeof born === 'string') withAge['age'] = ageOn(born as LocalDate, today);
    const key = JSON.stringify([unit, ...this.#columns.map((id) => withAge[id] ?? null)]);
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const row: Row = blankRow(over, withAge);
    const { setting } = requireCampaign(this.work.campaign);
    const [hit] = checkRules(this.activity, { setting, unit, today, row }).denied;
    if (this.#known.size < 50_000) this.#known.set(key, hit?.title ?? null);
    return hit?.title ?? null;
  }
}
