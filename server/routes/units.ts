import { z } from 'zod';
import type { LocalDate, UnitId } from '../../domain/model/ids.js';
import type { Db } from '../../store/connection.js';
import { createUnit, lockTree, mergeUnit, moveUnit, renameUnit, retireUnit, splitUnit, type UnitChange } from '../../store/units/change.js';
import { hasSibling, listUnits, subtree, unitById, unitEvents, type UnitRow } from '../../store/units/read.js';
import { refreshSettings } from '../launch/refresh.js';
import { recordAudit } from '../http/audit.js';
import type { Caller } from '../http/caller.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Call, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, line, localDate, unitId } from '../http/shapes.js';
import { refuseAhead, unitDay } from '../http/unit-day.js';

export const unitSchema = z
  .strictObject({
    id: z.string(),
    level: z.string(),
    parent: z.string().nullable(),
    path: z.string(),
    name: z.string(),
    code: z.string().nullable(),
    kind: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable().meta({ description: '最后有效日 last valid day' }),
    successors: z.array(z.string()),
    version: z.int(),
  })
  .meta({ id: 'Unit' });

const show = (unit: UnitRow): z.input<typeof unitSchema> => ({ ...unit, successors: [...unit.successors] });
const params = z.strictObject({ unit: unitId });

async function visible(services: Services, db: Db, caller: Caller, id: UnitId): Promise<UnitRow> {
  const unit = await unitById(db, services.county, id);
  if (unit === null || !caller.sees(unit.path)) throw notFound();
  return unit;
}

/** A unit that the caller administers and that still stands; the tree is locked until the transaction ends. */
async function standing<P, Q, B>(call: Call<P, Q, B>, id: UnitId): Promise<UnitRow> {
  await lockTree(call.trx, call.services.county);
  const unit = await visible(call.services, call.trx, call.caller, id);
  call.caller.mustAdminister(unit.path);
  if (unit.to !== null) throw new Problem('conflict', { zh: `该单位已于 ${unit.to} 撤销`, en: `The unit ended on ${unit.to}` });
  return unit;
}

const refuseTwin = async <P, Q, B>(call: Call<P, Q, B>, parent: UnitId | null, name: string): Promise<void> => {
  if (await hasSibling(call.trx, call.services.county, parent, name)) {
    throw new Problem('conflict', { zh: `同一上级下已有“${name}”`, en: `There is a '${name}' under this parent already` });
  }
};

/** The day of a change: the one given, never ahead of the campaigns that it concerns; without one, their today. Error: `date-ahead`. */
async function dayOf<P, Q, B>(call: Call<P, Q, B>, on: LocalDate | null | undefined, ...units: readonly UnitRow[]): Promise<LocalDate> {
  const paths = units.map(({ path }) => path);
  const today = await unitDay(call.services, call.trx, call.caller, paths);
  if (on !== null && on !== undefined) refuseAhead(on, today);
  return on ?? today.day;
}

const audit = <P, Q, B>(call: Call<P, Q, B>, action: string, unit: UnitId, detail: Record<string, unknown>): Promise<void> =>
  recordAudit(call.services, call.trx, call.caller.id, action, unit, detail);
const changeOn = (caller: Caller, on: UnitChange['on']): UnitChange => ({ by: caller.id, on });

