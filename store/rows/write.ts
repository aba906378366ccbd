import { sql } from 'kysely';
import type { Effect, NoticeDraft } from '../../domain/model/effect.js';
import type { DutyId, Moment, ObligationId, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Obligation, ObligationStatus } from '../../domain/model/state.js';
import { dutyOfRow, isOver, type Row } from '../../domain/process/rows.js';
import { freeDues } from '../cases/frees.js';
import { openCases } from '../cases/openings.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';
import { alone } from '../parts.js';
import { countsOf, moveBoard, subtract, type BoardDelta } from '../read-model/board.js';
import { dutyOf } from '../read-model/obligations.js';
import { unitPaths } from '../read-model/paths.js';

/** A row before and after something happened to it; `before` null: it is new. */
export interface RowChange {
  readonly before: Row | null;
  readonly row: Row;
  readonly effects: readonly Effect[];
}

/**
 * Writes rows, the board, how many stand how, and what is to be said, in a few statements whatever their number. The caller holds the rows. `tag` names
 * the notices that this call adds up: what one turn says to one office about one unit is one notice with a number.
 */
export async function writeRows(
  trx: Trx,
  county: string,
  process: ProcessId,
  setting: Setting,
  changes: readonly RowChange[],
  tag: string | null,
): Promise<void> {
  if (changes.length === 0) return;
  const pathOf = unitPaths(setting);
  await insertMains(
    trx,
    county,
    process,
    changes.flatMap(({ before, row }) => (before === null ? [mainRow(row, pathOf)] : [])),
  );
  await updateMains(
    trx,
    county,
    process,
    changes.flatMap(({ before, row }) => (before === null ? [] : [mainRow(row, pathOf)])),
  );
  await upsertFollowUps(
    trx,
    county,
    process,
    changes.flatMap((change) => followUpRows(change, pathOf)),
  );
  await addToCounts(trx, county, process, changes);
  const board = boardDeltas(changes, pathOf);
  if (board.length > 0) await alone(trx, county, process, moveBoard(board));
  // Folded anew: what was said and called for stays so.
  if (tag === null) return;
  await addNotices(trx, county, process, setting, changes, tag);
  await addToCases(
    trx,
    county,
    process,
    changes.flatMap(({ effects }) => effects),
  );
}

const shown = (obligation: Obligation, path: string) => ({
  obligation_id: obligation.id,
  origin: obligation.origin.kind,
  duty: dutyOf(obligation),
  unit_id: obligation.unit,
  unit_path: path,
  insurance: obligation.insurance,
  period: obligation.period,
  owes: obligation.owes,
  status: obligation.status,
  since: obligation.since,
  due: obligation.due,
  late: obligation.late,
  days_late: obligation.closed?.daysLate ?? null,
  rung: Math.max(-1, ...obligation.fired),
  closed_on: obligation.closed?.on ?? null,
  body: obligation,
  person_id: obligation.subject?.person ?? null,
  due_id: obligation.subject?.due ?? null,
  next_at: isOver(obligation) ? null : obligation.nextAt,
});
type Shown = ReturnType<typeof shown> & { readonly row_id: ObligationId; readonly seq: number; readonly row_number: number | null };

const mainRow = (row: Row, pathOf: (unit: UnitId) => string): Shown => ({
  ...shown(row.main, pathOf(row.main.unit)),
  row_id: row.id,
  seq: row.turn,
  row_number: row.number,
});

/** Follow-ups that this change wrote. */
function followUpRows({ row, effects }: RowChange, pathOf: (unit: UnitId) => string): Shown[] {
  const last = new Map<ObligationId, Obligation>();
  for (const effect of effects)
    if (effect.type === 'obligation' && effect.obligation.id !== row.id) last.set(effect.obligation.id, effect.obligation);
  return [...last.values()].map((one) => ({
    ...shown(one, pathOf(one.unit)),
    row_id: row.id,
    seq: row.written[one.id] ?? row.turn,
    row_number: null,
  }));
}

const RECORD = sql.raw(`(obligation_id text, origin text, duty text, unit_id text, unit_path text, insurance text, period text, owes text[],
  status text, since text, due text, late boolean, days_late integer, rung integer, closed_on text, body jsonb, person_id text, due_id text,
  next_at text, row_id text, seq bigint, row_number integer)`);

const inserted = (county: string, process: ProcessId, rows: readonly Shown[]) => sql`
    insert into obligations (county_id, process_id, obligation_id, origin, duty, unit_id, unit_path, insurance, period, owes, status, since,
      due, late, days_late, rung, closed_on, body, seq, row_id, person_id, due_id, next_at, row_number)
    select ${county}, ${process}, r.obligation_id, r.origin, r.duty, r.unit_id, coalesce(u.path, r.unit_path), r.insurance, r.period, r.owes,
      r.status, r.since, r.due, r.late, r.days_late, r.rung, r.closed_on, r.body, r.seq, r.row_id, r.person_id, r.due_id, r.next_at, r.row_number
    from json_to_recordset(${toJson(rows)}::json) as r ${RECORD}
    left join units u on u.county_id = ${county} and u.unit_id = r.unit_id`;

