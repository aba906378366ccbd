import { z } from 'zod';
import { loadDefinition, type Problem as DefinitionProblem } from '../../definitions/schema/index.js';
import { findDefinition, listDefinitions, releaseDefinition } from '../../store/definitions.js';
import type { Db } from '../../store/connection.js';
import { questionsAt, showQuestion } from '../launch/questions.js';
import { bundledSource, readBundle, type Bundle } from '../launch/tables.js';
import { recordAudit } from '../http/audit.js';
import type { Caller } from '../http/caller.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { definitionId, elementId, localDate, value, version, yes } from '../http/shapes.js';

const releasedSchema = z
  .strictObject({ id: z.string(), version: z.string(), digest: z.string(), title: z.string(), by: z.string() })
  .meta({ id: 'ReleasedDefinition' });

export const definitionProblemSchema = z
  .strictObject({
    code: z.string(),
    file: z.string(),
    line: z.int(),
    column: z.int(),
    path: z.string(),
    zh: z.string(),
    en: z.string(),
    expected: z.string().nullable(),
    guess: z.string().nullable(),
  })
  .meta({ id: 'DefinitionProblem' });

export const questionSchema = z
  .strictObject({
    kind: z.enum(['parameter', 'reading', 'table', 'role', 'calendar', 'phase', 'pastDue', 'conflict']),
    blocks: z.boolean().meta({ description: '未答复则不能启动 refused while it stands' }),
    id: z.string(),
    title: z.string(),
    type: z.string().nullable(),
    codes: z.record(z.string(), z.string()),
    for: z.array(z.string()),
    clause: z.array(z.string()),
    zh: z.string(),
    en: z.string(),
  })
  .meta({ id: 'LaunchQuestion' });

/** A released definition with its files. Error: `not-found`. */
export async function released(services: Services, db: Db, id: string, wanted: string | undefined) {
  const found = await findDefinition(db, services.county, id, wanted);
  if (found === null) throw notFound();
  return { ...found, bundle: readBundle(found.source) };
}

const list = route({
  method: 'get',
  path: '/definitions',
  tag: 'definitions',
  title: '已发布的定义 Released definitions',
  access: 'signedIn',
  reply: z.strictObject({ items: z.array(releasedSchema) }).meta({ id: 'ReleasedDefinitions' }),
  handle: async ({ services }) => ({ body: { items: await listDefinitions(services.store.db, services.county) } }),
});

const path = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?!\/)(?!.*\.\.)[^\\\0]+$/, '相对路径；a relative path');

const release = route({
  method: 'post',
  path: '/definitions',
  tag: 'definitions',
  title: '发布定义 Release a definition for good',
  about:
    'files 是文件路径到文本：主文件、它用到的部件、随附的表。所有错误一次列出；dryRun 只检查。files maps paths to texts: the campaign file, the parts it uses, the tables beside it. All mistakes are told at once; dryRun only checks.',
  access: 'admin',
  query: z.strictObject({ dryRun: yes.optional() }),
  body: z
    .strictObject({ file: path, files: z.record(path, z.string().max(1_000_000)) })
    .refine(({ file, files }) => files[file] !== undefined, { path: ['file'], message: 'files 中没有该文件；not among files' })
    .meta({ id: 'Release' }),
  reply: releasedSchema.extend({ released: z.boolean(), warnings: z.array(definitionProblemSchema) }).meta({ id: 'Release_Result' }),
  problems: ['definition-refused', 'definition-released'],
  async handle({ body, query, caller, services, trx }) {
    const bundle: Bundle = body;
    const loaded = loadDefinition(body.file, (wanted) => body.files[wanted] ?? byName(body.files, wanted));
    if (!loaded.ok) throw refused(loaded.problems, loaded.warnings);
    const { definition, digest } = loaded;
    const missing = Object.values(definition.tables).filter(
      (table) => table.load?.kind === 'file' && bundledSource(bundle, table) === null,
    );
    if (missing.length > 0) {
      throw new Problem('invalid-request', {
        errors: missing.map((table) => ({
          in: 'body',
          path: 'files',
          code: 'missing-key',
          zh: `缺少表“${table.id}”的文件 ${table.load?.kind === 'file' ? table.load.file : ''}`,
          en: `the file ${table.load?.kind === 'file' ? table.load.file : ''} of table '${table.id}' is missing`,
        })),
      });
    }
    const result = await releaseDefinition(trx, {
      county: services.county,
      definition,
      digest,
      source: JSON.stringify(bundle),
      by: caller.id,
    });
    if (result.released)
      await recordAudit(services, trx, caller.id, 'definition.released', `${definition.id}@${definition.version}`, { digest });
    const shown = { id: definition.id, version: definition.version, digest, title: definition.title, by: caller.id };
    return { body: { ...shown, released: result.released, warnings: [...loaded.warnings] }, undo: query.dryRun === true };
  },
});

