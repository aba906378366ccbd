import { z } from 'zod';
import {
  getProfile,
  IMPORT_KINDS,
  importProfileSchema,
  previewImport,
  readProfile,
  runImport,
  saveProfile,
  type ImportKind,
  type ImportProfile,
  type ImportSender,
  type ImportSource,
} from '../../activities/imports/index.js';
import type { Definition } from '../../domain/model/definition.js';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import { maskAccountNumber } from '../../domain/people/bank-account.js';
import { maskResidentId } from '../../domain/people/resident-id.js';
import { listProfiles } from '../../store/imports/profiles.js';
import { importById, importErrors, listImports, type ImportShown } from '../../store/lists/imports.js';
import { presentMoment } from '../http/auth.js';
import { operationId } from '../http/idempotency.js';
import { recordAudit } from '../http/audit.js';
import { mustLead, seeCampaign } from '../http/campaign.js';
import type { Caller } from '../http/caller.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Call, type Route } from '../http/route.js';
import { hashPassword, newPassword } from '../http/secrets.js';
import type { Services } from '../http/services.js';
import { definitionId, elementId, importId, line, processId } from '../http/shapes.js';
import { senderOf } from './import-rights.js';
import { rowProblemSchema, showRowProblem, sumSchema } from './import-shapes.js';
import { released } from './definitions.js';
import { refreshSettings } from '../launch/refresh.js';

const MAX_FILE = 200 * 1024 * 1024;
const FILE = [{ name: 'file', required: true, description: 'CSV（UTF-8 或 GB18030）或 XLSX' }] as const;

const about = z.strictObject({
  kind: z.enum(IMPORT_KINDS),
  campaign: processId.optional(),
  /** `units` and `people` before any campaign: whose levels and roles count. */
  definition: definitionId.optional(),
  table: elementId.optional(),
  depositsBy: z
    .enum(['bank', 'township'])
    .optional()
    .meta({ description: '存款由谁申报：银行名单或乡镇上报 Whose word on deposits: the bank’s list or a township’s report' }),
});

interface Target {
  readonly process: ProcessId | null;
  readonly definition: Definition | null;
  readonly now: Moment;
  readonly sender: ImportSender | null;
}

/** Into a campaign who leads it imports, or whose own files they are; before any campaign, an administrator of the whole county. */
async function targetOf(services: Services, caller: Caller, asked: z.output<typeof about>): Promise<Target> {
  if (asked.campaign !== undefined) {
    const seen = await seeCampaign(services, caller, asked.campaign);
    const sender = await senderOf(services, caller, seen, asked.kind, asked.depositsBy);
    const { setting } = await services.folds.of(asked.campaign);
    return { process: asked.campaign, definition: setting.definition, now: seen.now, sender };
  }
  if (!caller.overAll || !caller.isAdmin) throw new Problem('not-permitted');
  if (asked.kind !== 'units' && asked.kind !== 'people') {
    throw new Problem('invalid-request', {
      errors: [{ in: 'body', path: 'campaign', code: 'missing-key', zh: '须指明属于哪项工作', en: 'name the campaign' }],
    });
  }
  const definition =
    asked.definition === undefined ? null : (await released(services, services.store.db, asked.definition, undefined)).definition;
  return { process: null, definition, now: presentMoment(), sender: null };
}

const sourceOf = <P, Q, B>(call: Call<P, Q, B>): ImportSource => {
  const [file] = call.files;
  if (file === undefined) throw new Problem('upload-refused');
  return { name: file.name, path: file.path };
};

const preview = route({
  method: 'post',
  path: '/imports/preview',
  tag: 'data',
  title: '预览文件将如何读取 How a file would be read',
  access: 'signedIn',
  effects: 'none',
  files: { fields: FILE, maxBytes: MAX_FILE },
  body: about.meta({ id: 'ImportAbout' }),
  reply: z
    .strictObject({
      profile: importProfileSchema,
      format: z.string(),
      charset: z.string(),
      headerLine: z.int(),
      headings: z.array(z.strictObject({ heading: z.string(), field: z.string().nullable() })),
      missing: z.array(z.strictObject({ id: z.string(), names: z.array(z.string()) })),
      rows: z.array(z.strictObject({ line: z.int(), values: z.record(z.string(), z.union([z.string(), z.number()])) })),
      warnings: z.array(z.strictObject({ code: z.string(), zh: z.string(), en: z.string() })),
    })
    .meta({ id: 'ImportPreview' }),
  status: 200,
  problems: ['import-refused', 'not-permitted'],
  async handle(call) {
    const { kind, table } = call.body;
    const target = await targetOf(call.services, call.caller, call.body);
    const found = await previewImport(sourceOf(call), kind, {
      table: (table === undefined ? undefined : target.definition?.tables[table]) ?? null,
    });
    return {
      body: {
        profile: found.profile,
        format: found.facts.format,
        charset: found.facts.charset,
        headerLine: found.headerLine,
        headings: [...found.headings],
        missing: found.missing.map(({ id, names }) => ({ id, names: [...names] })),
        rows: found.sample.map(({ line: at, values }) => ({ line: at, values: masked(values) })),
        warnings: [...found.warnings],
      },
    };
  },
});

