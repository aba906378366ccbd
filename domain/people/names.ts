/** `测**`: the first character alone, for lists that not everyone may read in full. */
export function maskName(name: string): string {
  const [first = '', ...rest] = name;
  return first + '*'.repeat(rest.length);
}
