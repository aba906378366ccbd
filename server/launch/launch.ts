import { dateOf } from '../../domain/calendar/dates.js';
import { stateCouncilCalendar } from '../../domain/calendar/data/state-council.js';
import type { Definition } from '../../domain/model/definition.js';
import type { Digest, LevelId, LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import type { Calendar, Setting, TableRow } from '../../domain/model/setting.js';
import { putSetting } from '../../store/settings.js';
import { startProcess, type ProcessRow } from '../../store/processes.js';
import { addTargets } from '../../store/payments/targets.js';
import { createVirtualWorld, realWorld } from '../../store/worlds.js';
import { lockTree } from '../../store/units/change.js';
import { topPaths, unitById, type UnitRow } from '../../store/units/read.js';
import type { Db, Trx } from '../../store/connection.js';
import type { ImportSource } from '../../activities/imports/source.js';
import { presentMoment } from '../http/auth.js';
import { recordAudit } from '../http/audit.js';
import type { Caller } from '../http/caller.js';
import { notFound, Problem, type Fault } from '../http/problems.js';
import type { Services } from '../http/services.js';
import { amendedCalendar, type CalendarGiven } from './calendar.js';
import { deniedRows } from './denied-rows.js';
import { placeParameters, reachFaults, readParameters, type ParametersGiven, type ParametersRead } from './parameters.js';
import { questionsAt, showQuestion } from './questions.js';
import { bundledSource, isLevelTable, isTargetTable, readTable, type Bundle } from './tables.js';
import { plantChain, plantLevels, unitsOfRun, type Planting } from './units.js';

export interface LaunchRequest extends ParametersGiven {
  readonly definition: Definition;
  readonly digest: Digest;
  readonly bundle: Bundle;
  readonly year: number;
  /** A unit, or a chain of names below the county's top unit, the last one launching. */
  readonly root: { readonly unit: UnitId } | { readonly path: readonly { level: LevelId; name: string; code: string | null }[] };
  readonly readings: readonly string[];
  /** Uploaded files by table id. */
  readonly files: Readonly<Record<string, ImportSource>>;
  /** The county's own days; null = the published calendar alone. */
  readonly calendar: CalendarGiven | null;
  /** A virtual world with its clock here; null = the real world. */
  readonly asOf: Moment | null;
}

interface Prepared {
  readonly parameters: ParametersRead;
  readonly tables: Readonly<Record<string, readonly TableRow[]>>;
  readonly calendar: Calendar;
}

/** Reads what is given and refuses: `launch-refused` for wrong parameters, `launch-open-questions`, then `launch-refused` for wrong tables. */
async function prepareLaunch(db: Db, county: string, request: LaunchRequest, today: LocalDate): Promise<Prepared> {
  const { definition, bundle, readings, year } = request;
  const parameters = readParameters(definition, request);
  refuseFaults(parameters.faults);
  const calendar = request.calendar === null ? stateCouncilCalendar : amendedCalendar(stateCouncilCalendar, request.calendar);
  const sources = new Map<string, ImportSource>();
  for (const table of Object.values(definition.tables)) {
    const source = request.files[table.id] ?? bundledSource(bundle, table);
    if (source !== null && table.load !== null) sources.set(table.id, source);
  }
  const answers = { parameters: request.parameters, readings, tables: [...sources.keys()], year, today, calendar };
  const questions = await questionsAt(db, county, request, answers);
  const open = questions.filter(({ blocks }) => blocks).length;
  if (open > 0) {
    throw new Problem('launch-open-questions', {
      zh: `还有 ${open} 个事项未定`,
      en: `${open} questions are open`,
      members: { questions: questions.map(showQuestion) },
    });
  }
  const wrong: Fault[] = unknownTables(request);
  const tables: Record<string, readonly TableRow[]> = {};
  for (const [id, source] of sources) {
    const table = definition.tables[id];
    if (table === undefined) continue;
    const read = await readTable(table, source);
    wrong.push(...read.faults);
    tables[id] = read.rows;
  }
  refuseFaults(wrong);
  return { parameters, tables, calendar };
}

const unknownTables = ({ definition, files }: LaunchRequest): Fault[] =>
  Object.keys(files)
    .filter((id) => definition.tables[id]?.load == null)
    .map((id) => ({ in: 'file', path: id, code: 'unknown-key', zh: `没有需要文件的表“${id}”`, en: `no table '${id}' takes a file` }));

function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new Problem('launch-refused', { errors: faults });
}

/**
 * Everything of a launch in one transaction: units, world, setting, targets, process in status 'launching', audit. The workflow is started after it
 * has committed. Errors: those of `prepareLaunch`, `not-found`, `not-permitted`, `already-launched`.
 */
