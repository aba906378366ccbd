import { Environment } from '@marcbachmann/cel-js';
import { addDays, addMonths, daysBetween, monthOf, parseDate, parseMonth, addToMonth } from '../calendar/dates.js';
import type { LocalDate } from '../model/ids.js';
import { addFen, parseYuan, subtractFen, timesFen } from '../money/fen.js';
import { compareRate, percent, rate } from '../money/rate.js';
import { ageOn } from '../people/resident-id.js';
import { RuleError } from './errors.js';
import { DayValue, MoneyValue, PerHeadValue, RateValue } from './values.js';

const LIMITS = { maxAstNodes: 400, maxDepth: 24, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 8 };

let base: Environment | null = null;

/**
 * The types and functions that every expression has: Money, Rate, PerHead and LocalDate with their exact comparisons. No clock, no doubles,
 * no host functions. Each place gets its own copy with its variables.
 */
export function newEnvironment(): Environment {
  base ??= withFunctions(withDays(withRates(withMoney(new Environment({ limits: LIMITS })))));
  return base.clone();
}

const whole = (n: bigint): number => {
  if (n > BigInt(Number.MAX_SAFE_INTEGER) || n < -BigInt(Number.MAX_SAFE_INTEGER))
    throw new RuleError('expression-result', '数值超出可精确计算的范围', 'number beyond exact arithmetic');
  return Number(n);
};

function withMoney(env: Environment): Environment {
  env.registerType('Money', { ctor: MoneyValue, fields: {} });
  env.registerOperator('Money + Money: Money', (a: MoneyValue, b: MoneyValue) => new MoneyValue(addFen(a.fen, b.fen)));
  env.registerOperator('Money - Money: Money', (a: MoneyValue, b: MoneyValue) => new MoneyValue(subtractFen(a.fen, b.fen)));
  env.registerOperator('Money * int: Money', (a: MoneyValue, n: bigint) => new MoneyValue(timesFen(a.fen, whole(n))));
  env.registerOperator('int * Money: Money', (n: bigint, a: MoneyValue) => new MoneyValue(timesFen(a.fen, whole(n))));
  comparable<MoneyValue, MoneyValue>(env, 'Money', 'Money', (a, b) => a.fen - b.fen);
  env.registerFunction('yuan(string): Money', (text: string) => new MoneyValue(parseYuan(text)));
  return env;
}

function withRates(env: Environment): Environment {
  env.registerType('Rate', { ctor: RateValue, fields: {} });
  env.registerType('PerHead', { ctor: PerHeadValue, fields: {} });
  comparable<RateValue, RateValue>(env, 'Rate', 'Rate', (a, b) => compareRate(a.rate, b.rate));
  comparable<PerHeadValue, PerHeadValue>(env, 'PerHead', 'PerHead', (a, b) => compareRate(a.rate, b.rate));
  comparable<PerHeadValue, MoneyValue>(env, 'PerHead', 'Money', (a, b) => compareRate(a.rate, rate(b.fen, 1)));
  env.registerFunction('percent(string): Rate', (text: string) => new RateValue(percent(text)));
  return env;
}

function withDays(env: Environment): Environment {
  env.registerType('LocalDate', { ctor: DayValue, fields: {} });
  const known = ({ date }: DayValue): LocalDate => {
    if (date === null)
      throw new RuleError('expression-failed', '日期为空，请先与 null 比较', 'there is no such day: compare it with null first');
    return date;
  };
  for (const [op, holds] of ORDER)
    env.registerOperator(`LocalDate ${op} LocalDate`, (a: DayValue, b: DayValue) =>
      holds(known(a) < known(b) ? -1 : known(a) > known(b) ? 1 : 0),
    );
  env.registerOperator('LocalDate == LocalDate', (a: DayValue, b: DayValue) => a.date === b.date);
  env.registerOperator('LocalDate == null', (a: DayValue) => a.date === null);
  env.registerFunction('date(string): LocalDate', (text: string) => new DayValue(parseDate(text)));
  env.registerFunction('monthOf(LocalDate): string', (day: DayValue) => monthOf(known(day)));
  env.registerFunction('addMonths(LocalDate, int): LocalDate', (day: DayValue, n: bigint) => new DayValue(addMonths(known(day), whole(n))));
  env.registerFunction('addDays(LocalDate, int): LocalDate', (day: DayValue, n: bigint) => new DayValue(addDays(known(day), whole(n))));
  env.registerFunction('daysBetween(LocalDate, LocalDate): int', (a: DayValue, b: DayValue) => BigInt(daysBetween(known(a), known(b))));
  env.registerFunction('ageOn(LocalDate, LocalDate): int', (born: DayValue, day: DayValue) => BigInt(ageOn(known(born), known(day))));
  return env;
}

function withFunctions(env: Environment): Environment {
  // A period of a quarter or a year has no month before it: parseMonth refuses it by name.
  env.registerFunction('monthBefore(string): string', (month: string) => addToMonth(parseMonth(month), -1));
  return env;
}

/** What has not been given equals null; nothing else can be asked of it. */
export function withAbsent(env: Environment): void {
  for (const type of ['string', 'int', 'bool', 'Money', 'Rate']) env.registerOperator(`${type} == null`, (a: unknown) => a === null);
}

const ORDER: readonly (readonly [string, (order: number) => boolean])[] = [
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
];

function comparable<A, B>(env: Environment, left: string, right: string, compare: (a: A, b: B) => number): void {
  for (const [op, holds] of ORDER) env.registerOperator(`${left} ${op} ${right}`, (a: A, b: B) => holds(compare(a, b)));
  env.registerOperator(`${left} == ${right}`, (a: A, b: B) => compare(a, b) === 0);
}
