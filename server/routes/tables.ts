import { z } from 'zod';
import { recount } from '../../activities/measures/index.js';
import { dateOf } from '../../domain/calendar/dates.js';
import type { Definition, Table } from '../../domain/model/definition.js';
import type { Setting } from '../../domain/model/setting.js';
import { lockMoney } from '../../store/payments/merge.js';
import { getSetting } from '../../store/settings.js';
import { findProcess } from '../../store/processes.js';
import { mustRun, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import { mustBeGranted } from '../http/grants.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, note, processId, yes } from '../http/shapes.js';
import { deniedRows } from '../launch/denied-rows.js';
import { impactOf, impactShape, showImpact } from '../launch/impact.js';
import { changeSetting } from '../launch/replace.js';
import { isLevelTable, isTargetTable, readTable } from '../launch/tables.js';

const params = z.strictObject({ campaign: processId });
const kinds = ['printed', 'loaded', 'targets', 'units'] as const;

/** Where a table's rows come from: the definition itself, a file looked up while it runs, a target table, the list of units. */
function kindOf(definition: Definition, table: Table): (typeof kinds)[number] {
  if (table.load === null) return 'printed';
  if (isLevelTable(definition, table.id)) return 'units';
  return isTargetTable(definition, table.id) ? 'targets' : 'loaded';
}

const list = route({
  method: 'get',
  path: '/campaigns/{campaign}/tables',
  tag: 'campaigns',
  title: '各表及其来源 Its tables, and where their rows come from',
  about:
    'loaded 为随文件载入、运行中可替换的表；targets 用任务表导入更新；printed 印在定义里。loaded: read from a file and replaceable while it runs; targets are imported; printed stand in the definition.',
  access: 'signedIn',
  params,
  reply: z
    .strictObject({
      items: z.array(z.strictObject({ id: z.string(), title: z.string(), kind: z.enum(kinds), rows: z.int().nullable() })),
    })
    .meta({ id: 'Tables' }),
  async handle({ params: { campaign }, caller, services }) {
    await seeCampaign(services, caller, campaign);
    const { definition, tables } = (await services.folds.of(campaign)).setting;
    const items = Object.values(definition.tables).map((table) => ({
      id: table.id,
      title: table.title,
      kind: kindOf(definition, table),
      rows: table.load === null ? table.rows.length : (tables[table.id]?.length ?? null),
    }));
    return { body: { items } };
  },
});

const MAX_BYTES = 5 * 1024 * 1024;

const replace = route({
  method: 'post',
  path: '/campaigns/{campaign}/tables/{table}',
  tag: 'campaigns',
  title: '运行中替换一张表 Replace a table while it runs',
  about:
    '整张表以新文件替换，此后按新表查；已办的不变。由 may.amendTables 授权，未写明时为牵头角色；dryRun 只列出影响。The whole table is replaced and looked up from then on; what is done stands. Granted by may.amendTables, else to the leading role; dryRun only tells the impact.',
  access: 'signedIn',
  effects: 'elsewhere',
  files: { fields: [{ name: 'file', required: true, description: '新表 CSV 或 XLSX the new table' }], maxBytes: MAX_BYTES },
  params: params.extend({ table: elementId }),
  query: z.strictObject({ dryRun: yes.optional() }),
  body: z.strictObject({ reason: note(500) }).meta({ id: 'TableReplacement' }),
  reply: z.strictObject({ changed: z.boolean(), rows: z.int(), ...impactShape }).meta({ id: 'TableImpact' }),
  status: 200,
  problems: ['not-permitted', 'campaign-not-running', 'conflict', 'import-refused', 'engine-busy'],
  async handle({ params: { campaign, table: id }, query, body, files, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const before = await services.folds.of(campaign);
    const table = before.setting.definition.tables[id];
    if (table === undefined) throw notFound();
    await mustBeGranted(services, caller, seen, 'amendTables', seen.root.path, id);
    mustRun(seen);
    mustBeReplaceable(before.setting.definition, table);
    const [file] = files;
    if (file === undefined) throw new Problem('upload-refused');
    const replaced = await withTable(seen, before.setting, table, { name: file.name, path: file.path });
    const moved = impactOf(before, replaced, 'tables', caller.id, seen.now);
    const rows = replaced.tables[id] ?? [];
    if (query.dryRun === true) {
      const changed = JSON.stringify(rows) !== JSON.stringify(before.setting.tables[id] ?? []);
      return { body: { changed, rows: rows.length, ...(await showImpact(services, moved)) } };
    }
    const changed = await changeSetting(
      services,
      caller,
      campaign,
      { what: 'tables', reason: body.reason, at: seen.now },
      (_trx, present) => Promise.resolve({ ...present, tables: { ...present.tables, [id]: rows } }),
    );
    // Also where nothing changed: a request that broke off in between is completed by its repeat.
    await countAnew(services, seen);
    return { body: { changed, rows: rows.length, ...(await showImpact(services, moved)) } };
  },
});

function mustBeReplaceable(definition: Definition, table: Table): void {
  const kind = kindOf(definition, table);
  if (kind === 'loaded') return;
  throw new Problem(
    'conflict',
    {
      printed: { zh: `“${table.title}”印在定义里，改动须发布新版本`, en: 'This table stands in the definition: release a new version' },
      targets: { zh: `“${table.title}”是任务表，请用任务表导入`, en: 'This is a target table: import it as targets' },
      units: { zh: `“${table.title}”列出单位，请用单位变动或单位导入`, en: 'This table lists the units: change or import units' },
    }[kind],
  );
}

/** The setting with another table, every row read and held against the table's own rule. Error: `import-refused` with each fault. */
async function withTable(seen: CampaignSeen, setting: Setting, table: Table, source: { name: string; path: string }): Promise<Setting> {
  const { rows, faults } = await readTable(table, source);
  const next = { ...setting, tables: { ...setting.tables, [table.id]: rows } };
  const wrong = faults.length > 0 ? faults : deniedRows(next, { [table.id]: rows }, seen.root.id, dateOf(seen.now));
  if (wrong.length > 0) throw new Problem('import-refused', { errors: wrong });
  return next;
}

/** Present figures that look the table up are those of the new rows. */
async function countAnew({ store, county }: Services, { row, day }: CampaignSeen): Promise<void> {
  await store.db.transaction().execute(async (trx) => {
    await lockMoney(trx, county, row.process_id);
    const present = await findProcess(trx, county, row.process_id);
    if (present === null) return;
    const setting = await getSetting(trx, county, present.setting_digest);
    await recount(trx, { county, process: row.process_id, setting, today: day });
  });
}

export const tableRoutes: readonly Route[] = [list, replace];
