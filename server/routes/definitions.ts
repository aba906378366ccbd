import { z } from 'zod';
import { loadDefinition, type Problem as DefinitionProblem } from '../../definitions/schema/index.js';
import { findDefinition, listDefinitions, releaseDefinition } from '../../store/definitions.js';
import type { Db } from '../../store/connection.js';
import { openQuestions } from '../launch/questions.js';
import { bundledSource, readBundle, type Bundle } from '../launch/tables.js';
import { recordAudit } from '../http/audit.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { definitionId, elementId, value, version, yes } from '../http/shapes.js';

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
    kind: z.enum(['parameter', 'reading', 'table']),
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

const questions = route({
  method: 'post',
  path: '/definitions/{definition}/questions',
  tag: 'definitions',
  title: '启动前还须答复什么 What is still open before a launch',
  access: 'signedIn',
  effects: 'none',
  params,
  body: z
    .strictObject({
      version: version.optional(),
      parameters: z.record(elementId, value).default({}),
      readings: z.array(z.string().max(20)).max(500).default([]),
      tables: z.array(elementId).max(200).default([]),
    })
    .meta({ id: 'LaunchAnswers' }),
  reply: z.strictObject({ version: z.string(), questions: z.array(questionSchema) }).meta({ id: 'LaunchQuestions' }),
  status: 200,
  async handle({ params: { definition: id }, body, services }) {
    const { definition, bundle } = await released(services, services.store.db, id, body.version);
    const bundled = Object.values(definition.tables)
      .filter((table) => bundledSource(bundle, table) !== null)
      .map((table) => table.id);
    const open = openQuestions(definition, { parameters: body.parameters, readings: body.readings, tables: [...body.tables, ...bundled] });
    return { body: { version: definition.version, questions: open.map((q) => ({ ...q, for: [...q.for], clause: [...q.clause] })) } };
  },
});

export const definitionRoutes: readonly Route[] = [list, release, get, source, questions];
