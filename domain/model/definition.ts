import type {
  DutyId,
  LadderId,
  LevelId,
  LocalDate,
  MeasureId,
  MilestoneId,
  PaperId,
  ParameterId,
  PhaseId,
  ReportId,
  RoleId,
  TableId,
  TextId,
} from './ids.js';
import type { CaseId, CaseType } from './case.js';
import type { Deduction, DeductionId } from './deduction.js';
import type { Format, FormatId } from './format.js';

/**
 * A *resolved* definition: what the loader makes of a campaign file and its parts. Defaults are explicit, references are checked,
 * dates and distances are parsed, CEL stays source text (compiled where it is used, never carried in state). Plain JSON: its digest
 * pins it for the life of a run.
 */
export interface Definition {
  readonly duban: 1;
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly from: LocalDate;
  /** Last day of validity; null = standing. */
  readonly to: LocalDate | null;
  readonly source: readonly string[];
  readonly insurance: readonly string[];
  /** The role that launches, imports and amends. */
  readonly leads: RoleId;
  readonly clause: readonly string[];
  /** Local time at which rungs fire, `HH:MM`. */
  readonly noticeTime: string;
  /** Resolved parts with the digest of their file and the clause under which they are used. */
  readonly parts: readonly { readonly id: string; readonly version: string; readonly digest: string; readonly clause: readonly string[] }[];
  readonly levels: Readonly<Record<LevelId, Level>>;
  readonly roles: Readonly<Record<RoleId, Role>>;
  readonly parameters: Readonly<Record<ParameterId, Parameter>>;
  readonly phases: Readonly<Record<PhaseId, Phase>>;
  readonly groups: Readonly<Record<string, Group>>;
  readonly tables: Readonly<Record<TableId, Table>>;
  readonly amounts: Readonly<Record<string, Amount>>;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly counts: Readonly<Record<string, Count>>;
  readonly measures: Readonly<Record<MeasureId, Measure>>;
  readonly milestones: Readonly<Record<MilestoneId, Milestone>>;
  readonly papers: Readonly<Record<PaperId, Paper>>;
  readonly duties: Readonly<Record<DutyId, Duty>>;
  readonly ladders: Readonly<Record<LadderId, Ladder>>;
  readonly texts: Readonly<Record<TextId, Text>>;
  readonly reports: Readonly<Record<ReportId, Report>>;
  readonly may: Readonly<Record<string, Grant>>;
  readonly forbid: Readonly<Record<string, Forbidden>>;
  readonly apart: Readonly<Record<string, Apart>>;
  /** Absent when there is none: what was released before formats came keeps its digest (docs/adr/0100). */
  readonly formats?: Readonly<Record<FormatId, Format>>;
  /** Absent when there is none, as `formats`. */
  readonly deductions?: Readonly<Record<DeductionId, Deduction>>;
  /** Absent when there is none, as `formats`. */
  readonly cases?: Readonly<Record<CaseId, CaseType>>;
}

/** What every element may carry. `readings` are A-numbers: not printed in the notice, our reading; the launch asks for a yes. */
export interface Element {
  readonly id: string;
  readonly title: string;
  readonly clause: readonly string[];
  readonly readings: readonly string[];
}

export interface Level extends Element {
  readonly under: LevelId | null;
  /** 0 = top. */
  readonly depth: number;
  /** The table whose rows are this level's units, loaded at launch. */
  readonly table: TableId | null;
}

export interface Role extends Element {
  /** Level at which it is held; null for a `oneOf` group of roles. */
  readonly per: LevelId | null;
  readonly oneOf: readonly RoleId[];
  /** At most so many holders at one unit; null = no limit. */
  readonly most: number | null;
  readonly evidence: readonly PaperId[];
}

