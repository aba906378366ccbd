import type { Definition } from '../../../domain/model/definition.js';
import type { UnitIndex } from '../../../store/imports/unit-index.js';
import type { UnitRow } from '../../../store/units/read.js';
import { squeeze } from '../cell.js';
import type { RowProblem, RowProblemCode } from '../problem.js';
import type { ImportWork } from '../context.js';
import type { TableRecord } from '../table.js';

export const MOST_LISTED = 1_000;

export const problem = (
  work: ImportWork,
  record: TableRecord,
  field: string | null,
  code: RowProblemCode,
  params: RowProblem['params'] = {},
): RowProblem => ({
  line: record.line,
  column: field === null ? null : (work.heading(field) ?? field),
  code,
  params,
});

/** A cell's text, or null; texts of a record are strings by their field's type. */
export const textOf = (record: TableRecord, field: string): string | null => {
  const value = record.values[field];
  return value === undefined ? null : String(value);
};
export const numberOf = (record: TableRecord, field: string): number | null => {
  const value = record.values[field];
  return typeof value === 'number' ? value : null;
};

export type FoundUnit = { readonly unit: UnitRow } | { readonly problem: RowProblemCode };

export function findUnit(units: UnitIndex, text: string): FoundUnit {
  const found = units.find(text);
  if (found.kind === 'one') return { unit: found.unit };
  return { problem: found.kind === 'none' ? 'unknown-unit' : 'ambiguous-unit' };
}

/** The id of an element that a file names by id or by title. */
export function idByName(elements: Readonly<Record<string, { readonly id: string; readonly title: string }>>, text: string): string | null {
  const key = squeeze(text);
  return Object.values(elements).find(({ id, title }) => id === key || squeeze(title) === key)?.id ?? null;
}

const INSURANCE_NAMES: Readonly<Record<string, readonly string[]>> = {
  pension: ['养老', '养老保险', '居民养老', '城乡居民养老保险', '居民基本养老保险', '城乡居民基本养老保险'],
  medical: ['医疗', '医疗保险', '医保', '居民医保', '城乡居民医疗保险', '居民基本医疗保险', '城乡居民基本医疗保险'],
};

/** The insurance a file names; without a name the definition's only one; null when it is not one of the campaign's. */
export function insuranceOf(definition: Definition, text: string | null): string | null {
  if (text === null) return definition.insurance.length === 1 ? (definition.insurance[0] ?? null) : null;
  const key = squeeze(text);
  return definition.insurance.find((id) => id === key || (INSURANCE_NAMES[id]?.includes(key) ?? false)) ?? null;
}
