import { z } from 'zod';
import { explainDue } from '../../domain/process/index.js';
import type { Definition, Recipient, Response } from '../../domain/model/definition.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { UserId } from '../../domain/model/ids.js';
import type { RowEvent } from '../../domain/process/rows.js';
import type { Obligation } from '../../domain/model/state.js';
import { eventsAbout } from '../../store/journal-about.js';
import { entriesOf } from '../../store/rows/journal.js';
import { userNames } from '../../store/users/users.js';
import { seeCampaign } from '../http/campaign.js';
import { route, type Route } from '../http/route.js';
import { obligationId, processId } from '../http/shapes.js';
import { both, dateWords, dayWord, eventWord, responseWord, rollWord } from '../http/words.js';
import { seeObligation } from './obligations.js';

const day = z.strictObject({ date: z.string(), counted: z.boolean(), n: z.int(), kind: z.string(), title: both });

const whySchema = z
  .strictObject({
    campaign: z.string(),
    id: z.string(),
    title: z.string(),
    status: z.string(),
    due: z.string().nullable(),
    rule: z.string().nullable().meta({ description: '定义中写的期限 The due date as the definition writes it' }),
    ruleTitle: both.nullable().meta({ description: '期限的文字说明 The same in words' }),
    clause: z.array(z.string()),
    readings: z.array(z.string()),
    source: z.array(z.string()).meta({ description: '依据的文件 The documents behind the definition' }),
    waitsFor: z.string().nullable(),
    waitsForTitle: both.nullable(),
    moved: z.boolean().meta({ description: '期限因延期、暂停或变更而不同于规则 An extension, a pause or an amendment moved the date' }),
    steps: z.array(
      z.strictObject({
        kind: z.string(),
        text: z.string(),
        title: both,
        from: z.string().nullable(),
        date: z.string(),
        days: z.array(day),
      }),
    ),
    rungs: z.array(
      z.strictObject({
        index: z.int(),
        at: z.string().nullable(),
        fired: z.boolean(),
        kind: z.enum(['tell', 'flag', 'open', 'retry']),
        title: both,
        to: z.array(z.string()),
        toTitles: z.array(z.string()).meta({ description: '收件岗位的职务名称 titles of the roles told' }),
        confirm: z.string().nullable(),
        confirmTitle: z.string().nullable(),
      }),
    ),
    events: z.array(
      z.strictObject({
        seq: z.int(),
        at: z.string(),
        type: z.string(),
        act: z.string().nullable(),
        title: both.meta({ description: '经过的名称 what happened, in words' }),
        by: z.string(),
        byName: z.string(),
        onBehalfOf: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Why' });

const why = route({
  method: 'get',
  path: '/obligations/{campaign}/{id...}/why',
  tag: 'obligations',
  title: '为什么：期限、规则、条款、逐日计数、经过 Why: deadline, rule, clause, days one by one, events',
  access: 'signedIn',
  params: z.strictObject({ campaign: processId, id: obligationId }),
  reply: whySchema,
  async handle({ params: { campaign, id }, caller, services }) {
    const { db } = services.store;
    const seen = await seeCampaign(services, caller, campaign);
    const row = await seeObligation(services, seen, id);
    const { setting, state } = await services.folds.of(campaign);
    const { definition } = setting;
    const explained = explainDue(setting, state, row.body);
    const entries = row.row === null ? [] : ((await entriesOf(db, services.county, campaign, [row.row])).get(row.row) ?? []);
    const events = [
      ...entries.map(({ number, event }) => ({ seq: number, event })),
      ...(await eventsAbout(db, services.county, campaign, id)),
    ];
    const names = await userNames(
      db,
      services.county,
      events.map(({ event }) => actorOf(event)),
    );
    return {
      body: {
        campaign,
        id,
        title: row.body.title,
        status: row.status,
        due: explained.due,
        rule: explained.rule,
        ruleTitle: explained.rule === null ? null : dateWords(definition, explained.rule),
        clause: [...explained.clause],
        readings: [...explained.readings],
        source: [...definition.source],
        waitsFor: explained.waitsFor,
        waitsForTitle: explained.waitsFor === null ? null : dateWords(definition, explained.waitsFor),
        moved: explained.moved,
        steps: explained.steps.map(({ step, days }) => ({
          kind: step.kind,
          text: step.kind === 'roll' ? step.roll : step.text,
          title: step.kind === 'roll' ? rollWord(step.roll) : dateWords(definition, step.text),
          from: step.kind === 'anchor' ? null : step.from,
          date: step.date,
          days: days.map(({ date, counted, n, kind }) => ({ date, counted, n, kind, title: dayWord(kind) })),
        })),
        rungs: explained.rungs.map((rung) => ({
          ...rung,
          kind: responseOf(definition, row.body, rung.index),
          title: responseWord(responseOf(definition, row.body, rung.index)),
          to: [...rung.to],
          toTitles: rung.to.map((to) => titleOf(definition, to)),
          confirmTitle: rung.confirm === null ? null : titleOf(definition, rung.confirm),
        })),
        events: events.map(({ seq, event }) => ({
          seq,
          at: event.at,
          type: event.type,
          act: event.type === 'acted' ? event.act.kind : null,
          title: eventWord(event),
          by: actorOf(event),
          byName: names.get(actorOf(event)) ?? '',
          onBehalfOf: event.type === 'acted' ? event.actor.onBehalfOf : null,
        })),
      },
    };
  },
});

/** A follow-up climbs only where its ladder tells somebody. */
const responseOf = (definition: Definition, { origin, ladder }: Obligation, index: number): Response['kind'] =>
  origin.kind === 'duty' && ladder !== null ? (definition.ladders[ladder]?.rungs[index]?.response.kind ?? 'tell') : 'tell';

/** Those who are told by what they are to the obligation have no role to name. */
const TOLD: Readonly<Record<string, string>> = { owner: '承担人', person: '本人' };
const titleOf = ({ roles }: Definition, to: Recipient): string => TOLD[to] ?? roles[to]?.title ?? to;

const actorOf = (event: CoreEvent | RowEvent): UserId =>
  event.type === 'acted' ? event.actor.user : 'by' in event ? event.by : ('system' as UserId);

export const whyRoutes: readonly Route[] = [why];
