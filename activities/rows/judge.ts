import type { DutyId, LocalDate } from '../../domain/model/ids.js';
import type { Turn } from '../../domain/process/rows.js';
import { frameOf } from '../../domain/process/index.js';
import { compileExpression } from '../../domain/rules/expressions.js';
import type { DueSeen } from '../../store/rows/dues.js';
import { columnsUsed, phaseOn } from '../measures/plan.js';

/** Rows alike in all that is asked are judged once; beyond so many kinds each is judged by itself. */
const MOST_KINDS = 50_000;

/** What the facts say of a person's due: owed about, discharged by the fact, or none of this duty's business. */
export type Stands = 'owed' | 'done' | 'none';

/** Judges dues for the duties about persons of one definition, under one turn and on one day. */
export class Judge {
  /** Columns that the duties' expressions name, for one query. */
  readonly columns: readonly string[];
  readonly #known = new Map<string, Stands>();
  readonly #perUnit: boolean;
  readonly #phase: string;
  readonly #turn: Turn;

  constructor(
    turn: Turn,
    private readonly today: LocalDate,
  ) {
    const { setting } = frameOf(turn.setting, turn.context.amendments);
    this.#turn = { ...turn, setting };
    const sources = Object.values(setting.definition.duties).flatMap(({ rows }) => (rows ? [rows.if, rows.doneIf] : []));
    const used = columnsUsed(setting.definition, 'dues', sources);
    // A case asks whether the money has arrived.
    const asked = new Set([...used.columns, ...(setting.definition.cases === undefined ? [] : ['arrived'])]);
    this.columns = [...asked].filter((id) => id !== 'phase').sort();
    this.#perUnit = used.perUnit;
    this.#phase = used.columns.has('phase') ? phaseOn(setting, today) : '';
  }

  stands(duty: DutyId, due: DueSeen): Stands {
    const key = `${duty} ${this.#perUnit ? due.unit : ''} ${JSON.stringify(due.row)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#judge(duty, due);
    if (this.#known.size < MOST_KINDS) this.#known.set(key, found);
    return found;
  }

  /** Whether all that is owed has arrived: the fact by which a case is settled. */
  arrived({ row }: DueSeen): boolean {
    return row['arrived'] === true;
  }

  #judge(duty: DutyId, { unit, row }: DueSeen): Stands {
    const { setting } = this.#turn;
    const rows = setting.definition.duties[duty]?.rows;
    if (!rows) return 'none';
    const scope = { setting, unit, today: this.today, row: { ...row, phase: this.#phase } };
    const holds = (source: string): boolean =>
      compileExpression(source, { kind: 'row', over: 'dues' }, setting.definition).evaluate(scope) === true;
    if (rows.if !== null && !holds(rows.if)) return 'none';
    return rows.doneIf !== null && holds(rows.doneIf) ? 'done' : 'owed';
  }
}