/** ID numbers and accounts are not shown in full. */
const MASKS: Readonly<Record<string, (text: string) => string>> = { idNumber: maskResidentId, account: maskAccountNumber };
const masked = (values: Readonly<Record<string, string | number>>): Record<string, string | number> =>
  Object.fromEntries(Object.entries(values).map(([field, cell]) => [field, MASKS[field]?.(String(cell)) ?? cell]));

const importSchema = z
  .strictObject({
    importId: z.string().nullable().meta({ description: '演练时为空 null for a dry run' }),
    kind: z.enum(IMPORT_KINDS),
    dryRun: z.boolean(),
    read: z.int(),
    kept: z.int(),
    known: z.int(),
    bad: z.int(),
    sums: z.array(sumSchema),
    errors: z.array(rowProblemSchema).meta({ description: '最多一千条，其余见 /imports/{import}/errors The first thousand' }),
    detail: z.looseObject({ kind: z.string() }),
    accounts: z
      .array(z.strictObject({ login: z.string(), name: z.string(), firstPassword: z.string() }))
      .meta({ description: '新账号的首个密码，只显示一次 First passwords, shown once' }),
  })
  .meta({ id: 'ImportResult' });

const run = route({
  method: 'post',
  path: '/imports',
  tag: 'data',
  title: '导入文件 Import a file',
  about:
    '好的行保留，坏的行逐行列出；同一文件再次导入没有第二次效果。进度见 /imports/progress。Good rows are kept, bad ones listed; the same file again has no second effect. Progress: /imports/progress.',
  access: 'signedIn',
  effects: 'elsewhere',
  files: { fields: FILE, maxBytes: MAX_FILE },
  body: about
    .extend({
      provisional: z.boolean().default(false),
      profile: z
        .union([importProfileSchema, line(100)])
        .optional()
        .meta({ description: '方案，或已保存方案的名称；省略则自动识别 A profile or a saved one’s name; guessed when absent' }),
      dryRun: z.boolean().default(false),
    })
    .meta({ id: 'Import' }),
  reply: importSchema,
  problems: ['import-refused', 'not-permitted'],
  afterwards: async (services, caller, reply) => {
    if (reply.kind === 'units' && !reply.dryRun) await refreshSettings(services, caller);
  },
  async handle(call) {
    const { body, services, caller, operation } = call;
    const target = await targetOf(services, caller, body);
    const source = sourceOf(call);
    const accounts: { login: string; name: string; firstPassword: string }[] = [];
    const under = operation?.id ?? '';
    services.importsUnderWay.set(under, 0);
    try {
      const result = await runImport({
        store: services.store,
        county: services.county,
        kind: body.kind,
        source,
        profile: await profileOf(
          services,
          source,
          body.kind,
          body.profile,
          body.table === undefined ? null : (target.definition?.tables[body.table] ?? null),
        ),
        process: target.process,
        ...(body.table === undefined ? {} : { table: body.table }),
        provisional: body.provisional,
        ...(target.definition === null ? {} : { definition: target.definition }),
        key: services.personalData,
        issuePassword: async ({ login, name }) => {
          const firstPassword = newPassword();
          accounts.push({ login, name, firstPassword });
          return { hash: await hashPassword(firstPassword) };
        },
        actor: { user: caller.id },
        ...(target.sender === null ? {} : { sender: target.sender }),
        now: target.now,
        dryRun: body.dryRun,
        progress: (rows) => void services.importsUnderWay.set(under, rows),
      });
      const { digest: _digest, sums, errors, detail, ...rest } = result;
      const reply = { ...rest, sums: sums.map((sum) => ({ ...sum })), errors: errors.map(showRowProblem), detail: { ...detail } };
      return { body: { ...reply, accounts: body.dryRun ? [] : accounts }, repeat: { ...reply, accounts: [] } };
    } finally {
      services.importsUnderWay.delete(under);
    }
  },
});

async function profileOf(
  services: Services,
  source: ImportSource,
  kind: ImportKind,
  given: ImportProfile | string | undefined,
  table: Definition['tables'][string] | null,
): Promise<ImportProfile> {
  if (typeof given === 'string') return getProfile(services.store.db, services.county, given);
  if (given !== undefined) return given;
  return (await previewImport(source, kind, { table })).profile;
}

