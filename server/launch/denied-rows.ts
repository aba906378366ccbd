import type { Table, Value } from '../../domain/model/definition.js';
import type { LocalDate, UnitId } from '../../domain/model/ids.js';
import type { Setting, TableRow } from '../../domain/model/setting.js';
import { RuleError } from '../../domain/rules/errors.js';
import { compileExpression } from '../../domain/rules/expressions.js';
import type { Fault } from '../http/problems.js';
import { unknownOutcomes } from './code-tables.js';

/** Rows that break the `deny` of their table, each with its number and the table's clause; codes of a bank that lead nowhere. */
export function deniedRows(
  setting: Setting,
  tables: Readonly<Record<string, readonly TableRow[]>>,
  root: UnitId,
  today: LocalDate,
): readonly Fault[] {
  const denials = Object.entries(tables).flatMap(([id, rows]) => {
    const table = setting.definition.tables[id];
    if (table === undefined || table.deny === null) return [];
    const rule = compileExpression(table.deny, { kind: 'table', table: id }, setting.definition);
    return rows.flatMap((row, index) => {
      const scope = { setting, unit: unitOf(setting, table, row) ?? root, today, row };
      try {
        return rule.evaluate(scope) === true ? [denied(table, index)] : [];
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        return [{ in: 'file', path: place(table, index), code: error.code, zh: error.zh, en: error.en } satisfies Fault];
      }
    });
  });
  return [...unknownOutcomes(setting.definition, tables), ...denials];
}

const place = (table: Table, index: number): string => `${table.id}[${index + 1}]`;

function denied(table: Table, index: number): Fault {
  const clause = table.clause.join('、');
  return {
    in: 'file',
    path: place(table, index),
    code: 'row-denied',
    zh: `第${index + 1}行不符合“${table.title || table.id}”的规则：${table.deny ?? ''}（依据${clause}）`,
    en: `row ${index + 1} breaks the rule of '${table.id}': ${table.deny ?? ''} (clause ${clause})`,
  };
}

/** The unit a row is about, where its first column names one. */
function unitOf(setting: Setting, table: Table, row: TableRow): UnitId | null {
  const name: Value | undefined = row[table.inputs[0]?.id ?? ''];
  return setting.units.find((unit) => unit.name === name && unit.to === null)?.id ?? null;
}
