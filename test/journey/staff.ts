import { importFile, peopleFile, type Person } from '../support/http.js';
import { newPassword, type Stage } from '../api/support/stage.js';
import type { As } from '../api/support/client.js';

/** People of a campaign by login, each signed in with a password of their own. */
export type Staff = (login: string) => As;

/** Imports people and their roles as an administrator would, and lets each of them sign in for the first time. */
export async function employ(on: Pick<Stage, 'admin' | 'nobody'>, definition: string, people: readonly Person[]): Promise<Staff> {
  const { errors, accounts } = await importFile(on.admin, { kind: 'people', definition, text: peopleFile(people) });
  if (errors.length > 0) throw new Error(`people: ${JSON.stringify(errors)}`);
  const signedIn = new Map<string, As>();
  for (const { login, firstPassword } of accounts) signedIn.set(login, await newPassword(on.nobody, login, firstPassword));
  return (login) => {
    const as = signedIn.get(login);
    if (as === undefined) throw new Error(`nobody is called ${login}`);
    return as;
  };
}

const AREA = '700077';
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** An invented resident's ID number: an area code that was never assigned, a valid checksum. */
export function inventedId(n: number): string {
  const digits = `${AREA}1970${String((n % 12) + 1).padStart(2, '0')}${String((n % 28) + 1).padStart(2, '0')}${String(n % 1000).padStart(3, '0')}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (WEIGHTS[at] ?? 0), 0);
  return `${digits}${'10X98765432'.charAt(sum % 11)}`;
}
