const STEMS = [...'甲乙丙丁戊己庚辛壬癸'];
const DIGITS = [...'零一二三四五六七八九'];

/** 1 to 9999 in Chinese: 一百零三, 一千一百一十. */
export function chineseNumber(n: number): string {
  if (!Number.isInteger(n) || n < 1 || n > 9999) throw new RangeError(`chineseNumber: ${n}`);
  const places = ['千', '百', '十', ''];
  const digits = String(n).padStart(4, '0');
  let text = '';
  let gap = false;
  for (const [place, unit] of places.entries()) {
    const digit = Number(digits.charAt(place));
    if (digit === 0) gap = text !== '';
    else {
      text += `${gap ? '零' : ''}${DIGITS[digit] ?? ''}${unit}`;
      gap = false;
    }
  }
  return text.startsWith('一十') ? text.slice(1) : text;
}

/** The n-th (from 0) invented name: 甲一, 乙一 ... 癸一, 甲二 ... 甲一百零三. Nobody is called so. */
export function inventedName(n: number): string {
  return `${STEMS[n % STEMS.length] ?? ''}${chineseNumber(Math.floor(n / STEMS.length) + 1)}`;
}
