import type { Definition, Measure } from '../../../domain/model/definition.js';
import { ROW_SETS } from '../../../domain/rules/columns.js';
import { RuleError } from '../../../domain/rules/errors.js';
import { checkExpression, expressionType } from '../../../domain/rules/expressions.js';
import { figureTypes } from '../../../domain/rules/figure-types.js';
import { amountsOver } from '../../../domain/rules/place-environment.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import { guessWord } from '../text/guess.js';

/** Type-checks every expression where it stands, with the column of the mistake. */
export function checkExpressions(ledger: Ledger, definition: Definition): void {
  const circles = new Set<string>();
  for (const over of ROW_SETS) {
    try {
      amountsOver(definition, over);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      circles.add(over);
      const first = Object.values(definition.amounts).find(
        (amount) => amount.over === over && String(error.params['chain']).startsWith(`${amount.id} `),
      );
      const item = first === undefined ? undefined : ledger.book.items.amounts.get(first.id);
      if (item) Reader.of(ledger, item).tell(['value'], { code: 'bad-expression', zh: error.zh, en: error.en });
    }
  }
  for (const { reader, path, source, place, expected } of ledger.expressions) {
    if (place.kind === 'row' && circles.has(place.over)) continue;
    for (const issue of checkExpression(source, place, definition, expected)) {
      const known = issue.known ?? [];
      reader.tell(
        path,
        {
          code: 'bad-expression',
          zh: issue.zh,
          en: issue.en,
          expected: known.length > 0 ? known.join(', ') : expected.join(' | '),
          guess: issue.name === undefined ? null : guessWord(issue.name, known),
        },
        'value',
        issue.at,
      );
    }
  }
}

/** Fills in how each measure is printed, from the types of its figures; a written `show` that does not fit is told. */
export function showMeasures(ledger: Ledger, definition: Definition): Definition {
  const types = figureTypes(definition, (source, place) => expressionType(source, place, definition));
  const measures = Object.entries(definition.measures).map(([id, measure]): [string, Measure] => {
    const type = types[id];
    const fits: Measure['show'] = type === 'Rate' ? 'percent' : type === 'int' ? 'count' : 'yuan';
    const item = ledger.book.items.measures.get(id);
    const written = item?.written?.show;
    if (item && written !== undefined && written !== fits)
      Reader.of(ledger, item).tell(['show'], {
        code: 'bad-value',
        zh: `“${id}”不能印作${written}`,
        en: `'${id}' cannot be printed as ${written}`,
        expected: fits,
        guess: fits,
      });
    return [id, { ...measure, show: fits }];
  });
  return { ...definition, measures: Object.fromEntries(measures) };
}
