/**
 * Number of a passbook, a bank card or a social security card as one string of digits; null when it is none. Blanks and hyphens between groups of
 * digits mean nothing. Cards carry a check digit, passbooks do not and do not say which they are: so none is asked for.
 */
export function readAccountNumber(text: string): string | null {
  const digits = text.replace(/[\s\u3000-]+/g, '');
  return /^\d{8,32}$/.test(digits) ? digits : null;
}

/** `**** 5678`: the last four digits, by which a holder knows it. */
export const maskAccountNumber = (digits: string): string => `**** ${digits.slice(-4)}`;
