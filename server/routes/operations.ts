import { z } from 'zod';
import { auditHeads, verifyAudit } from '../../store/audit.js';
import { closeIncident, listIncidents } from '../../store/incidents.js';
import { listAudit } from '../../store/lists/audit.js';
import { campaignsOfRows } from '../../store/lists/campaigns.js';
import { userNames } from '../../store/users/users.js';
import type { UserId } from '../../domain/model/ids.js';
import { recordAudit } from '../http/audit.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import type { Caller } from '../http/caller.js';
import { seeCampaign } from '../http/campaign.js';
import type { Services } from '../http/services.js';
import { route, type Route } from '../http/route.js';
import { line, processId } from '../http/shapes.js';
import { both, incidentWord } from '../http/words.js';

const chain = z.string().regex(/^(county|c\d{1,15})$/, 'county, c1');
const headSchema = z.strictObject({ chain: z.string(), seq: z.int(), hash: z.string() }).meta({ id: 'AuditHead' });

/** What belongs to no unit is for those over the whole county. */
function mustSeeAll(caller: Caller): void {
  if (!caller.overAll) throw new Problem('not-permitted');
}

async function mustSeeChain(services: Services, caller: Caller, name: string): Promise<void> {
  const campaign = processId.safeParse(name);
  if (campaign.success) await seeCampaign(services, caller, campaign.data);
  else mustSeeAll(caller);
}

const list = route({
  method: 'get',
  path: '/audit',
  tag: 'operations',
  title: '审计记录 Audit records of a chain',
  about: 'chain=county 为行政操作，chain=c3 为一项工作。chain=county: administration; chain=c3: a campaign.',
  access: 'adminOrAuditor',
  query: z.strictObject({ ...pageQuery, chain: chain.default('county') }),
  reply: pageOf(
    z
      .strictObject({
        chain: z.string(),
        seq: z.int(),
        at: z.string(),
        actor: z.string(),
        actorName: z.string(),
        action: z.string(),
        subject: z.string(),
        detail: z.unknown(),
        hash: z.string(),
      })
      .meta({ id: 'AuditRecord' }),
  ).meta({ id: 'AuditRecords' }),
  async handle({ query, caller, services }) {
    await mustSeeChain(services, caller, query.chain);
    const after = Number(decodeCursor(query.cursor, 1)?.[0] ?? 0);
    const rows = await listAudit(services.store.db, services.county, query.chain, after, query.limit);
    const page = cutPage(rows, query.limit, (row) => [row.seq]);
    const names = await userNames(
      services.store.db,
      services.county,
      page.rows.map((row) => row.actor as UserId),
    );
    return { body: { items: page.rows.map((row) => ({ ...row, actorName: names.get(row.actor) ?? row.actor })), next: page.next } };
  },
});

const heads = route({
  method: 'get',
  path: '/audit/heads',
  tag: 'operations',
  title: '各链的链头，可印在通报上 The newest entry of every chain, to be printed',
  access: 'adminOrAuditor',
  reply: z.strictObject({ items: z.array(headSchema) }).meta({ id: 'AuditHeads' }),
  async handle({ caller, services }) {
    mustSeeAll(caller);
    const found = await auditHeads(services.store.db, services.county);
    return { body: { items: found.map(({ chain: of, seq, hash }) => ({ chain: of, seq, hash })) } };
  },
});

const verify = route({
  method: 'post',
  path: '/audit/verify',
  tag: 'operations',
  title: '校验审计链 Verify the audit chains',
  about: 'anchor 为另处留存的链头，可发现被截断或替换。anchor: heads kept elsewhere, against which a cut or replaced tail is found.',
  access: 'adminOrAuditor',
  effects: 'none',
  body: z.strictObject({ anchor: z.array(headSchema).max(10_000).default([]) }).meta({ id: 'AuditVerify' }),
  reply: z
    .strictObject({
      ok: z.boolean(),
      chains: z.int(),
      entries: z.int(),
      violations: z.array(
        z.strictObject({ chain: z.string(), seq: z.int(), kind: z.enum(['gap', 'changed', 'unlinked', 'journal', 'cut', 'replaced']) }),
      ),
    })
    .meta({ id: 'AuditVerified' }),
  status: 200,
  async handle({ body, caller, services }) {
    mustSeeAll(caller);
    const found = await verifyAudit(services.store.db, services.county, body.anchor);
    return { body: { ok: found.violations.length === 0, chains: found.chains, entries: found.entries, violations: [...found.violations] } };
  },
});

const incidentSchema = z
  .strictObject({
    id: z.string(),
    campaign: z.string().nullable(),
    world: z.string().nullable(),
    code: z.string(),
    title: both.meta({ description: '代码的含义 what the code means' }),
    cause: z.string(),
    detail: z.unknown(),
    owner: z.string(),
    status: z.enum(['open', 'closed']),
    count: z.int(),
    firstAt: z.string(),
    lastAt: z.string(),
    closedBy: z.string().nullable(),
  })
  .meta({ id: 'Incident' });

const incidents = route({
  method: 'get',
  path: '/incidents',
  tag: 'operations',
  title: '异常 Incidents, open ones first',
  access: 'adminOrAuditor',
  query: z.strictObject({ status: z.enum(['open', 'closed']).optional(), campaign: processId.optional() }),
  reply: z.strictObject({ items: z.array(incidentSchema) }).meta({ id: 'Incidents' }),
  async handle({ query, caller, services }) {
    if (query.campaign === undefined) mustSeeAll(caller);
    else await seeCampaign(services, caller, query.campaign);
    const rows = await listIncidents(services.store.db, services.county, {
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(query.campaign === undefined ? {} : { process: query.campaign }),
    });
    const found = await campaignsOfRows(
      services.store.db,
      services.county,
      rows.flatMap((row) => row.process_id ?? []),
    );
    const worlds = new Map<string, string>(found.map(({ process, world }) => [process, world]));
    return {
      body: {
        items: rows.map((row) => ({
          id: row.incident_id,
          campaign: row.process_id,
          world: row.process_id === null ? null : (worlds.get(row.process_id) ?? null),
          code: row.code,
          title: incidentWord(row.code),
          cause: row.cause,
          detail: row.detail,
          owner: row.owner_role,
          status: row.status,
          count: row.count,
          firstAt: row.first_at.toISOString(),
          lastAt: row.last_at.toISOString(),
          closedBy: row.closed_by,
        })),
      },
    };
  },
});

const close = route({
  method: 'post',
  path: '/incidents/{incident}/close',
  tag: 'operations',
  title: '关闭异常 Close an incident',
  about: '理由记入审计；同样的原因再出现时另开一条。The reason goes into the audit; the same cause later opens a new one.',
  access: 'admin',
  params: z.strictObject({ incident: z.string().regex(/^x\d{1,15}$/) }),
  body: z.strictObject({ reason: line(500) }).meta({ id: 'IncidentClose' }),
  reply: z.null(),
  status: 204,
  async handle({ params: { incident }, body, caller, services, trx }) {
    mustSeeAll(caller);
    if (!(await closeIncident(trx, services.county, incident, caller.id))) throw notFound();
    await recordAudit(services, trx, caller.id, 'incident.closed', incident, { reason: body.reason });
    return { body: null };
  },
});

export const operationRoutes: readonly Route[] = [list, heads, verify, incidents, close];
