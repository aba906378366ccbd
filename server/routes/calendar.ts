import { z } from 'zod';
import { mustRun, seeCampaign } from '../http/campaign.js';
import { mustBeGranted } from '../http/grants.js';
import { route, type Route } from '../http/route.js';
import { localDate, note, processId, yes } from '../http/shapes.js';
import { amendedCalendar, calendarSchema } from '../launch/calendar.js';
import { impactOf, impactShape, showImpact } from '../launch/impact.js';
import { changeSetting } from '../launch/replace.js';

const params = z.strictObject({ campaign: processId });
const day = z.strictObject({ date: localDate, kind: z.enum(['off', 'work']) });

const get = route({
  method: 'get',
  path: '/campaigns/{campaign}/calendar',
  tag: 'campaigns',
  title: '所用的放假安排 The calendar it runs with',
  access: 'signedIn',
  params,
  reply: z
    .strictObject({ id: z.string(), years: z.array(z.strictObject({ year: z.int(), source: z.string(), days: z.array(day) })) })
    .meta({ id: 'Calendar' }),
  async handle({ params: { campaign }, caller, services }) {
    await seeCampaign(services, caller, campaign);
    const { calendar } = (await services.folds.of(campaign)).setting;
    const years = Object.entries(calendar.years).map(([year, { source, off, work }]) => ({
      year: Number(year),
      source,
      days: [...off.map((date) => ({ date, kind: 'off' as const })), ...work.map((date) => ({ date, kind: 'work' as const }))].sort(
        (a, b) => (a.date < b.date ? -1 : 1),
      ),
    }));
    return { body: { id: calendar.id, years } };
  },
});

const amend = route({
  method: 'post',
  path: '/campaigns/{campaign}/calendar',
  tag: 'campaigns',
  title: '运行中调整放假安排 Amend the calendar while it runs',
  about:
    '未到的期限和考核节点按新日历重算，已到的不变；dryRun 只列出影响。由 may.amendCalendar 授权，未写明时为牵头角色。Open deadlines and milestones ahead are projected anew, reached ones stand; dryRun only tells the impact. Granted by may.amendCalendar, else to the leading role.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  query: z.strictObject({ dryRun: yes.optional() }),
  body: z.strictObject({ calendar: calendarSchema, reason: note(500) }).meta({ id: 'CalendarAmendment' }),
  reply: z.strictObject({ changed: z.boolean(), ...impactShape }).meta({ id: 'CalendarImpact' }),
  status: 200,
  problems: ['not-permitted', 'campaign-not-running', 'engine-busy'],
  async handle({ params: { campaign }, query, body, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    await mustBeGranted(services, caller, seen, 'amendCalendar', seen.root.path);
    mustRun(seen);
    const before = await services.folds.of(campaign);
    const calendar = amendedCalendar(before.setting.calendar, body.calendar);
    const moved = impactOf(before, { ...before.setting, calendar }, 'calendar', caller.id, seen.now);
    const changed =
      query.dryRun === true
        ? calendar !== before.setting.calendar
        : await changeSetting(
            services,
            caller,
            campaign,
            { what: 'calendar', reason: body.reason, at: seen.now },
            async (_trx, present) => ({
              ...present,
              calendar: amendedCalendar(present.calendar, body.calendar),
            }),
          );
    return { body: { changed, ...(await showImpact(services, moved)) } };
  },
});

export const calendarRoutes: readonly Route[] = [get, amend];
