import type { Definition } from '../../../domain/model/definition.js';
import { isApart, kindsOf } from '../../../domain/rules/apart.js';
import { isRowSet, ROW_SETS } from '../../../domain/rules/columns.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import type { Path } from '../text/problem.js';

/**
 * What is shown must have something to show: no set of rows in a line of a unit, and for each insurance kind only what belongs to one (rows of
 * money do, a target table and the answers to a duty of all kinds do not).
 */
export function checkFigures(ledger: Ledger, definition: Definition): void {
  const { counts, duties, measures, reports } = definition;
  const kinds = kindsOf(definition).length > 0;
  const tell = (section: 'measures' | 'reports', id: string, path: Path, zh: string, en: string, expected: string): void => {
    const item = ledger.book.items[section].get(id);
    if (item) Reader.of(ledger, item).tell(path, { code: 'bad-value', zh, en, expected });
  };
  const undivided = (name: string): string | null => {
    if (name.includes('.')) return `表“${name.split('.')[0]}”`;
    const over = counts[name]?.over;
    return over === undefined || isRowSet(over) || duties[over]?.perInsurance !== false || duties[over].rows !== undefined
      ? null
      : `任务“${over}”`;
  };
  for (const { id, per, part, whole } of Object.values(measures)) {
    if (!kinds || per === null) continue;
    for (const [key, name] of Object.entries({ part, whole })) {
      const what = name === null ? null : undivided(name);
      if (what !== null)
        tell(
          'measures',
          id,
          [key],
          `“${name}”不分险种：${what}未按险种分开`,
          `'${name}' does not tell insurance kinds apart`,
          'per: [<level>, insurance]',
        );
    }
  }
  for (const report of Object.values(reports)) {
    if (report.per === 'person') continue;
    for (const [at, show] of report.shows.entries()) {
      if (ROW_SETS.some((set) => set === show))
        tell(
          'reports',
          report.id,
          ['shows', at],
          `“${show}”是行集，只能用于 per: person 的报表`,
          `'${show}' is a set of rows: only a report per person lists rows`,
          'measure | milestone | duty | count | paper',
        );
      const what = kinds && isApart(definition, report) && counts[show] !== undefined ? undivided(show) : null;
      if (what !== null)
        tell(
          'reports',
          report.id,
          ['shows', at],
          `“${show}”不分险种：${what}未按险种分开`,
          `'${show}' does not tell insurance kinds apart`,
          'per: [<level>, insurance]',
        );
    }
  }
}