/** Types of values in parameters, fields and table columns. */
export type ValueType =
  | 'text'
  | 'count'
  | 'money'
  | 'percent'
  | 'date'
  | 'month'
  | 'duration'
  | 'roll'
  | 'yesno'
  | 'code'
  | 'serial'
  | 'expiry'
  | 'result'
  | 'phase'
  | 'instalments';
/** A value as data: text, date, month, code and duration are strings; money is fen; count and percent (as a decimal string) are exact. */
export type Value = string | number | boolean;

export interface Parameter extends Element {
  readonly type: ValueType;
  /** Printed or read value; null = the county sets it (launch is refused while it is unset). Money in fen. */
  readonly value: Value | null;
  /** Units of this level may each set their own within `reach`. */
  readonly per: LevelId | null;
  readonly reach: string | null;
  readonly codes: Readonly<Record<string, string>>;
}

/** A whole distance: `+10d`, `-1m`, `+5wd`, `+$parameter`. */
export type Distance =
  | { readonly kind: 'fixed'; readonly n: number; readonly unit: 'd' | 'wd' | 'm' | 'y' }
  | { readonly kind: 'parameter'; readonly sign: 1 | -1; readonly parameter: ParameterId };

export type Anchor =
  | { readonly kind: 'date'; readonly date: LocalDate }
  /** `05-25`: in the campaign's year. */
  | { readonly kind: 'monthDay'; readonly month: number; readonly day: number }
  /** `02-end`. */
  | { readonly kind: 'monthEnd'; readonly month: number }
  | { readonly kind: 'start' | 'end'; readonly of: PhaseId | 'period' }
  /** `day(n)`: n-th day of the period's first month, cut to its length. */
  | { readonly kind: 'day'; readonly day: number | { readonly parameter: ParameterId } }
  | { readonly kind: 'due'; readonly of: string }
  | { readonly kind: 'done'; readonly of: DutyId }
  | { readonly kind: 'since' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'fact'; readonly field: string }
  | { readonly kind: 'birthday'; readonly years: number }
  | { readonly kind: 'nextMonth'; readonly date: Anchor }
  | { readonly kind: 'parameter'; readonly parameter: ParameterId };

/** A date as written: an anchor, then distances, then the roll (over days off). `outside` allows a date beyond the validity. */
export interface DateExpr {
  readonly text: string;
  readonly anchor: Anchor;
  readonly distances: readonly Distance[];
  readonly roll: 'none' | 'before' | 'after' | { readonly parameter: ParameterId };
  readonly outside: boolean;
}

export interface Phase extends Element {
  readonly from: DateExpr | null;
  readonly to: DateExpr | null;
  /** `runs: later`: another definition still to come, open at launch, attached by amendment. */
  readonly runs: string | null;
  readonly per: LevelId | null;
  /** Gates: acts of `during` this phase are refused for a unit until these duties are done for it. */
  readonly needs: readonly DutyId[];
}

export interface Group extends Element {
  readonly by: RoleId;
  readonly if: string | null;
  readonly due: DateExpr | null;
  readonly lateLoses: readonly string[];
}

export interface Column {
  readonly id: string;
  /** A value type, or a level id (a unit of that level), or a group id. */
  readonly type: ValueType | string;
  /** Column heading in the loaded file when it differs from the id. */
  readonly from: string | null;
}

/** One cell of a printed rule table. Money in fen. */
export type Cell =
  | { readonly kind: 'any' }
  | { readonly kind: 'oneOf'; readonly values: readonly Value[] }
  | { readonly kind: 'range'; readonly from: Value | null; readonly to: Value | null; readonly toOpen: boolean }
  | { readonly kind: 'parameter'; readonly parameter: ParameterId };

export type HitPolicy = { readonly kind: 'one' | 'first' | 'all' } | { readonly kind: 'highest'; readonly output: string };
export type Gap = { readonly kind: 'refuse' | 'person' } | { readonly kind: 'value'; readonly values: Readonly<Record<string, Value>> };