const progress = route({
  method: 'get',
  path: '/imports/progress',
  tag: 'data',
  title: '正在进行的导入读了多少行 Rows read so far by an import under way',
  access: 'signedIn',
  query: z.strictObject({ key: z.string().min(8).max(200).meta({ description: '导入请求的 Idempotency-Key Its Idempotency-Key' }) }),
  reply: z.strictObject({ rows: z.int() }).meta({ id: 'ImportProgress' }),
  async handle({ query, caller, services }) {
    const rows = services.importsUnderWay.get(operationId(caller.id, 'post', '/api/v1/imports', query.key));
    if (rows === undefined) throw notFound();
    return { body: { rows } };
  },
});

const shownSchema = z
  .strictObject({
    id: z.string(),
    campaign: z.string().nullable(),
    kind: z.string(),
    fileName: z.string(),
    digest: z.string(),
    status: z.string(),
    read: z.int(),
    kept: z.int(),
    bad: z.int(),
    totals: z.unknown(),
    by: z.string(),
    at: z.string(),
  })
  .meta({ id: 'ImportRecord' });

const show = ({ process, ...row }: ImportShown): z.input<typeof shownSchema> => ({ ...row, campaign: process });

/** Imports are seen by who leads, by an auditor, and one's own by oneself. */
async function mustSee(services: Services, caller: Caller, process: ProcessId | null, by: string | null = null): Promise<void> {
  if (by === caller.id) return;
  if (process === null) {
    if (!caller.overAll) throw notFound();
    return;
  }
  const seen = await seeCampaign(services, caller, process);
  if (caller.isAuditor) return;
  mustLead(caller, seen, (await services.folds.of(process)).setting.definition.leads);
}

const list = route({
  method: 'get',
  path: '/imports',
  tag: 'data',
  title: '导入记录，最新在前 Imports, the latest first',
  access: 'signedIn',
  query: z.strictObject({ campaign: processId.optional(), limit: pageQuery.limit }),
  reply: z.strictObject({ items: z.array(shownSchema) }).meta({ id: 'ImportRecords' }),
  async handle({ query, caller, services }) {
    await mustSee(services, caller, query.campaign ?? null);
    return { body: { items: (await listImports(services.store.db, services.county, query.campaign ?? null, query.limit)).map(show) } };
  },
});

const params = z.strictObject({ import: importId });

const get = route({
  method: 'get',
  path: '/imports/{import}',
  tag: 'data',
  title: '一次导入 An import',
  access: 'signedIn',
  params,
  reply: shownSchema,
  async handle({ params: { import: id }, caller, services }) {
    const found = await importById(services.store.db, services.county, id);
    if (found === null) throw notFound();
    await mustSee(services, caller, found.process, found.by);
    return { body: show(found) };
  },
});

const errors = route({
  method: 'get',
  path: '/imports/{import}/errors',
  tag: 'data',
  title: '未能保留的行 Rows that could not be kept',
  access: 'signedIn',
  params,
  query: z.strictObject(pageQuery),
  reply: pageOf(
    z.strictObject({ line: z.int(), column: z.string().nullable(), code: z.string(), params: z.unknown() }).meta({ id: 'ImportErrorRow' }),
  ).meta({ id: 'ImportErrors' }),
  async handle({ params: { import: id }, query, caller, services }) {
    const found = await importById(services.store.db, services.county, id);
    if (found === null) throw notFound();
    await mustSee(services, caller, found.process, found.by);
    const rows = await importErrors(services.store.db, services.county, id, Number(decodeCursor(query.cursor, 1)?.[0] ?? 0), query.limit);
    const page = cutPage(rows, query.limit, (row) => [row.id]);
    return {
      body: {
        items: page.rows.map(({ line: at, column, code, params: given }) => ({ line: at, column, code, params: given })),
        next: page.next,
      },
    };
  },
});

const profiles = route({
  method: 'get',
  path: '/import-profiles',
  tag: 'data',
  title: '保存的导入方案 Saved import profiles',
  access: 'signedIn',
  reply: z.strictObject({ items: z.array(z.strictObject({ name: z.string(), kind: z.string() })) }).meta({ id: 'ImportProfiles' }),
  handle: async ({ services }) => ({ body: { items: [...(await listProfiles(services.store.db, services.county))] } }),
});

const keepProfile = route({
  method: 'put',
  path: '/import-profiles/{name}',
  tag: 'data',
  title: '保存导入方案 Save an import profile',
  access: 'admin',
  params: z.strictObject({ name: line(100) }),
  body: importProfileSchema,
  reply: importProfileSchema,
  async handle({ params: { name }, body, caller, services, trx }) {
    const profile = await saveProfile(trx, services.county, name, readProfile(body));
    await recordAudit(services, trx, caller.id, 'importProfile.saved', profile.kind, {});
    return { body: profile };
  },
});

export const importRoutes: readonly Route[] = [preview, run, progress, list, errors, get, profiles, keepProfile];
