/**
 * The chart of our own control ledger: what it proves is what was taken, handed in, has arrived, was refunded and recovered. The ministry's system
 * stays the book of individual accounts. A debit account holds money or a claim, a credit account says whose it is.
 */

/** What stands behind an account: whose it is. `suspense`: a case of money that breaks a rule; `batch`: a bank deduction batch. */
export type HolderKind = 'unit' | 'person' | 'suspense' | 'batch';

interface Account {
  readonly side: 'debit' | 'credit';
  /** null: there is one such account for each book and insurance. */
  readonly holder: HolderKind | null;
  readonly zh: string;
  readonly en: string;
}

export const LEDGER_ACCOUNTS = {
  cash: { side: 'debit', holder: 'unit', zh: '代收款（经办单位手中）', en: 'held by a collecting unit' },
  transit: { side: 'debit', holder: 'unit', zh: '已上缴未到账', en: 'handed in, on its way' },
  clearing: { side: 'debit', holder: 'batch', zh: '银行划扣清算', en: 'bank clearing of a deduction batch' },
  income: { side: 'debit', holder: null, zh: '收入户', en: 'income account' },
  expenditure: { side: 'debit', holder: null, zh: '支出户', en: 'expenditure account' },
  fiscal: { side: 'debit', holder: null, zh: '财政专户', en: 'fiscal special account' },
  recovery: { side: 'debit', holder: 'person', zh: '应追回款', en: 'recovery receivable' },
  received: { side: 'credit', holder: 'person', zh: '已代收未到账的个人缴费', en: 'taken from a person, not arrived' },
  contribution: { side: 'credit', holder: 'person', zh: '个人缴费', en: 'contribution of a person' },
  subsidy: { side: 'credit', holder: 'person', zh: '财政补贴', en: 'subsidy for a person' },
  suspense: { side: 'credit', holder: 'suspense', zh: '暂收款（待处理）', en: 'suspense' },
  refundPayable: { side: 'credit', holder: 'person', zh: '应退款', en: 'refund payable' },
} as const satisfies Readonly<Record<string, Account>>;

export type AccountId = keyof typeof LEDGER_ACCOUNTS;
export const ACCOUNT_IDS = Object.keys(LEDGER_ACCOUNTS) as readonly AccountId[];
/** Accounts of one person: what a participant's statement shows. */
export const PERSON_ACCOUNTS: readonly AccountId[] = ACCOUNT_IDS.filter((id) => LEDGER_ACCOUNTS[id].holder === 'person');

/**
 * Books are never mixed in one transaction, nor are insurance kinds (requirements S2-33, S2-35). What persons contribute, and its subsidies, is in the
 * book of personal accounts, also for an insurance that knows no personal accounts; benefits paid by the government are in the other.
 */
export const LEDGER_BOOKS = {
  personalAccount: { zh: '个人账户（个人缴费）', en: 'personal accounts (contributions)' },
  basicPension: { zh: '基础养老金', en: 'basic pension' },
} as const;
export type BookId = keyof typeof LEDGER_BOOKS;
export const BOOK_IDS = Object.keys(LEDGER_BOOKS) as readonly BookId[];

/** Holder of money whose unit nobody knows. */
export const NO_UNIT = '-';
