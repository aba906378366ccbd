import { addDays, addYears, dateFrom, daysInMonth, firstOfMonth, isDate, partsOf } from '../calendar/dates.js';
import type { Brand, LocalDate, Month } from '../model/ids.js';

/** 18 characters of a resident ID number (GB 11643), normalised: half-width digits, capital X. Made only by `checkResidentId`. */
export type ResidentId = Brand<string, 'ResidentId'>;

export type ResidentIdProblem = 'id-empty' | 'id-fifteen-digits' | 'id-length' | 'id-characters' | 'id-birthday' | 'id-checksum';
export type ResidentIdCheck =
  | { readonly ok: true; readonly id: ResidentId }
  | { readonly ok: false; readonly code: ResidentIdProblem; readonly zh: string; readonly en: string };

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK = '10X98765432';

/**
 * Checks length, characters, birthday and checksum. The first six digits are not looked up: people keep numbers of offices long
 * abolished. Blanks around it, full-width characters and a small x are accepted and normalised. The texts never repeat the number.
 */
export function checkResidentId(text: string): ResidentIdCheck {
  const id = normalise(text);
  if (id === '') return refused('id-empty', '没有身份证号码', 'no ID number');
  if (/^\d{15}$/.test(id))
    return refused('id-fifteen-digits', '15位旧号码，请换成18位公民身份号码', '15-digit number: convert it to the 18-digit one');
  if (id.length !== 18)
    return refused('id-length', `身份证号码应为18位，实为${id.length}位`, `an ID number has 18 characters, this has ${id.length}`);
  if (!/^\d{17}[\dX]$/.test(id))
    return refused('id-characters', '身份证号码只能是17位数字加一位数字或X', 'an ID number is 17 digits and a digit or X');
  const [year, month, day] = [Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14))];
  if (!isDate(`${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`) || year < 1850 || day > daysInMonth(year, month))
    return refused('id-birthday', '身份证号码中的出生日期不存在', 'the birthday in the ID number does not exist');
  if (checkCharacter(id) !== id.charAt(17))
    return refused('id-checksum', '身份证号码校验位不符，请核对', 'the check character of the ID number does not fit');
  return { ok: true, id: id as ResidentId };
}

/** The 18th character that belongs to 17 digits. */
export function checkCharacter(digits: string): string {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(digits.charAt(i)), 0);
  return CHECK.charAt(sum % 11);
}

export const birthdayOf = (id: ResidentId): LocalDate =>
  dateFrom(Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14)));

/** `371***********1234`: the first three and the last four characters. */
export const maskId = (id: string): string =>
  id.length < 8 ? '*'.repeat(id.length) : `${id.slice(0, 3)}${'*'.repeat(id.length - 7)}${id.slice(-4)}`;

/** Completed years on a day; negative before birth. Born on 02-29, a person turns the age on 02-28 in common years. */
export function ageOn(born: LocalDate, day: LocalDate): number {
  const years = partsOf(day).year - partsOf(born).year;
  return day >= addYears(born, years) ? years : years - 1;
}

/** Age that counts for a benefit month: completed years at the end of the month before. */
export const ageForMonth = (born: LocalDate, month: Month): number => ageOn(born, addDays(firstOfMonth(month), -1));

function normalise(text: string): string {
  return text
    .replace(/[\uFF01-\uFF5E]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .trim()
    .toUpperCase();
}

function refused(code: ResidentIdProblem, zh: string, en: string): ResidentIdCheck {
  return { ok: false, code, zh, en };
}

/** `340000**********1X`: area and the last two characters, by which a holder knows it. */
export const maskResidentId = (id: string): string => id.replace(/^(.{6}).*(.{2})$/, '$1**********$2');
