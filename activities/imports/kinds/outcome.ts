import { keepStagedProblems, stagedProblems } from '../../../store/imports/staged-problems.js';
import type { ImportWork, KindOutcome } from '../context.js';
import type { RowProblem } from '../problem.js';
import { MOST_LISTED } from './lookup.js';

/** What an import of staged rows comes to: its bad rows are kept with it; what is neither bad nor changed anything was known. */
export async function stagedOutcome(work: ImportWork, done: Pick<KindOutcome, 'read' | 'kept' | 'sums' | 'detail'>): Promise<KindOutcome> {
  const { trx } = work.session;
  const { bad, first } = await stagedProblems<RowProblem>(trx, MOST_LISTED);
  await keepStagedProblems(trx, work.request.county, work.importId);
  return { ...done, known: done.read - bad - done.kept, bad, errors: first };
}
