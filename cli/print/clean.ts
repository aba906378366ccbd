/** Control characters of data from elsewhere never reach the terminal: a name must not move the cursor or forge a line. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (found) => (found === '\n' || found === '\t' ? ' ' : ''));
}