/** A file sent under its bare name is found wherever the definition looks for it. */
function byName(files: Readonly<Record<string, string>>, wanted: string): string | null {
  const name = wanted.slice(wanted.lastIndexOf('/') + 1);
  return files[name] ?? null;
}

const refused = (problems: readonly DefinitionProblem[], warnings: readonly DefinitionProblem[]): Problem =>
  new Problem('definition-refused', {
    zh: `共 ${problems.length} 处错误`,
    en: `${problems.length} mistakes`,
    members: { problems, warnings },
  });

const params = z.strictObject({ definition: definitionId });

const get = route({
  method: 'get',
  path: '/definitions/{definition}',
  tag: 'definitions',
  title: '一个定义的内容 A definition, resolved',
  access: 'signedIn',
  params,
  query: z.strictObject({ version: version.optional() }),
  reply: z
    .strictObject({ digest: z.string(), definition: z.looseObject({ id: z.string(), version: z.string(), title: z.string() }) })
    .meta({ id: 'DefinitionDocument' }),
  async handle({ params: { definition: id }, query, services }) {
    const found = await released(services, services.store.db, id, query.version);
    return { body: { digest: found.digest, definition: { ...found.definition } } };
  },
});

const source = route({
  method: 'get',
  path: '/definitions/{definition}/source',
  tag: 'definitions',
  title: '定义的原文件 The files as they were written',
  access: 'signedIn',
  params,
  query: z.strictObject({ version: version.optional() }),
  reply: z.strictObject({ file: z.string(), files: z.record(z.string(), z.string()) }).meta({ id: 'DefinitionSource' }),
  async handle({ params: { definition: id }, query, services }) {
    const { bundle } = await released(services, services.store.db, id, query.version);
    return { body: { file: bundle.file, files: { ...bundle.files } } };
  },
});

const launchDay = z
  .strictObject({
    version: version.optional(),
    year: z.coerce.number().int().min(1990).max(2100).optional().meta({ description: '默认为定义生效的年度 default: the year it begins' }),
    asOf: localDate.optional().meta({ description: '启动日，默认今天 day of the launch, default today' }),
  })
  .meta({ id: 'LaunchDay' });
const openSchema = z.strictObject({ version: z.string(), questions: z.array(questionSchema) }).meta({ id: 'LaunchQuestions' });

interface Asked extends z.output<typeof launchDay> {
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly readings: readonly string[];
  readonly tables: readonly string[];
}

async function openAt(services: Services, caller: Caller, id: string, asked: Asked): Promise<z.input<typeof openSchema>> {
  const { db } = services.store;
  const found = await released(services, db, id, asked.version);
  const { definition } = found;
  const open = await questionsAt(db, services.county, found, {
    parameters: asked.parameters,
    readings: asked.readings,
    tables: asked.tables,
    year: asked.year ?? Number(definition.from.slice(0, 4)),
    today: asked.asOf ?? caller.today,
  });
  return { version: definition.version, questions: open.map(showQuestion) };
}

const ABOUT =
  'blocks 为真的须答复后才能启动，其余为提示：无人担任的角色、没有放假安排的年度、待发的阶段、已过期限的事项。Those that block must be answered; the others tell: roles without a holder, years without a calendar, phases still to come, dues already past.';

const questions = route({
  method: 'get',
  path: '/definitions/{definition}/questions',
  tag: 'definitions',
  title: '启动时要答复什么 What a launch asks',
  about: ABOUT,
  access: 'signedIn',
  params,
  query: launchDay,
  reply: openSchema,
  handle: async ({ params: { definition: id }, query, caller, services }) => ({
    body: await openAt(services, caller, id, { ...query, parameters: {}, readings: [], tables: [] }),
  }),
});

const left = route({
  method: 'post',
  path: '/definitions/{definition}/questions',
  tag: 'definitions',
  title: '有了这些答复，启动前还须答复什么 What is still open with these answers',
  about: ABOUT,
  access: 'signedIn',
  effects: 'none',
  params,
  body: launchDay
    .extend({
      parameters: z.record(elementId, value).default({}),
      readings: z.array(z.string().max(20)).max(500).default([]),
      tables: z.array(elementId).max(200).default([]),
    })
    .meta({ id: 'LaunchAnswers' }),
  reply: openSchema,
  status: 200,
  handle: async ({ params: { definition: id }, body, caller, services }) => ({ body: await openAt(services, caller, id, body) }),
});

export const definitionRoutes: readonly Route[] = [list, release, get, source, questions, left];
