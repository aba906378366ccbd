import { compileExpression } from '../../../domain/rules/expressions.js';
import type { Table, Value } from '../../../domain/model/definition.js';
import { addTargets, type TargetRow } from '../../../store/payments/targets.js';
import { tableOf, type ImportWork, type KindOutcome } from '../context.js';
import { ImportRefusal, tellRowProblem, type RowProblem } from '../problem.js';
import { wrongTotal, type TableRecord } from '../table.js';
import { findUnit, MOST_LISTED, problem, textOf } from './lookup.js';

/**
 * A target table: one row for each unit, a new version each time it differs. It is taken whole or not at all, because shares are counted
 * over its sum: a bad row, a row that breaks the table's rule, a sum that differs from the total row or from the total that the definition
 * prints is refused.
 */
export async function importTargets(work: ImportWork): Promise<KindOutcome> {
  const { request, campaign } = work;
  const table = tableOf(work.definition, request.table);
  if (campaign === null) throw new ImportRefusal('unknown-process', '任务表须导入到某个活动', 'targets are imported into a campaign');
  const rows: TargetRow[] = [];
  const errors: RowProblem[] = [];
  const seen = new Set<string>();
  let read = 0;
  for await (const record of work.records) {
    read += 1;
    const made = targetRow(work, table, record);
    if ('problems' in made) errors.push(...made.problems);
    else if (seen.has(made.unit)) errors.push(problem(work, record, 'unit', 'twice-in-file', { unit: textOf(record, 'unit') ?? '' }));
    else {
      seen.add(made.unit);
      rows.push(made);
    }
  }
  const sums = work.finish();
  const [first] = errors;
  if (first) {
    const told = tellRowProblem(first);
    throw new ImportRefusal(
      'bad-rows',
      `任务表有${errors.length}处错误，整表不导入：${told.zh}`,
      `the target table has ${errors.length} mistakes and is refused whole: ${told.en}`,
      {
        problems: errors.length,
        rows: errors.slice(0, MOST_LISTED).map((each) => tellRowProblem(each).zh),
      },
    );
  }
  for (const [column, total] of Object.entries(table.totals)) {
    const sum = rows.reduce((added, { values }) => added + Number(values[column] ?? 0), 0);
    if (sum !== total)
      throw wrongTotal(
        work.heading(column) ?? column,
        { type: table.outputs.find(({ id }) => id === column)?.type === 'money' ? 'money' : 'count' },
        sum,
        total,
      );
  }
  const added = await addTargets(
    work.session.trx,
    {
      county: request.county,
      process: campaign.process,
      table: table.id,
      provisional: request.provisional ?? false,
      importId: work.importId,
      at: request.now,
    },
    rows,
  );
  return {
    read,
    kept: added.changed ? rows.length : 0,
    known: added.changed ? 0 : rows.length,
    bad: 0,
    sums,
    errors: [],
    detail: { kind: 'targets', table: table.id, version: added.version, changed: added.changed },
  };
}

function targetRow(work: ImportWork, table: Table, record: TableRecord): TargetRow | { readonly problems: readonly RowProblem[] } {
  if (record.problems.length > 0) return { problems: record.problems };
  const text = textOf(record, 'unit') ?? '';
  const found = findUnit(work.units, text);
  if ('problem' in found) return { problems: [problem(work, record, 'unit', found.problem, { unit: text })] };
  const values: Record<string, Value> = {};
  for (const { id } of table.outputs) {
    const value = record.values[id];
    if (value !== undefined) values[id] = value;
  }
  if (
    table.deny !== null &&
    work.campaign !== null &&
    breaks(work, table, found.unit.id, { ...values, [table.inputs[0]?.id ?? 'unit']: text })
  )
    return { problems: [problem(work, record, null, 'row-rule', { rule: table.deny, clause: table.clause.join('、') })] };
  return { unit: found.unit.id, values };
}

function breaks(work: ImportWork, table: Table, unit: TargetRow['unit'], row: Readonly<Record<string, Value>>): boolean {
  const setting = work.campaign?.setting;
  if (table.deny === null || !setting) return false;
  return (
    compileExpression(table.deny, { kind: 'table', table: table.id }, setting.definition).evaluate({
      setting,
      unit,
      today: work.today,
      row,
    }) === true
  );
}