export interface Table extends Element {
  readonly inputs: readonly Column[];
  readonly outputs: readonly Column[];
  /** Printed rows: one cell per input, then one value (or parameter) per output. Empty when `load` is set. */
  readonly rows: readonly { readonly when: readonly Cell[]; readonly then: readonly (Value | { readonly parameter: ParameterId })[] }[];
  /** A file beside the definition with the digest of its text, or the role that supplies it at launch; null = printed rows. */
  readonly load:
    { readonly kind: 'file'; readonly file: string; readonly digest: string } | { readonly kind: 'role'; readonly role: RoleId } | null;
  readonly hit: HitPolicy;
  readonly else: Gap | null;
  readonly totals: Readonly<Record<string, number>>;
  readonly deny: string | null;
  readonly provisional: string | null;
}

/** Row sets a count, amount or rule can range over. */
export type RowSet = 'dues' | 'payments' | 'people' | 'identities' | 'recipients' | 'held' | 'attempts';

export interface Amount extends Element {
  readonly over: RowSet;
  readonly value: string;
}
export interface Rule extends Element {
  /** Guarded activity (enrol, roster, declare, pay, collect, remit ...) or a duty id. */
  readonly guards: string;
  /** Refuses before money moves; for money that has arrived it books to suspense. CEL, true = breaks the rule. */
  readonly deny: string | null;
  /** Accepts and flags. */
  readonly mark: string | null;
}
export interface Count extends Element {
  /** A row set, a duty whose answers are counted, or a kind of case (its id). */
  readonly over: RowSet | DutyId;
  readonly if: string | null;
  /** CEL giving money or count; null counts rows. */
  readonly value: string | null;
}
/** `part` / `whole`: ids of counts, or `table.column` of a target table. Without `whole` a plain count or sum. */
export interface Measure extends Element {
  readonly part: string;
  readonly whole: string | null;
  readonly per: 'insurance' | null;
  readonly show: 'percent' | 'yuan' | 'count';
}

export interface Milestone extends Element {
  readonly per: LevelId;
  readonly every: Rhythm | null;
  readonly due: DateExpr;
  /** CEL over measures, e.g. `paidRate >= 96%` as rewritten by the loader; null = `needs` alone. */
  readonly reach: string | null;
  readonly needs: readonly DutyId[];
  readonly strength: 'must' | 'strive';
  readonly grace: Distance;
  /** What an empty whole means. */
  readonly empty: 'met' | 'open';
  readonly met: readonly Response[];
  readonly missed: readonly Response[];
}

export interface Field {
  readonly id: string;
  readonly title: string;
  readonly type: ValueType;
  readonly codes: Readonly<Record<string, string>>;
  /** Of a case: each signer's own, kept with the signature and never compared; absent = all give the same. */
  readonly own?: true;
}
export interface Paper extends Element {
  readonly fields: readonly Field[];
}

export type Rhythm = { readonly kind: 'day' | 'month' | 'quarter' | 'year' } | { readonly kind: 'distance'; readonly distance: Distance };

