import { launchQuestions, type Given, type Question } from '../../definitions/schema/index.js';
import { stateCouncilCalendar } from '../../domain/calendar/data/state-council.js';
import { coveredYears } from '../../domain/calendar/working-days.js';
import type { Definition } from '../../domain/model/definition.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Calendar } from '../../domain/model/setting.js';
import type { Db } from '../../store/connection.js';
import { rolesHeldOn } from '../../store/users/holdings.js';
import { bundledSource, type Bundle } from './tables.js';

export interface Answers extends Pick<Given, 'parameters' | 'readings' | 'tables' | 'year'> {
  readonly today: LocalDate;
  readonly calendar?: Calendar;
}

/** What a launch asks, with what the engine knows beside the answers: who holds which role, which years have a calendar. */
export async function questionsAt(
  db: Db,
  county: string,
  { definition, bundle }: { readonly definition: Definition; readonly bundle: Bundle },
  answers: Answers,
): Promise<readonly Question[]> {
  const bundled = Object.values(definition.tables).filter((table) => bundledSource(bundle, table) !== null);
  return launchQuestions(definition, {
    ...answers,
    tables: [...answers.tables, ...bundled.map(({ id }) => id)],
    heldRoles: await rolesHeldOn(db, county, definition.id, answers.today),
    calendarYears: coveredYears(answers.calendar ?? stateCouncilCalendar),
  });
}

/** A question as it is published. */
export const showQuestion = (question: Question) => ({ ...question, for: [...question.for], clause: [...question.clause] });
