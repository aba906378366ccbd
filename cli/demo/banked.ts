import { fen } from '../../domain/money/fen.js';
import type { BankAccount } from '../../rehearsal/bank/bank.js';
import { areasOf, csv, type SentFile } from './files.js';
import type { Payer } from './payers.js';
import { Random } from './random.js';
import type { Scenario } from './scenario.js';
import type { ScriptedBank } from './shapes.js';

/** A payer with what the office and the bank hold of them: special group by its heading, account as it was opened. */
export interface Banked {
  readonly payer: Payer;
  readonly group: string | null;
  readonly opened: BankAccount;
}

/** No bank has numbers that begin so. */
const ACCOUNT_PREFIX = '900088';
const OTHER_NAME = '户名另有';
const FEN = 100;

/**
 * Who of the payers is of a special group and what account each has: by lot, the same for the same seed. Accounts that are told apart are those of persons who pay
 * themselves. Throws `RangeError` when the story names more persons than there are.
 */
export function inventBanked(scenario: Scenario, bank: ScriptedBank, payers: readonly Payer[], seed: string): readonly Banked[] {
  const lots = new Random(seed, 'accounts').shuffled(payers.map((_, at) => at));
  const marked = scenario.groups.flatMap(({ group, persons }) => Array.from({ length: persons }, () => group));
  const kinds = bank.accounts.flatMap(({ persons, ...kind }) => Array.from({ length: persons }, () => kind));
  if (marked.length + kinds.length > payers.length) throw new RangeError(`accounts: more than ${payers.length}`);
  const placeOf = new Map(lots.map((payer, place) => [payer, place]));
  return payers.map((payer, at) => {
    const place = placeOf.get(at) ?? at;
    const kind = kinds[place - marked.length];
    return {
      payer,
      group: marked[place] ?? null,
      opened: {
        account: `${ACCOUNT_PREFIX}${String(at + 1).padStart(13, '0')}`,
        name: kind?.holder === 'other' ? OTHER_NAME : payer.name,
        balance: fen(Math.max(0, (payer.yuan + (kind?.left ?? bank.left)) * FEN)),
        temper: kind?.temper ?? 'normal',
      },
    };
  });
}

/** Accounts as the bank tells them to the office, under the person's own name. */
export function accountsFile(scenario: Scenario, bank: ScriptedBank, people: readonly Banked[]): SentFile {
  const branchOf = new Map(
    areasOf(scenario).flatMap(({ villages }, at) => villages.map((village) => [village, scenario.branches?.names[at] ?? ''])),
  );
  return csv(
    'accounts.csv',
    ['身份证号码', '银行账号', '开户银行', '网点'],
    people.map(({ payer, opened }) => [payer.idNumber, opened.account, bank.title, branchOf.get(payer.village) ?? '']),
  );
}

/** The bank's list of what stands on the accounts on a day. `balanceOf`: fen. */
export function depositsFile(on: string, people: readonly Banked[], balanceOf: (account: string) => number): SentFile {
  return csv(
    `deposits-${on}.csv`,
    ['身份证号码', '预存金额', '截止日期'],
    people.flatMap(({ payer, opened }) => {
      const balance = balanceOf(opened.account);
      return balance > 0 ? [[payer.idNumber, (balance / FEN).toFixed(2), on]] : [];
    }),
  );
}

/** Persons of special groups: what an office certifies, and what a township enters. */
export function groupsFile(name: string, people: readonly Banked[]): SentFile {
  return csv(
    name,
    ['身份证号码', '身份类别'],
    people.flatMap(({ payer, group }) => (group === null ? [] : [[payer.idNumber, group]])),
  );
}