async function insertMains(trx: Trx, county: string, process: ProcessId, rows: readonly Shown[]): Promise<void> {
  if (rows.length > 0) await inserted(county, process, rows).execute(trx);
}

async function updateMains(trx: Trx, county: string, process: ProcessId, rows: readonly Shown[]): Promise<void> {
  if (rows.length === 0) return;
  const changing = rows.map(
    ({
      obligation_id,
      unit_id,
      unit_path,
      owes,
      status,
      since,
      due,
      late,
      days_late,
      rung,
      closed_on,
      body,
      next_at,
      seq,
      row_number,
    }) => ({
      obligation_id,
      unit_id,
      unit_path,
      owes,
      status,
      since,
      due,
      late,
      days_late,
      rung,
      closed_on,
      body,
      next_at,
      seq,
      row_number,
    }),
  );
  await sql`
    update obligations o set unit_id = r.unit_id, unit_path = coalesce(u.path, r.unit_path), owes = r.owes, status = r.status,
      since = r.since, due = r.due, late = r.late,
      days_late = r.days_late, rung = r.rung, closed_on = r.closed_on, body = r.body, next_at = r.next_at, seq = r.seq, row_number = r.row_number
    from json_to_recordset(${toJson(changing)}::json) as r ${RECORD}
    left join units u on u.county_id = ${county} and u.unit_id = r.unit_id
    where o.county_id = ${county} and o.process_id = ${process} and o.obligation_id = r.obligation_id`.execute(trx);
}

