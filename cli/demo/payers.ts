import { dateOfDayNumber, dayNumber, parseDate } from '../../domain/calendar/dates.js';
import { checkCharacter } from '../../domain/people/resident-id.js';
import { inventedName } from './names.js';
import { Random } from './random.js';

/** One row of the printed table: a village, how many of it pay, and how much together (whole yuan). */
export interface Village {
  readonly name: string;
  readonly payers: number;
  readonly yuan: number;
}

/** An invented person. The ID number has a valid checksum and an area code that was never assigned. */
export interface Payer {
  readonly idNumber: string;
  readonly name: string;
  readonly village: string;
  readonly yuan: number;
}

/** Whom the generator may invent: six digits of an unassigned area, and the days of birth from first to last. */
export interface Invented {
  readonly areaCode: string;
  readonly bornFrom: string;
  readonly bornTo: string;
}

const SEXES = 10;

/**
 * As many payers as the table prints, village by village: the numbers and the yuan add up to it exactly. The same seed gives the same people.
 * Throws `RangeError` when a village's yuan are not its payers times one whole sum.
 */
export function inventPayers(villages: readonly Village[], invented: Invented, seed: string): readonly Payer[] {
  const first = dayNumber(parseDate(invented.bornFrom));
  const days = dayNumber(parseDate(invented.bornTo)) - first + 1;
  const random = new Random(seed, 'birthdays');
  const birthdays = random.shuffled(Array.from({ length: days }, (_, day) => first + day));
  const sexes = new Random(seed, 'sexes');
  const payers: Payer[] = [];
  for (const village of villages) {
    const yuan = village.payers === 0 ? 0 : village.yuan / village.payers;
    if (!Number.isInteger(yuan)) throw new RangeError(`${village.name}: ${village.yuan} / ${village.payers}`);
    for (let n = 0; n < village.payers; n += 1) {
      // Each round over the birthdays has serials of its own, so that no ID number comes twice.
      const round = Math.floor(payers.length / days);
      const born = birthdays[payers.length % days] ?? first;
      const serial = round * SEXES + sexes.below(SEXES);
      if (serial > 999) throw new RangeError(`payers: more than ${days * 100}`);
      const digits = `${invented.areaCode}${dateOfDayNumber(born).replaceAll('-', '')}${String(serial).padStart(3, '0')}`;
      payers.push({ idNumber: digits + checkCharacter(digits), name: inventedName(n), village: village.name, yuan });
    }
  }
  return payers;
}
