import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dateOfDayNumber, dayNumber, parseDate } from '../../../domain/calendar/dates.js';
import { ageOn, birthdayOf, checkCharacter, checkResidentId, maskId } from '../../../domain/people/resident-id.js';

/** Numbers here use area code 999999, which is assigned to nobody. */
const idFor = (born: string, order: string): string => {
  const digits = `999999${born.replaceAll('-', '')}${order}`;
  return digits + checkCharacter(digits);
};
const checked = (text: string) => {
  const result = checkResidentId(text);
  if (!result.ok) throw new Error(result.en);
  return result.id;
};

describe('resident ID numbers', () => {
  test('the check characters of the standard are computed', () => {
    expect(checkCharacter('11010519491231002')).toBe('X');
    expect(checkCharacter('44052418800101001')).toBe('4');
  });

  test('full-width digits and a small x are normalised', () => {
    expect(checkResidentId('11010519491231002x')).toEqual({ ok: true, id: '11010519491231002X' });
    expect(checkResidentId(' １１０１０５１９４９１２３１００２ｘ\u3000')).toEqual({ ok: true, id: '11010519491231002X' });
  });

  test.each([
    ['', 'id-empty'],
    ['110105491231002', 'id-fifteen-digits'],
    ['1101051949123100', 'id-length'],
    ['11010519491231002A', 'id-characters'],
    ['X1010519491231002X', 'id-characters'],
    ['110105194912310021', 'id-checksum'],
    ['110105194902300021', 'id-birthday'],
    ['110105194913010021', 'id-birthday'],
  ])('refuses %p as %s without repeating it', (text, code) => {
    const result = checkResidentId(text);
    expect(result).toMatchObject({ ok: false, code });
    expect(text !== '' && !result.ok && (result.zh.includes(text) || result.en.includes(text))).toBe(false);
  });

  test('a person of an abolished area is not refused', () => {
    expect(checkResidentId(idFor('1960-02-29', '123')).ok).toBe(true);
  });

  test('the birthday is read and the number masked', () => {
    const id = checked(idFor('1960-02-29', '123'));
    expect(birthdayOf(id)).toBe('1960-02-29');
    expect(maskId(id)).toBe(`999${'*'.repeat(11)}${id.slice(-4)}`);
    expect(maskId('1234567')).toBe('*******');
  });

  test('one wrong digit is always found', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: dayNumber(parseDate('1900-01-01')), max: dayNumber(parseDate('2020-12-31')) }).map(dateOfDayNumber),
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: 0, max: 16 }),
        fc.integer({ min: 1, max: 9 }),
        (born, order, place, shift) => {
          const id = idFor(born, String(order).padStart(3, '0'));
          expect(checkResidentId(id)).toEqual({ ok: true, id });
          const digit = String((Number(id.charAt(place)) + shift) % 10);
          expect(checkResidentId(id.slice(0, place) + digit + id.slice(place + 1)).ok).toBe(false);
        },
      ),
    );
  });
});

describe('age', () => {
  test.each([
    ['1960-05-10', '2020-05-09', 59],
    ['1960-05-10', '2020-05-10', 60],
    ['1960-02-29', '2021-02-27', 60],
    ['1960-02-29', '2021-02-28', 61],
    ['1960-02-29', '2020-02-28', 59],
    ['1960-02-29', '2020-02-29', 60],
    ['2020-05-10', '2020-05-09', -1],
  ])('born %s is on %s %i years old', (born, day, age) => {
    expect(ageOn(parseDate(born), parseDate(day))).toBe(age);
  });
});