async function upsertFollowUps(trx: Trx, county: string, process: ProcessId, rows: readonly Shown[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`${inserted(county, process, rows)}
    on conflict (county_id, process_id, obligation_id) do update set unit_id = excluded.unit_id, unit_path = excluded.unit_path,
      status = excluded.status, due = excluded.due, late = excluded.late, days_late = excluded.days_late, rung = excluded.rung,
      closed_on = excluded.closed_on, body = excluded.body, next_at = excluded.next_at, seq = excluded.seq`.execute(trx);
}

/** What cases call for, and which dues they free. */
async function addToCases(trx: Trx, county: string, process: ProcessId, effects: readonly Effect[]): Promise<void> {
  const openings = effects.flatMap((effect) => (effect.type === 'opening' ? [effect] : []));
  for (const { at, by } of new Map(openings.map((one) => [`${one.at} ${one.by}`, one])).values())
    await openCases(
      trx,
      county,
      process,
      openings.flatMap((one) => (one.at === at && one.by === by ? [one.opening] : [])),
      { at, by },
    );
  await freeDues(
    trx,
    county,
    process,
    effects.flatMap((effect) => (effect.type === 'free' ? [{ ...effect, row: effect.case }] : [])),
  );
}

interface Stands {
  readonly duty: DutyId;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly status: ObligationStatus;
  readonly late: boolean;
  readonly state: string;
}

async function addToCounts(trx: Trx, county: string, process: ProcessId, changes: readonly RowChange[]): Promise<void> {
  const sums = new Map<string, Stands & { rows: number }>();
  const add = ({ id, main }: Row, n: number): void => {
    const { unit, status, late } = main;
    const insurance = main.insurance ?? '';
    const state = main.case?.state ?? '';
    const key = `${dutyOfRow(id)} ${unit} ${insurance} ${status} ${late} ${state}`;
    const sum = sums.get(key);
    if (sum) sum.rows += n;
    else sums.set(key, { duty: dutyOfRow(id), unit, insurance, status, late, state, rows: n });
  };
  for (const { before, row } of changes) {
    if (before !== null) add(before, -1);
    add(row, 1);
  }
  const moved = [...sums].filter(([, { rows }]) => rows !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (moved.length === 0) return;
  await sql`
    insert into row_counts (county_id, process_id, duty, unit_id, insurance, status, late, state, rows)
    select ${county}, ${process}, r.duty, r.unit, r.insurance, r.status, r.late, r.state, r.rows
    from jsonb_to_recordset(${toJson(moved.map(([, sum]) => sum))}::jsonb) as r (duty text, unit text, insurance text, status text, late boolean,
      state text, rows integer)
    on conflict (county_id, process_id, duty, unit_id, insurance, status, late, state) do update set rows = row_counts.rows + excluded.rows`.execute(
    trx,
  );
}

/** Units in a fixed order: two writers who take the same ones do not wait for each other. */
function boardDeltas(changes: readonly RowChange[], pathOf: (unit: UnitId) => string): readonly BoardDelta[] {
  const deltas: BoardDelta[] = [];
  const stands = (one: Obligation): BoardDelta => ({
    unit: one.unit,
    path: pathOf(one.unit),
    counts: countsOf(one.status, one.late, one.closed?.daysLate ?? null),
  });
  for (const { before, row, effects } of changes) {
    if (before !== null) deltas.push(subtract(stands(before.main)));
    deltas.push(stands(row.main));
    const last = new Map<ObligationId, Obligation>();
    for (const effect of effects)
      if (effect.type === 'obligation' && effect.obligation.id !== row.id) last.set(effect.obligation.id, effect.obligation);
    for (const one of last.values()) {
      const was = before?.followUps.find(({ id }) => id === one.id);
      if (was) deltas.push(subtract(stands(was)));
      deltas.push(stands(one));
    }
  }
  return deltas.sort((a, b) => (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : 0));
}

interface Said {
  readonly notice: NoticeDraft;
  readonly about: Obligation;
  readonly role: string;
  readonly unit: UnitId;
  rows: number;
}

/** What goes to an office is added up; what goes to the person stands alone. */
async function addNotices(
  trx: Trx,
  county: string,
  process: ProcessId,
  setting: Setting,
  changes: readonly RowChange[],
  tag: string,
): Promise<void> {
  const said = new Map<string, Said>();
  for (const { row, effects } of changes)
    for (const effect of effects) {
      if (effect.type !== 'notice') continue;
      const { notice } = effect;
      for (const { role, unit } of notice.to) {
        const about = row.main;
        const { place, fields } = placeOf(setting, row, notice, unit);
        const key =
          role === 'person'
            ? `${notice.id}/person`
            : `${place}#${noticeDue(notice)}.${notice.rung}~${tag}/${notice.text}/${notice.sendAt}/${role}@${unit}`;
        const known = said.get(key);
        if (known) known.rows += 1;
        else
          said.set(
            key,
            role === 'person' ? { notice, about, role, unit, rows: 0 } : { notice: { ...notice, fields }, about, role, unit, rows: 1 },
          );
      }
    }
  if (said.size === 0) return;
  const pathOf = unitPaths(setting);
  const rows = [...said].map(([id, { notice, about, role, unit, rows: n }]) => ({
    id,
    notice: n === 0 ? notice.id : id.slice(0, id.lastIndexOf('/')),
    obligation: n === 0 ? about.id : null,
    unit,
    path: pathOf(unit),
    role,
    text: notice.text,
    fields: notice.fields,
    mandatory: notice.mandatory,
    sendAt: notice.sendAt satisfies Moment,
    via: setting.definition.texts[notice.text]?.via ?? ['inbox'],
    rows: n,
    seq: 0,
  }));
  await sql`
    insert into outbox (county_id, process_id, outbox_id, notice_id, obligation_id, unit_id, unit_path, role, text_id, fields, mandatory,
      send_at, via, status, seq, rows)
    select ${county}, ${process}, r.id, r.notice, r.obligation, r.unit, coalesce(u.path, r.path), r.role, r.text, r.fields, r.mandatory,
      r."sendAt", r.via, 'waiting', r.seq, r.rows
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (id text, notice text, obligation text, unit text, path text, role text, text text,
      fields jsonb, mandatory boolean, "sendAt" text, via text[], seq bigint, rows integer)
    left join units u on u.county_id = ${county} and u.unit_id = r.unit
    on conflict (county_id, process_id, outbox_id) do update set rows = outbox.rows + excluded.rows
      where outbox.status = 'waiting' and outbox.rows > 0`.execute(trx);
}

/**
 * What is added up to one notice: rows of a duty by their unit; cases by the office that is told, their state and the round (one obligation of a township and
 * round, the persons counted into it). What only one case knows is left out of what is said of several.
 */
function placeOf(
  setting: Setting,
  { id, main }: Row,
  notice: NoticeDraft,
  told: UnitId,
): { readonly place: string; readonly fields: NoticeDraft['fields'] } {
  const { case: standing } = main;
  if (standing === undefined) return { place: `${dutyOfRow(id)}/${main.unit}`, fields: notice.fields };
  const name = setting.units.find((unit) => unit.id === told)?.name ?? told;
  const own = new Set([...Object.keys(standing.fields), 'short']);
  const fields = Object.fromEntries(Object.entries(notice.fields).filter(([field]) => !own.has(field)));
  return { place: `${standing.type}.${standing.state}/${told}/r${standing.round}`, fields: { ...fields, unit: name } };
}

const noticeDue = ({ fields }: NoticeDraft): string => String(fields['due'] ?? '');
