import type { Definition } from '../../../domain/model/definition.js';
import type { Ledger } from '../resolve/reader.js';

/** All checks that need the whole definition. Gives it back with what only they can fill in. */
export function checkDefinition(ledger: Ledger, definition: Definition): Definition {
  void ledger;
  return definition;
}
