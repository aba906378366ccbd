import { existsSync, readFileSync } from 'node:fs';
import { loadDefinition, printProblem } from '../../definitions/schema/index.js';
import type { Format } from '../../domain/model/format.js';
import type { Setting } from '../../domain/model/setting.js';
import { definitionOf, found } from '../support/definitions.js';
import { DEDUCTION, setting, shucheng } from './given.js';

/* Shucheng's deduction with other files: what a county writes in its definition. */

const SHUCHENG = 'definitions/campaigns/shucheng-2018.yaml';
/** Shucheng with the other shipped layout: one word of its part is another, as a county would write it. */
export function withFixedWidth(): Setting {
  const loaded = loadDefinition(SHUCHENG, (path) =>
    existsSync(path) ? readFileSync(path, 'utf8').replaceAll('bank-return-delimited', 'bank-return-fixed') : null,
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(printProblem).join('\n'));
  return shucheng(loaded.definition);
}

/** Shucheng with the files that were written from the reference documentation alone. */
export function withThirdFormat(): Setting {
  const third = definitionOf('third-format.yaml', 'test/definitions');
  const { definition } = setting;
  const pull = found(definition.deductions?.[DEDUCTION]);
  return {
    ...setting,
    definition: {
      ...definition,
      formats: third.formats ?? {},
      tables: { ...definition.tables, ...third.tables },
      parameters: { ...definition.parameters, ...third.parameters },
      deductions: { [DEDUCTION]: { ...pull, request: 'postRequest', return: 'postReturn' } },
    },
  };
}

/** The request written otherwise. */
export function withRequest(change: (request: Format) => Partial<Format>, own: Setting = setting): Setting {
  const { formats = {} } = own.definition;
  const request = found(formats['bankRequest']);
  return { ...own, definition: { ...own.definition, formats: { ...formats, bankRequest: { ...request, ...change(request) } } } };
}
