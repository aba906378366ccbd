import { z } from 'zod';
import { tellRowProblem, type RowProblem } from '../../activities/imports/index.js';

/** A column's sum, compared with the file's total row. Money in fen. */
export const sumSchema = z
  .strictObject({
    field: z.string(),
    heading: z.string(),
    type: z.enum(['money', 'count']),
    sum: z.number(),
    total: z.number().nullable(),
    complete: z.boolean(),
  })
  .meta({ id: 'ImportSum' });

export const rowProblemSchema = z
  .strictObject({ line: z.int(), column: z.string().nullable(), code: z.string(), zh: z.string(), en: z.string() })
  .meta({ id: 'ImportRowProblem' });

export const showRowProblem = (problem: RowProblem): z.input<typeof rowProblemSchema> => ({
  line: problem.line,
  column: problem.column,
  code: problem.code,
  ...tellRowProblem(problem),
});
