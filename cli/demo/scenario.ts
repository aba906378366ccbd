import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { EXIT, Failure } from '../failure.js';
import type { Village } from './payers.js';
import { scenarioShape, type Step } from './shapes.js';

/** A scenario whose steps follow one another and whose people are there. */
const scenarioSchema = scenarioShape.superRefine((scenario, context) => {
  let [at, paid] = [scenario.asOf, 0];
  for (const [index, next] of scenario.steps.entries()) {
    if (next.at <= at)
      context.addIssue({ code: 'custom', path: ['steps', index, 'at'], message: '应晚于上一步；must be later than the step before' });
    if ((next.paidInAll ?? paid) < paid)
      context.addIssue({ code: 'custom', path: ['steps', index, 'paidInAll'], message: '不得减少；must not fall' });
    for (const by of actorsOf(next))
      if (!scenario.users.some((user) => user.login === by))
        context.addIssue({ code: 'custom', path: ['steps', index], message: `没有演示用户 ${by}；no such demonstration user` });
    if (
      scenario.bank === undefined &&
      (next.round ?? next.answer ?? next.supplement ?? next.clear ?? next.refunds ?? next.deposits) !== undefined
    )
      context.addIssue({ code: 'custom', path: ['steps', index], message: '没有写明银行；no bank is told' });
    at = next.at;
    paid = next.paidInAll ?? paid;
  }
});

const actorsOf = (step: Step): readonly string[] => [
  ...(step.acts ?? []).map(({ by }) => by),
  ...(step.cases ?? []).flatMap(({ by }) => by),
  ...[step.enter, step.deposits].flatMap((one) => (one === undefined ? [] : [one.by])),
];

export type Scenario = z.infer<typeof scenarioSchema> & {
  /** Files named in the scenario lie beside it. */
  readonly path: (named: string) => string;
  readonly rows: readonly Village[];
};

/** Reads a scenario and the village table it names. Errors: `scenario-invalid`, naming each wrong place; `scenario-table`. */
export function readScenario(file: string): Scenario {
  const parsed = scenarioSchema.safeParse(parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 0 }));
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`).join('; ');
    throw new Failure(EXIT.refused, 'scenario-invalid', {
      zh: `演示文件有误：${places}`,
      en: `The demonstration file is wrong, see above.`,
    });
  }
  const path = (named: string): string => resolve(dirname(file), named);
  return { ...parsed.data, path, rows: readVillages(path(parsed.data.villages.file), parsed.data.villages.columns) };
}

function readVillages(
  file: string,
  columns: { readonly name: string; readonly payers: string; readonly yuan: string },
): readonly Village[] {
  const records = z.array(z.record(z.string(), z.string())).parse(parseCsv(readFileSync(file), { columns: true, bom: true }));
  return records.map((record, index) => {
    const [name, payers, yuan] = [record[columns.name], Number(record[columns.payers]), Number(record[columns.yuan])];
    if (name === undefined || !Number.isInteger(payers) || !Number.isInteger(yuan)) {
      throw new Failure(EXIT.refused, 'scenario-table', {
        zh: `${file} 第 ${index + 2} 行不可用。`,
        en: `Row ${index + 2} of ${file} cannot be used.`,
      });
    }
    return { name, payers, yuan };
  });
}
