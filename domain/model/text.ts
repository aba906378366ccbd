/** Halves of a character pair: JSON can carry them, a database's text cannot. */
const BROKEN_PAIR = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Whether a text can be stored as it is (no NUL, no broken character). What cannot must be refused before it enters a journal. */
export const isStorable = (text: string): boolean => !text.includes(String.fromCharCode(0)) && !BROKEN_PAIR.test(text);
