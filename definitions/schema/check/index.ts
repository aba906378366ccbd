import type { Definition } from '../../../domain/model/definition.js';
import type { Ledger } from '../resolve/reader.js';
import { checkCases } from './cases.js';
import { checkDates } from './dates.js';
import { checkDeductions } from './deductions.js';
import { checkExpressions, showMeasures } from './expressions.js';
import { checkApart, checkNeedsCircles, checkTables, checkUnused } from './graph.js';
import { checkFormats } from './formats.js';
import { checkFigures } from './kinds.js';
import { checkLadders } from './ladders.js';
import { checkRows } from './rows.js';
import { checkTexts } from './texts.js';

/** All checks that need the whole definition. Gives it back with what only they can fill in. */
export function checkDefinition(ledger: Ledger, definition: Definition): Definition {
  checkExpressions(ledger, definition);
  checkDates(ledger, definition);
  checkNeedsCircles(ledger, definition);
  checkLadders(ledger, definition);
  checkRows(ledger, definition);
  checkTables(ledger, definition);
  checkApart(ledger, definition);
  checkFigures(ledger, definition);
  checkFormats(ledger, definition);
  checkDeductions(ledger, definition);
  checkCases(ledger, definition);
  checkTexts(ledger, definition);
  checkUnused(ledger, definition);
  return showMeasures(ledger, definition);
}
