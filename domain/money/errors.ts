export type MoneyErrorCode = 'not-money' | 'not-a-rate' | 'money-too-large' | 'not-whole-fen' | 'no-whole';

/** An amount or rate that cannot be taken exactly. */
export class MoneyError extends Error {
  override readonly name = 'MoneyError';
  constructor(
    readonly code: MoneyErrorCode,
    readonly zh: string,
    readonly en: string,
    readonly params: Readonly<Record<string, string | number>> = {},
  ) {
    super(`${code}: ${en}`);
  }
}
