/**
 * Terminology of the core. A *unit* is an office or village of the tree; a *role* is held at units by persons; a *duty* is what
 * a definition says is owed; an *obligation* is one duty owed by one unit for one period; an *act* is what a person does; a
 * *rung* is one entry of a ladder; a *moment* is a local time in Asia/Shanghai. Ids are branded so that they cannot be mixed up.
 */
declare const brand: unique symbol;
export type Brand<T, B extends string> = T & { readonly [brand]: B };

/** `YYYY-MM-DD`, a day in Asia/Shanghai. Compares as a string. Made only by `parseDate` and the calendar. */
export type LocalDate = Brand<string, 'LocalDate'>;
/** `YYYY-MM`. */
export type Month = Brand<string, 'Month'>;
/** `YYYY-MM-DDTHH:MM:SS`, a local time in Asia/Shanghai. Compares as a string. */
export type Moment = Brand<string, 'Moment'>;
/** Money as a whole number of fen (1 yuan = 100 fen). */
export type Fen = Brand<number, 'Fen'>;

/** Surrogate of a unit (`u17`): never its name, never its division code. */
export type UnitId = Brand<string, 'UnitId'>;
/** Surrogate of a process (`c3` a campaign). */
export type ProcessId = Brand<string, 'ProcessId'>;
/** Surrogate of a user (`p12`), or `system` for what the engine does itself. */
export type UserId = Brand<string, 'UserId'>;
/** `duty/unit[/dimension][@period]`: says what is owed where and when; unique in its process. */
export type ObligationId = Brand<string, 'ObligationId'>;
/** hash(user, route, Idempotency-Key): the same act sent twice has one effect. */
export type ActId = Brand<string, 'ActId'>;
/** SHA-256 in hex. */
export type Digest = Brand<string, 'Digest'>;

/** Ids inside a definition (camelCase ASCII). They are checked by the loader, so they stay plain strings. */
export type RoleId = string;
export type LevelId = string;
export type DutyId = string;
export type PhaseId = string;
export type LadderId = string;
export type TextId = string;
export type TableId = string;
export type MeasureId = string;
export type MilestoneId = string;
export type ReportId = string;
export type PaperId = string;
export type ParameterId = string;