export async function launch(services: Services, trx: Trx, caller: Caller, request: LaunchRequest): Promise<ProcessRow> {
  const { county } = services;
  const { definition } = request;
  const at = request.asOf ?? presentMoment();
  const prepared = await prepareLaunch(trx, county, request, dateOf(at));
  await lockTree(trx, county);
  const world = request.asOf === null ? await realWorld(trx, county) : await createVirtualWorld(trx, county, request.asOf);
  const planting: Planting = { trx, county, definition, by: caller.id, on: dateOf(at) };
  const root = await rootOf(planting, caller, request);
  refuseFaults(await plantLevels(planting, root, prepared.tables));
  const setting = await assemble(trx, county, request, prepared, root.id);
  refuseFaults([...reachFaults(setting, prepared.parameters, dateOf(at)), ...deniedRows(setting, prepared.tables, root.id, dateOf(at))]);
  const digest = await putSetting(trx, county, setting);
  const { process, started } = await startProcess(trx, {
    county,
    definition: definition.id,
    version: definition.version,
    definitionDigest: request.digest,
    setting: digest,
    world: world.id,
    rootUnit: root.id,
    year: request.year,
    title: definition.title,
    by: caller.id,
  });
  if (!started) throw new Problem('already-launched', { members: { campaign: process.process_id } });
  await keepTargets(trx, services, process, definition, prepared, setting, at);
  await recordAudit(services, trx, caller.id, 'campaign.launched', process.process_id, {
    definition: `${definition.id}@${definition.version}`,
    definitionDigest: request.digest,
    setting: digest,
    root: root.id,
    year: request.year,
    world: world.id,
    readings: [...request.readings].sort(),
    ...(request.calendar === null ? {} : { calendar: prepared.calendar.id }),
  });
  return process;
}

/** The launching unit. Who launches holds the leading role there, or administers it; only administrators make new units. */
async function rootOf(planting: Planting, caller: Caller, request: LaunchRequest): Promise<UnitRow> {
  const { trx, county, definition, on } = planting;
  if ('path' in request.root) {
    const [topPath] = await topPaths(trx, county);
    const top = topPath === undefined ? null : await unitById(trx, county, topPath.slice(1, -1) as UnitId);
    if (top === null) throw notFound();
    caller.mustAdminister(top.path);
    for (const [index, { level }] of request.root.path.entries()) {
      if (definition.levels[level] === undefined)
        refuseFaults([
          {
            in: 'body',
            path: `root.path[${index}].level`,
            code: 'not-in-list',
            zh: `定义中没有层级“${level}”`,
            en: `the definition has no level '${level}'`,
          },
        ]);
    }
    return plantChain(planting, top, request.root.path);
  }
  const root = await unitById(trx, county, request.root.unit);
  if (root === null || !caller.sees(root.path, on)) throw notFound();
  const leads = caller.holds(definition.leads, root.path, on, definition.id);
  if (!leads) caller.mustAdminister(root.path);
  if (definition.levels[root.level] === undefined)
    refuseFaults([
      {
        in: 'body',
        path: 'root.unit',
        code: 'bad-value',
        zh: `单位的层级“${root.level}”不在定义中`,
        en: `the unit's level '${root.level}' is not one of the definition`,
      },
    ]);
  return root;
}

async function assemble(trx: Trx, county: string, request: LaunchRequest, prepared: Prepared, root: UnitId): Promise<Setting> {
  const { definition } = request;
  const units = await unitsOfRun(trx, county, definition, root);
  const { parameters, faults } = placeParameters({ definition, units }, prepared.parameters);
  refuseFaults(faults);
  const looked = Object.entries(prepared.tables).filter(([id]) => !isLevelTable(definition, id) && !isTargetTable(definition, id));
  return {
    definition,
    definitionDigest: request.digest,
    year: request.year,
    parameters,
    tables: Object.fromEntries(looked),
    calendar: prepared.calendar,
    units,
  };
}

/** Target tables as version 1, each row at its unit. */
async function keepTargets(
  trx: Trx,
  services: Services,
  process: ProcessRow,
  definition: Definition,
  prepared: Prepared,
  setting: Setting,
  at: Moment,
): Promise<void> {
  const faults: Fault[] = [];
  for (const [id, rows] of Object.entries(prepared.tables)) {
    const table = definition.tables[id];
    const key = table?.inputs[0];
    if (table === undefined || key === undefined || !isTargetTable(definition, id)) continue;
    const provisional = Object.values(definition.tables).some((other) => other.provisional === id);
    const kept = rows.flatMap((row, index) => {
      const name = String(row[key.id] ?? '');
      const found = setting.units.filter(
        (unit) => (definition.levels[key.type] === undefined || unit.level === key.type) && unit.name === name && unit.to === null,
      );
      const [unit] = found;
      if (unit !== undefined && found.length === 1)
        return [{ unit: unit.id, values: Object.fromEntries(Object.entries(row).filter(([column]) => column !== key.id)) }];
      faults.push({
        in: 'file',
        path: `${id}[${index + 1}]`,
        code: unit === undefined ? 'unknown-unit' : 'ambiguous-unit',
        zh: unit === undefined ? `没有单位“${name}”` : `有多个单位叫“${name}”`,
        en: unit === undefined ? `there is no unit '${name}'` : `several units are called '${name}'`,
      });
      return [];
    });
    await addTargets(trx, { county: services.county, process: process.process_id, table: id, provisional, importId: null, at }, kept);
  }
  refuseFaults(faults);
}
