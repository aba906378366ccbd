import { InvalidArgumentError } from 'commander';

/** `300`, `1,234.5` or `300.50` yuan as whole fen. */
export function yuan(text: string): number {
  const found = /^(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,2}))?$/.exec(text);
  if (found?.[1] === undefined) throw new InvalidArgumentError('应为金额（元），如 300 或 300.50  expected yuan, 300 or 300.50');
  return Number(found[1].replaceAll(',', '')) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
}
