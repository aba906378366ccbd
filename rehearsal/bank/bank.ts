import { addFen, subtractFen, ZERO_FEN } from '../../domain/money/fen.js';
import type { Fen, LocalDate } from '../../domain/model/ids.js';

/**
 * How an account behaves. `unsure`: the bank does not know at first and says so later; `slow`: it reports a failure and takes the money afterwards;
 * `silent`: no answer until it is asked again; `twice`: it says that it took the money before.
 */
export const TEMPERS = ['normal', 'closed', 'frozen', 'deceased', 'unsure', 'slow', 'silent', 'twice'] as const;
export type Temper = (typeof TEMPERS)[number];

/** Why a line was answered as it was. `bare`: refused without a reason (an account that would fall to zero). */
export const REASONS = ['taken', 'short', 'account', 'deceased', 'name', 'bare', 'unsure', 'duplicate'] as const;
export type Reason = (typeof REASONS)[number];

export interface BankAccount {
  readonly account: string;
  readonly name: string;
  /** Fen, never below 0. */
  readonly balance: Fen;
  readonly temper: Temper;
}

/** A line of a request. */
export interface Wanted {
  readonly line: number;
  readonly account: string;
  readonly name: string;
  readonly amount: Fen;
}

/** What the bank said about a line last. null: nothing yet. `taken`: fen it took, at most once for a line whatever is asked again. */
export interface Answered extends Wanted {
  readonly batch: string;
  readonly reason: Reason | null;
  readonly taken: Fen;
  readonly on: LocalDate;
}

export interface BankRules {
  /** An account that would fall to zero is refused without a reason (requirement S1-38). */
  readonly keepsAccountsAboveZero: boolean;
}

/**
 * A small invented bank: takes what a request asks for, line by line, and remembers what it took. A line is a line of a batch: asked again, it is
 * answered as before and nothing is taken. The same debt in another batch is another line: whether it is asked for twice is the county's business.
 */
export class RehearsalBank {
  readonly #accounts = new Map<string, BankAccount>();
  readonly #answers = new Map<string, Map<number, Answered>>();

  constructor(
    accounts: Iterable<BankAccount>,
    answered: Iterable<Answered>,
    private readonly rules: BankRules,
  ) {
    for (const account of accounts) this.#accounts.set(account.account, account);
    for (const one of answered) this.#keep(one);
  }

  get accounts(): Iterable<BankAccount> {
    return this.#accounts.values();
  }
  *answered(): Generator<Answered> {
    for (const lines of this.#answers.values()) yield* lines.values();
  }
  batch(batch: string): readonly Answered[] {
    return [...(this.#answers.get(batch)?.values() ?? [])];
  }
  account(number: string): BankAccount | null {
    return this.#accounts.get(number) ?? null;
  }

  /** Opens an account, or changes one. Throws `RangeError` for a balance below 0. */
  put(account: BankAccount): void {
    if (account.balance < 0) throw new RangeError('a balance below 0');
    this.#accounts.set(account.account, account);
  }

  /** Takes a line in. `held`: a line that is kept for later (a partial return). */
  answer(batch: string, wanted: Wanted, on: LocalDate, held = false): Answered {
    const before = this.#answers.get(batch)?.get(wanted.line);
    if (before && (before.reason !== null || held)) return before;
    const temper = this.#accounts.get(wanted.account)?.temper;
    if (held || (temper === 'silent' && !before)) return this.#keep({ ...wanted, batch, reason: null, taken: ZERO_FEN, on });
    return this.#keep({ ...wanted, batch, ...this.#decide(wanted, before === undefined), on });
  }

  /**
   * What the bank has to add to a batch: lines not answered yet, what it was unsure of, and what it took after it had reported a failure. Asked again,
   * nothing is added.
   */
  supplement(batch: string, on: LocalDate): readonly Answered[] {
    const added: Answered[] = [];
    for (const before of this.batch(batch)) {
      const temper = this.#accounts.get(before.account)?.temper;
      const open = before.reason === null;
      const late = before.reason === 'short' && temper === 'slow';
      if (!open && !late && before.reason !== 'unsure') continue;
      const { reason, taken } = this.#decide(before, false);
      if (late && reason !== 'taken') continue;
      added.push(this.#keep({ ...before, reason, taken, on }));
    }
    return added;
  }

  #decide({ account: number, name, amount }: Wanted, first: boolean): { readonly reason: Reason; readonly taken: Fen } {
    const refused = (reason: Reason): { readonly reason: Reason; readonly taken: Fen } => ({ reason, taken: ZERO_FEN });
    const account = this.#accounts.get(number);
    if (!account || account.temper === 'closed' || account.temper === 'frozen') return refused('account');
    if (account.temper === 'deceased') return refused('deceased');
    if (account.name !== name) return refused('name');
    if (account.temper === 'twice') return refused('duplicate');
    if (first && account.temper === 'unsure') return refused('unsure');
    if (account.balance < amount || (first && account.temper === 'slow')) return refused('short');
    if (this.rules.keepsAccountsAboveZero && account.balance === amount) return refused('bare');
    this.#accounts.set(number, { ...account, balance: subtractFen(account.balance, amount) });
    return { reason: 'taken', taken: amount };
  }

  #keep(answered: Answered): Answered {
    let lines = this.#answers.get(answered.batch);
    if (!lines) this.#answers.set(answered.batch, (lines = new Map()));
    lines.set(answered.line, answered);
    return answered;
  }
}

export interface BankSums {
  readonly batch: string;
  readonly lines: number;
  readonly open: number;
  readonly taken: number;
  /** Fen. */
  readonly takenSum: Fen;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
}

/** The bank's own book by batch: what the county's ledger must agree with, to the fen. */
export function bankSums(answered: Iterable<Answered>): readonly BankSums[] {
  const sums = new Map<string, { batch: string; lines: number; open: number; taken: number; takenSum: Fen; reasons: Partial<Record<Reason, number>> }>(); // prettier-ignore
  for (const { batch, reason, taken } of answered) {
    const sum = sums.get(batch) ?? { batch, lines: 0, open: 0, taken: 0, takenSum: ZERO_FEN, reasons: {} };
    sum.lines += 1;
    if (reason === null) sum.open += 1;
    else sum.reasons[reason] = (sum.reasons[reason] ?? 0) + 1;
    if (taken > 0) sum.taken += 1;
    sum.takenSum = addFen(sum.takenSum, taken);
    sums.set(batch, sum);
  }
  return [...sums.values()];
}
