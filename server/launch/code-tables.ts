import type { Definition } from '../../domain/model/definition.js';
import type { TableRow } from '../../domain/model/setting.js';
import type { Fault } from '../http/problems.js';

/** Rows of a bank's table of codes whose outcome no deduction knows: the return would be read and lead nowhere. */
export function unknownOutcomes(definition: Definition, tables: Readonly<Record<string, readonly TableRow[]>>): readonly Fault[] {
  return Object.values(definition.deductions ?? {}).flatMap((deduction) => {
    const codes = definition.formats?.[deduction.return]?.codes;
    const known = Object.keys(deduction.outcomes);
    return (codes ? (tables[codes] ?? []) : []).flatMap((row, index): Fault[] => {
      const outcome = String(row['outcome'] ?? '');
      if (known.includes(outcome)) return [];
      return [
        {
          in: 'file',
          path: `${codes}[${index + 1}]`,
          code: 'outcome-unknown',
          zh: `第${index + 1}行的结果“${outcome}”不在“${deduction.title}”的结果中：${known.join('、')}`,
          en: `row ${index + 1}: '${outcome}' is none of the outcomes of '${deduction.id}': ${known.join(', ')}`,
        },
      ];
    });
  });
}
