import { z } from 'zod';
import { nowIn } from '../../activities/worlds/now.js';
import { dateOf, daysBetween } from '../../domain/calendar/dates.js';
import type { Digest, LocalDate } from '../../domain/model/ids.js';
import { campaignsOfRows, daysLateOf, roleTitles, type CampaignOfRow } from '../../store/lists/campaigns.js';
import type { ObligationRow } from '../../store/obligations.js';
import { unitsByIds } from '../../store/units/read.js';
import type { Services } from '../http/services.js';

export const STATUSES = ['beforeLaunch', 'waiting', 'open', 'checking', 'done', 'waived', 'notApplicable', 'withdrawn'] as const;

export const obligationSchema = z
  .strictObject({
    campaign: z.string(),
    campaignTitle: z.string(),
    world: z.string(),
    virtual: z.boolean().meta({ description: '是否演练（虚拟时间） a rehearsal in virtual time' }),
    id: z.string(),
    origin: z.string(),
    duty: z.string(),
    title: z.string(),
    unit: z.string(),
    unitName: z.string(),
    insurance: z.string().nullable(),
    period: z.string().nullable(),
    owes: z.array(z.string()),
    owesTitles: z.array(z.string()).meta({ description: '承担者的职务名称 titles of the roles that owe it' }),
    status: z.enum(STATUSES),
    since: z.string(),
    due: z.string().nullable(),
    late: z.boolean(),
    daysLate: z.int().meta({ description: '逾期天数，未逾期为 0；未办结的算到今天 0 when not late; counted to today while open' }),
    rung: z.int(),
    closedOn: z.string().nullable(),
    person: z.string().nullable().meta({
      description: '逐人事项所涉人员的编号（不是姓名），其余为空 surrogate of the person it is about, never a name; null for an office',
    }),
  })
  .meta({ id: 'Obligation' });

/** What rows of a list share: names of units, and per campaign its title, world, day and the titles of its roles. */
interface Around {
  readonly names: ReadonlyMap<string, string>;
  readonly campaigns: ReadonlyMap<string, Pick<CampaignOfRow, 'title' | 'world' | 'clock'> & CampaignDay>;
}
interface CampaignDay {
  readonly day: LocalDate;
  readonly titles: ReadonlyMap<string, string>;
}

export function show(row: ObligationRow, { names, campaigns }: Around): z.input<typeof obligationSchema> {
  const campaign = campaigns.get(row.process);
  return {
    campaign: row.process,
    campaignTitle: campaign?.title ?? '',
    world: campaign?.world ?? '',
    virtual: campaign?.clock.kind === 'virtual',
    id: row.id,
    origin: row.origin,
    duty: row.duty,
    title: row.body.title,
    unit: row.unit,
    unitName: names.get(row.unit) ?? '',
    insurance: row.insurance,
    period: row.period,
    owes: [...row.owes],
    owesTitles: row.owes.map((role) => (role === 'person' ? '本人' : (campaign?.titles.get(role) ?? role))),
    status: row.status,
    since: row.since,
    due: row.due,
    late: row.late,
    daysLate: daysLateOf(row, (due) => (campaign === undefined ? 0 : daysBetween(due, campaign.day))),
    rung: row.rung,
    closedOn: row.closedOn,
    person: row.body.subject?.person ?? null,
  };
}

export async function around(services: Services, rows: readonly ObligationRow[]): Promise<Around> {
  const { db } = services.store;
  const [units, campaigns] = await Promise.all([
    unitsByIds(
      db,
      services.county,
      rows.map((row) => row.unit),
    ),
    campaignsOfRows(
      db,
      services.county,
      rows.map((row) => row.process),
    ),
  ]);
  const described = campaigns.map(async ({ process, definitionDigest, title, world, clock }) => {
    const day = dateOf(nowIn(clock));
    return [process, { title, world, clock, day, titles: await titlesOf(services, definitionDigest) }] as const;
  });
  return { names: new Map(units.map((unit) => [unit.id, unit.name])), campaigns: new Map(await Promise.all(described)) };
}

/** Released definitions never change: their titles are read once. */
const knownTitles = new Map<string, ReadonlyMap<string, string>>();
async function titlesOf({ store, county }: Services, digest: Digest): Promise<ReadonlyMap<string, string>> {
  const known = knownTitles.get(`${county}/${digest}`);
  if (known !== undefined) return known;
  const titles = await roleTitles(store.db, county, digest);
  if (titles.size > 0) knownTitles.set(`${county}/${digest}`, titles);
  return titles;
}
