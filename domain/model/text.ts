/** NUL and halves of a character pair: JSON can carry them, a database's text cannot. */
const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Whether a text can be stored as it is. What cannot must be refused before it enters a journal. */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text);