const list = route({
  method: 'get',
  path: '/units',
  tag: 'units',
  title: '我管辖的单位 Units of mine',
  access: 'signedIn',
  query: z.strictObject({
    ...pageQuery,
    parent: unitId.optional(),
    level: elementId.optional(),
    text: z.string().min(1).max(100).optional(),
  }),
  reply: pageOf(unitSchema).meta({ id: 'Units' }),
  async handle({ query, caller, services }) {
    const after = decodeCursor(query.cursor, 1)?.[0] ?? null;
    const rows = await listUnits(services.store.db, services.county, {
      scope: caller.scope(),
      parent: query.parent ?? null,
      level: query.level ?? null,
      text: query.text ?? null,
      after: after === null ? null : String(after),
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (unit) => [unit.path]);
    return { body: { items: page.rows.map(show), next: page.next } };
  },
});

const get = route({
  method: 'get',
  path: '/units/{unit}',
  tag: 'units',
  title: '一个单位及其沿革 A unit and its history',
  access: 'signedIn',
  params,
  reply: unitSchema
    .extend({ events: z.array(z.strictObject({ kind: z.string(), on: z.string(), by: z.string(), detail: z.unknown() })) })
    .meta({ id: 'UnitWithEvents' }),
  async handle({ params: { unit: id }, caller, services }) {
    const unit = await visible(services, services.store.db, caller, id);
    return { body: { ...show(unit), events: await unitEvents(services.store.db, services.county, id) }, version: unit.version };
  },
});

const create = route({
  method: 'post',
  path: '/units',
  tag: 'units',
  title: '新建单位 Create a unit',
  access: 'admin',
  body: z
    .strictObject({
      level: elementId,
      parent: unitId,
      name: line(100),
      code: line(50).nullish(),
      kind: line(50).nullish(),
      from: localDate.nullish(),
    })
    .meta({ id: 'NewUnit' }),
  reply: unitSchema,
  problems: ['conflict', 'not-permitted'],
  afterwards: refreshSettings,
  async handle(call) {
    const { body, caller, services, trx } = call;
    const parent = await standing(call, body.parent);
    await refuseTwin(call, parent.id, body.name);
    const unit = await createUnit(
      trx,
      services.county,
      { level: body.level, parent, name: body.name, code: body.code ?? null, kind: body.kind ?? null, from: body.from ?? null },
      changeOn(caller, body.from ?? (await dayOf(call, null, parent))),
    );
    await audit(call, 'unit.created', unit.id, { parent: parent.id, level: unit.level });
    return { body: show(unit), version: unit.version, headers: { Location: `/api/v1/units/${unit.id}` } };
  },
});

const rename = route({
  method: 'patch',
  path: '/units/{unit}',
  tag: 'units',
  title: '更名 Rename a unit',
  access: 'admin',
  params,
  editable: true,
  body: z
    .strictObject({ name: line(100).optional(), code: line(50).nullish(), kind: line(50).nullish(), on: localDate.optional() })
    .meta({ id: 'UnitRename' }),
  reply: unitSchema,
  problems: ['conflict', 'not-permitted', 'date-ahead'],
  afterwards: refreshSettings,
  async handle(call) {
    const {
      params: { unit: id },
      body,
      caller,
      services,
      trx,
    } = call;
    const wanted = call.version();
    const unit = await standing(call, id);
    if (body.name !== undefined && body.name !== unit.name) await refuseTwin(call, unit.parent, body.name);
    const renamed = await renameUnit(
      trx,
      services.county,
      unit,
      wanted,
      { name: body.name, code: body.code, kind: body.kind },
      changeOn(caller, await dayOf(call, body.on, unit)),
    );
    if (renamed === null) throw new Problem('precondition-failed');
    await audit(call, 'unit.renamed', id, { fields: Object.keys(body) });
    return { body: show(renamed), version: renamed.version };
  },
});

const move = route({
  method: 'post',
  path: '/units/{unit}/move',
  tag: 'units',
  title: '划归另一上级 Move a unit under another parent',
  access: 'admin',
  params,
  body: z.strictObject({ parent: unitId, on: localDate }).meta({ id: 'UnitMove' }),
  reply: unitSchema,
  status: 200,
  problems: ['conflict', 'not-permitted', 'date-ahead'],
  afterwards: refreshSettings,
  async handle(call) {
    const {
      params: { unit: id },
      body,
      caller,
      services,
      trx,
    } = call;
    const unit = await standing(call, id);
    const parent = await standing(call, body.parent);
    if (parent.path.startsWith(unit.path)) throw new Problem('conflict', { zh: '不能划归自己的下级', en: 'A unit cannot go below itself' });
    if (unit.parent === null) throw new Problem('conflict', { zh: '顶层单位不能划归他处', en: 'A top unit is not moved' });
    await refuseTwin(call, parent.id, unit.name);
    const on = await dayOf(call, body.on, unit, parent);
    const moved = await moveUnit(trx, services.county, unit, parent, changeOn(caller, on));
    await audit(call, 'unit.moved', id, { from: unit.parent, to: parent.id, on: body.on });
    return { body: show(moved), version: moved.version };
  },
});

const merge = route({
  method: 'post',
  path: '/units/{unit}/merge',
  tag: 'units',
  title: '并入另一单位 Merge a unit into another',
  about: '未办事项由并入的单位接办。What is open goes to the unit it becomes part of.',
  access: 'admin',
  params,
  body: z.strictObject({ into: unitId, on: localDate }).meta({ id: 'UnitMerge' }),
  reply: unitSchema,
  status: 200,
  problems: ['conflict', 'not-permitted', 'date-ahead'],
  afterwards: refreshSettings,
  async handle(call) {
    const {
      params: { unit: id },
      body,
      caller,
      services,
      trx,
    } = call;
    const unit = await standing(call, id);
    const into = await standing(call, body.into);
    if (into.path.startsWith(unit.path) || into.level !== unit.level) {
      throw new Problem('conflict', { zh: '只能并入同级的另一单位', en: 'A unit merges into another one of its level' });
    }
    const merged = await mergeUnit(trx, services.county, unit, into, changeOn(caller, await dayOf(call, body.on, unit, into)));
    await audit(call, 'unit.merged', id, { into: into.id, on: body.on });
    return { body: show(merged), version: merged.version };
  },
});

const split = route({
  method: 'post',
  path: '/units/{unit}/split',
  tag: 'units',
  title: '拆分单位 Split a unit',
  about:
    '未办事项由每个新单位各自接办；下级归第一个新单位，之后可再划归。Every part takes over what is open; the units below go to the first part, move them on where needed.',
  access: 'admin',
  params,
  body: z
    .strictObject({
      parts: z
        .array(z.strictObject({ name: line(100), code: line(50).nullable().default(null) }))
        .min(2)
        .max(20),
      on: localDate,
    })
    .meta({ id: 'UnitSplit' }),
  reply: z.strictObject({ items: z.array(unitSchema) }),
  status: 200,
  problems: ['conflict', 'not-permitted', 'date-ahead'],
  afterwards: refreshSettings,
  async handle(call) {
    const {
      params: { unit: id },
      body,
      caller,
      services,
      trx,
    } = call;
    const unit = await standing(call, id);
    if (unit.parent === null) throw new Problem('conflict', { zh: '顶层单位不能拆分', en: 'A top unit is not split' });
    for (const { name } of body.parts) if (name !== unit.name) await refuseTwin(call, unit.parent, name);
    if (new Set(body.parts.map(({ name }) => name)).size < body.parts.length)
      throw new Problem('conflict', { zh: '新单位不能同名', en: 'The parts need different names' });
    const on = await dayOf(call, body.on, unit);
    const parts = await splitUnit(trx, services.county, unit, body.parts, changeOn(caller, on));
    await audit(call, 'unit.split', id, { into: parts.map((part) => part.id), on: body.on });
    return { body: { items: parts.map(show) } };
  },
});

const retire = route({
  method: 'post',
  path: '/units/{unit}/retire',
  tag: 'units',
  title: '撤销单位 Retire a unit',
  access: 'admin',
  params,
  body: z.strictObject({ on: localDate, reason: line(500) }).meta({ id: 'UnitRetire' }),
  reply: unitSchema,
  status: 200,
  problems: ['conflict', 'not-permitted', 'date-ahead'],
  afterwards: refreshSettings,
  async handle(call) {
    const {
      params: { unit: id },
      body,
      caller,
      services,
      trx,
    } = call;
    const unit = await standing(call, id);
    if (unit.parent === null) throw new Problem('conflict', { zh: '顶层单位不能撤销', en: 'A top unit is not retired' });
    const below = (await subtree(trx, services.county, unit.path)).filter((other) => other.id !== id && other.to === null);
    if (below.length > 0)
      throw new Problem('conflict', {
        zh: `还有 ${below.length} 个下级单位，请先划归或撤销`,
        en: `${below.length} units below it still stand: move or retire them first`,
      });
    const retired = await retireUnit(trx, services.county, unit, changeOn(caller, await dayOf(call, body.on, unit)));
    await audit(call, 'unit.retired', id, { on: body.on, reason: body.reason });
    return { body: show(retired), version: retired.version };
  },
});

export const unitRoutes: readonly Route[] = [list, get, create, rename, move, merge, split, retire];
