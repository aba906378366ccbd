import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { EXIT, Failure } from '../failure.js';
import type { Village } from './payers.js';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const moment = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
const value = z.union([z.string(), z.number(), z.boolean()]);
const values = z.record(z.string(), value);
const place = z.strictObject({ level: z.string(), name: z.string().min(1) });
/** Where a role is held: at the top unit, the launching unit, each area or each village. */
const where = z.enum(['top', 'root', 'areas', 'villages']);
const login = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
const holder = z.strictObject({ login, name: z.string().min(1), at: where, roles: z.array(z.string()).min(1) });

const act = z.strictObject({
  duty: z.string(),
  by: login,
  /** So many units in all have done it then, in the order of the lot; absent: all. */
  unitsInAll: z.int().min(1).optional(),
  /** Only what is due by this day. */
  dueBy: day.optional(),
  items: z.array(z.string()).optional(),
  answer: values.optional(),
  nil: z.boolean().optional(),
  evidence: z.array(z.strictObject({ paper: z.string(), fields: values })).optional(),
});

const step = z.strictObject({ at: moment, paidInAll: z.int().min(0).optional(), acts: z.array(act).optional() });

/** The file that tells a demonstration: a definition, a tree of units, invented people, and dated steps (docs/adr/0070). */
const scenarioSchema = z
  .strictObject({
    definition: z.string(),
    year: z.int(),
    asOf: moment,
    seed: z.string(),
    top: place,
    root: place,
    areas: z.strictObject({ level: z.string(), names: z.array(z.string().min(1)).min(1) }),
    villages: z.strictObject({
      level: z.string(),
      file: z.string(),
      columns: z.strictObject({ name: z.string(), payers: z.string(), yuan: z.string() }),
    }),
    tables: z.record(z.string(), z.string()),
    parameters: values,
    invented: z.strictObject({ areaCode: z.string().regex(/^\d{6}$/), bornFrom: day, bornTo: day }),
    payments: z.strictObject({ insurance: z.string(), channel: z.string(), means: z.string() }),
    users: z.array(holder).min(1),
    /** Reads everything, changes nothing; given by the administrator, not by a file. */
    auditor: z.strictObject({ login, name: z.string().min(1) }).optional(),
    holders: z.array(holder),
    steps: z.array(step),
  })
  .superRefine((scenario, context) => {
    let [at, paid] = [scenario.asOf, 0];
    for (const [index, next] of scenario.steps.entries()) {
      if (next.at <= at)
        context.addIssue({ code: 'custom', path: ['steps', index, 'at'], message: '应晚于上一步；must be later than the step before' });
      if ((next.paidInAll ?? paid) < paid)
        context.addIssue({ code: 'custom', path: ['steps', index, 'paidInAll'], message: '不得减少；must not fall' });
      for (const each of next.acts ?? []) {
        if (!scenario.users.some((user) => user.login === each.by)) {
          context.addIssue({
            code: 'custom',
            path: ['steps', index, 'acts'],
            message: `没有演示用户 ${each.by}；no such demonstration user`,
          });
        }
      }
      at = next.at;
      paid = next.paidInAll ?? paid;
    }
  });

export type Where = z.infer<typeof where>;
export type Holder = z.infer<typeof holder>;
export type ScriptedAct = z.infer<typeof act>;
export type Step = z.infer<typeof step>;
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
