import iconv from 'iconv-lite';
import { sql } from 'kysely';
import type { Definition } from '../../domain/model/definition.js';
import type { Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { checkCharacter } from '../../domain/people/resident-id.js';
import {
  previewImport,
  runImport,
  type ImportKind,
  type ImportProfile,
  type ImportRequest,
  type ImportResult,
} from '../../activities/imports/index.js';
import { openStore, type Store } from '../../store/connection.js';
import { personalDataKey, type PersonalDataKey } from '../../store/people/personal-data-key.js';
import { fixedRing } from '../../store/sealing.js';
import { startProcess } from '../../store/processes.js';
import { putSetting } from '../../store/settings.js';
import { createVirtualWorld } from '../../store/worlds.js';
import { definitionOf, settingOf, unit } from '../support/campaign.js';
import { freshDatabase } from '../support/runtime.js';

export const COUNTY = 'k1';
export const key: PersonalDataKey = personalDataKey(
  fixedRing({ active: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64') } }),
  Buffer.alloc(32, 6),
);
export const user = 'p1' as UserId;
export const MAY = '2020-05-10T09:00:00' as Moment;

/** A town with an area and three villages; the smallest tree in which everything can go wrong. */
export const units = [
  unit('u1', 'city', null, { name: '测试市' }),
  unit('u2', 'town', 'u1', { name: '测试镇' }),
  unit('u3', 'area', 'u2', { name: '一片区' }),
  unit('u4', 'unit', 'u3', { name: '甲村' }),
  unit('u5', 'unit', 'u3', { name: '乙村' }),
  unit('u6', 'unit', 'u2', { name: '丙社区' }),
];
const PATHS: Readonly<Record<string, string>> = {
  u1: '/u1/',
  u2: '/u1/u2/',
  u3: '/u1/u2/u3/',
  u4: '/u1/u2/u3/u4/',
  u5: '/u1/u2/u3/u5/',
  u6: '/u1/u2/u6/',
};

/** The printed campaign of 2020, with what a test changes. */
export const definition = (change: Partial<Definition> = {}): Definition => ({ ...definitionOf('lingcheng-2020.yaml'), ...change });

export interface Given {
  readonly store: Store;
  readonly adminUrl: string;
  readonly process: ProcessId;
  run(
    kind: ImportKind,
    content: Buffer | string,
    more?: Partial<ImportRequest> & { readonly change?: Partial<ImportProfile> },
  ): Promise<ImportResult>;
  close(): Promise<void>;
}

/** A campaign that stands in a store before anything is imported. */
export interface Place {
  readonly setting: Setting;
  readonly root: string;
  readonly path: (unit: string) => string;
  /** Moment at which its virtual world stands. */
  readonly start: string;
  /** Business moment of imports that name none. */
  readonly now: Moment;
}

/** A store of its own with the printed campaign of 2020. `villages` replaces the printed villages by others below the town. */
export async function given(change: Partial<Definition> = {}, villages: readonly string[] | null = null): Promise<Given> {
  const tree =
    villages === null ? units : [...units.slice(0, 2), ...villages.map((name, index) => unit(`u${index + 10}`, 'unit', 'u2', { name }))];
  const setting = settingOf(definition(change), tree, {}, { channels: [] });
  return givenAt({ setting, root: 'u2', path: (id) => PATHS[id] ?? `/u1/u2/${id}/`, start: '2020-05-01T08:00:00', now: MAY });
}

/** A store of its own with a launched campaign at a place. */
export async function givenAt({ setting, root, path, start, now }: Place): Promise<Given> {
  const database = await freshDatabase();
  const store = openStore(database.url);
  await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测试县' }).execute();
  await store.db
    .insertInto('units')
    .values(
      setting.units.map((one) => ({
        county_id: COUNTY,
        unit_id: one.id,
        level: one.level,
        parent_id: one.parent,
        name: one.name,
        path: path(one.id),
      })),
    )
    .execute();
  // The surrogates that the tree above has taken by hand.
  await sql`select nextval('surrogates') from generate_series(1, 100)`.execute(store.db);
  const world = await createVirtualWorld(store.db, COUNTY, start as Moment);
  const digest = await putSetting(store.db, COUNTY, setting);
  const { process } = await store.db.transaction().execute((trx) =>
    startProcess(trx, {
      county: COUNTY,
      definition: setting.definition.id,
      version: setting.definition.version,
      definitionDigest: setting.definitionDigest,
      setting: digest,
      world: world.id,
      rootUnit: root as UnitId,
      year: setting.year,
      title: '测试',
      by: user,
    }),
  );
  const run: Given['run'] = async (kind, content, more = {}) => {
    const { change: profileChange, ...rest } = more;
    const source = { name: `${kind}.csv`, content: typeof content === 'string' ? Buffer.from(content, 'utf8') : content };
    const table = kind === 'targets' ? (setting.definition.tables[rest.table ?? 'villages'] ?? null) : null;
    const { profile } = await previewImport(source, kind, { table, sourceName: 'test' });
    return runImport({
      store,
      county: COUNTY,
      kind,
      source,
      profile: { ...profile, ...profileChange },
      process: process.process_id,
      key,
      actor: { user },
      now,
      dryRun: false,
      ...rest,
    });
  };
  return {
    store,
    adminUrl: database.adminUrl,
    process: process.process_id,
    run,
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}

/** A valid resident ID number of an unassigned area (990000): invented, belongs to nobody. */
export function inventedId(number: number, born = '19700315'): string {
  const digits = `990000${born}${String(number % 1000).padStart(3, '0')}`;
  return digits + checkCharacter(digits);
}

export const gb18030 = (text: string): Buffer => iconv.encode(text, 'gb18030');

/** A roster of persons: `[id number, name, village, amount in yuan]`. */
export const rosterCsv = (rows: readonly (readonly [string, string, string, string])[]): string =>
  `身份证号码,姓名,村居,应缴金额\n${rows.map((row) => row.join(',')).join('\n')}\n`;

/** Payments: `[id number, name, village, amount in yuan, day, number of the bank]`. */
export const paymentsCsv = (rows: readonly (readonly string[])[]): string =>
  `身份证号码,姓名,村居,缴费金额,缴费日期,流水号,交易类型\n${rows.map((row) => [...row, '', ''].slice(0, 7).join(',')).join('\n')}\n`;

export async function tally(store: Store, count: string): Promise<Readonly<Record<string, number>>> {
  const rows = await store.db
    .selectFrom('tallies')
    .select(['unit_id', 'value'])
    .where('county_id', '=', COUNTY)
    .where('count_id', '=', count)
    .orderBy('unit_id')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.unit_id, row.value]));
}

/** Code of the refusal that a promise ends in. */
export async function refusal(
  work: Promise<unknown>,
): Promise<{ readonly code: string; readonly zh: string; readonly en: string; readonly params: Readonly<Record<string, unknown>> }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'zh' in error && 'en' in error && 'params' in error)
      return {
        code: String(error.code),
        zh: String(error.zh),
        en: String(error.en),
        params: error.params as Readonly<Record<string, unknown>>,
      };
    throw error;
  }
  throw new Error('nothing was refused');
}