export interface Duty extends Element {
  /** All of them jointly. */
  readonly owes: readonly RoleId[];
  readonly per: LevelId;
  readonly perInsurance: boolean;
  readonly during: PhaseId | null;
  readonly every: Rhythm | null;
  /** Event ids, e.g. `payment.collected`, `byMay25.missed`, `collection.opened`. */
  readonly after: readonly string[];
  /** `held`: one obligation stands open per unit, since its oldest held payment. */
  readonly over: 'held' | null;
  readonly due: DateExpr;
  /** CEL: due at `due` or at the end of the day on which it became true, whichever is first. */
  readonly dueIf: string | null;
  /** CEL over measures and counts: discharged by the fact itself. */
  readonly doneIf: string | null;
  readonly needs: readonly DutyId[];
  readonly wants: readonly DutyId[];
  readonly nil: 'explicit' | null;
  readonly fields: readonly Field[];
  readonly compare: readonly string[];
  readonly missed: readonly Response[];
  readonly items: Readonly<Record<string, string>>;
  readonly evidence: readonly PaperId[];
  readonly gives: readonly string[];
  readonly for: readonly RoleId[];
  readonly publish: Publish | null;
  /** Points: a table over milestones' results. */
  readonly table: TableId | null;
  readonly of: readonly MilestoneId[];
  readonly checker: RoleId | null;
  readonly ladder: LadderId;
  /** `per: due`: owed about each person, kept as rows; absent = an office's duty. `per` is then `due`. */
  readonly rows?: RowDuty;
  /** Holds the rounds of the deduction of the same id: a round is discharged by its request having been sent. Absent = no. */
  readonly rounds?: true;
}
/** Whom a duty is owed about: one obligation for each due of the year. Both are CEL over `row` of `dues`. */
export interface RowDuty {
  readonly over: 'dues';
  /** For whom it is owed; null = for everybody on the roster. */
  readonly if: string | null;
  /** The fact that discharges it; null = only an act does. */
  readonly doneIf: string | null;
}
export interface Publish {
  readonly over: RowSet;
  readonly if: string | null;
  readonly shows: readonly string[];
  readonly days: number | { readonly parameter: ParameterId };
}

/** Where a notice goes: `owner` = whoever owes, `person` = the subject, else roles. */
export type Recipient = 'owner' | 'person' | RoleId;
export type Response =
  | {
      readonly kind: 'tell';
      readonly to: readonly Recipient[];
      readonly text: TextId;
      readonly if: string | null;
      readonly confirm: RoleId | null;
      readonly mandatory: boolean;
    }
  | { readonly kind: 'flag'; readonly report: ReportId; readonly if: string | null; readonly confirm: RoleId | null }
  | AboutDue;
/** What a case (or the ladder of one) does about its due: it opens another case, or asks for a round of the deduction for it. */
export type AboutDue =
  | { readonly kind: 'open'; readonly case: CaseId; readonly if: string | null; readonly confirm: null }
  | { readonly kind: 'retry'; readonly deduction: DeductionId; readonly if: string | null; readonly confirm: null };
/** `at`: distance from the due date; `+1d` = the first day late. Ascending. */
export interface Rung {
  readonly at: Distance;
  readonly response: Response;
}
export interface Ladder extends Element {
  readonly rungs: readonly Rung[];
}
export interface Text extends Element {
  readonly say: { readonly zh: string; readonly en: string | null };
  readonly via: readonly ('inbox' | 'sms' | 'email' | 'webhook' | 'paper')[];
  readonly receive: Distance | null;
  readonly reply: Distance | null;
  readonly checker: RoleId | null;
}
export interface Report extends Element {
  readonly per: LevelId | 'person';
  readonly perInsurance: boolean;
  readonly shows: readonly string[];
  readonly for: readonly Recipient[];
}

export interface Grant extends Element {
  readonly by: readonly RoleId[];
  readonly of: readonly string[];
  readonly effect: 'newDate' | 'wait' | 'cover' | null;
  readonly evidence: readonly PaperId[];
  readonly most: number | null;
  readonly confirm: RoleId | null;
  readonly asks: readonly string[];
}
export interface Forbidden extends Element {
  readonly by: readonly RoleId[] | 'anyone';
  readonly of: readonly string[];
}
export interface Apart extends Element {
  readonly of: readonly string[];
}

/** Names used by other files so that a change of shape shows everywhere. */
export type SectionName =
  | 'levels'
  | 'roles'
  | 'parameters'
  | 'phases'
  | 'groups'
  | 'tables'
  | 'amounts'
  | 'rules'
  | 'counts'
  | 'measures'
  | 'milestones'
  | 'papers'
  | 'duties'
  | 'ladders'
  | 'texts'
  | 'reports'
  | 'may'
  | 'forbid'
  | 'apart'
  | 'formats'
  | 'deductions'
  | 'cases';
