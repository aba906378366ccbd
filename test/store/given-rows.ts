import { TurnBook } from '../../activities/rows/turns.js';
import { actOnRow } from '../../activities/rows/act.js';
import { turnRows } from '../../activities/rows/run.js';
import { measureActivities } from '../../activities/measures/index.js';
import { Recorder } from '../../activities/record/index.js';
import type { RowsEffect } from '../../domain/model/effect.js';
import type { Act, Actor, CoreEvent, UnitTallies } from '../../domain/model/event.js';
import type { ActId, Digest, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { State } from '../../domain/model/state.js';
import { initialState, step } from '../../domain/process/index.js';
import { openStore, type Store } from '../../store/connection.js';
import { pageInbox } from '../../store/inbox.js';
import { startProcess } from '../../store/processes.js';
import { putSetting } from '../../store/settings.js';
import { createVirtualWorld } from '../../store/worlds.js';
import { actor, at, definitionOf, settingOf, unit } from '../support/campaign.js';
import { found } from '../support/definitions.js';
import { freshDatabase } from '../support/runtime.js';
import { COUNTY } from './given.js';

export const OFFICE = actor('p1', ['office', 'u1']);
export const collectorOf = (village: string): Actor => actor(`p-${village}`, ['collector', village]);

/** A town of one area and so many villages, and the definition that owes about persons. */
export function rowsSetting(villages: number): Setting {
  const units = [
    unit('u1', 'town', null),
    unit('u2', 'area', 'u1'),
    ...Array.from({ length: villages }, (_, i) => unit(`v${i + 1}`, 'village', 'u2')),
  ];
  return settingOf(definitionOf('rows.yaml', 'test/definitions'), units);
}

/** The process, its rows and the store, without the engine: each event is stepped, recorded, and its rows get their turn at once. */
export class Town {
  state: State;
  wakeAt: Moment | null = null;
  /** Asked for and, with `patient`, not answered yet. */
  readonly waiting: RowsEffect[] = [];
  patient = false;
  /** The event that took the rows' last answer. */
  answered = 0;
  readonly recorder: Recorder;
  readonly book: TurnBook;
  readonly #figures: ReturnType<typeof measureActivities>;

  private constructor(
    readonly store: Store,
    readonly process: ProcessId,
    readonly digest: Digest,
    public setting: Setting,
    readonly adminUrl: string,
    readonly close: () => Promise<void>,
    readonly day: string,
  ) {
    this.state = initialState(process);
    this.recorder = new Recorder(store);
    this.#figures = measureActivities(store, () => Promise.resolve(this.state.now));
    this.book = new TurnBook((db, county, of) => this.recorder.setting(db, county, of));
  }

  static async given(villages = 3, with_?: { readonly setting: Setting; readonly day: string }): Promise<Town> {
    const database = await freshDatabase();
    const store = openStore(database.url);
    await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测试县' }).execute();
    const { setting, day } = with_ ?? { setting: rowsSetting(villages), day: '2020-05-01' };
    const paths = new Map<string, string>();
    for (const one of setting.units) paths.set(one.id, `${one.parent === null ? '/' : (paths.get(one.parent) ?? '/')}${one.id}/`);
    await store.db
      .insertInto('units')
      .values(
        setting.units.map((one) => ({
          county_id: COUNTY,
          unit_id: one.id,
          level: one.level,
          parent_id: one.parent,
          name: one.name,
          path: paths.get(one.id) ?? '/',
        })),
      )
      .execute();
    const digest = await putSetting(store.db, COUNTY, setting);
    const world = await createVirtualWorld(store.db, COUNTY, at(day));
    const { process } = await store.db.transaction().execute((trx) =>
      startProcess(trx, {
        county: COUNTY,
        definition: setting.definition.id,
        version: setting.definition.version,
        definitionDigest: setting.definitionDigest,
        setting: digest,
        world: world.id,
        rootUnit: 'u1' as UnitId,
        year: setting.year,
        title: setting.definition.title,
        by: 'p1' as UserId,
      }),
    );
    const close = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return new Town(store, process.process_id, digest, setting, database.adminUrl, close, day);
  }

  /** Persons and what each owes: `d1`, `d2` ... in this village, numbered on. */
  async people(from: number, to: number, village: string, amount = 28_000): Promise<void> {
    const { definition, year } = this.setting;
    const [insurance = ''] = definition.insurance;
    const { unit_path: path } = found((await this.sql(`select path as unit_path from units where unit_id = $1`, [village]))[0], village);
    await this.sql(
      `insert into people (county_id, person_id, name, born, unit_id) select '${COUNTY}', 'n' || i, '某' || i, '1980-01-01', $3::text from generate_series($1::int, $2::int) i`,
      [from, to, village],
    );
    await this.sql(
      `insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, amount, since_at)
       select '${COUNTY}', $4::text, 'd' || i, 'n' || i, $3::text, $5::text, $6::text, $7::int, $8::bigint, $9::text from generate_series($1::int, $2::int) i`,
      [from, to, village, this.process, path, insurance, year, amount, `${this.day}T08:00:00`],
    );
  }
  async paid(due: string, fen: number, on: string): Promise<void> {
    await this.sql(`update dues set arrived = $2::bigint, arrived_on = case when $2::bigint > 0 then $3::text end where due_id = $1`, [
      due,
      fen,
      on,
    ]);
  }

  async take(event: CoreEvent, with_?: { setting: Setting }): Promise<string | null> {
    const stepped = step(with_?.setting ?? this.setting, this.state, event);
    if (stepped.refusal !== null) return stepped.refusal.code;
    if (with_) this.setting = with_.setting;
    this.state = stepped.state;
    this.wakeAt = stepped.wakeAt;
    await this.recorder.record(COUNTY, this.process, stepped.state.seq, [event]);
    for (const effect of stepped.effects) {
      if (effect.type === 'rows') this.waiting.push(effect);
      if (effect.type === 'count') {
        await this.take({ type: 'counted', at: this.state.now, tallies: await this.figures(effect.needed) });
      }
    }
    if (!this.patient) await this.turn();
    return null;
  }
  /** Gives the rows the turns that wait. */
  async turn(): Promise<void> {
    for (let effect = this.waiting.shift(); effect; effect = this.waiting.shift()) {
      const answer = await turnRows(this.store, this.book, { county: COUNTY, process: this.process, effect });
      this.answered = this.state.seq + 1;
      await this.take({ type: 'rowsTurned', at: this.state.now, ...answer });
    }
  }
  async launch(): Promise<this> {
    await this.take({ type: 'launched', at: at(this.day), by: 'p1' as UserId });
    return this;
  }
  async until(moment: string): Promise<void> {
    for (let next = this.wakeAt; next !== null && next <= at(moment); next = this.wakeAt) await this.take({ type: 'woke', at: next });
    await this.take({ type: 'woke', at: at(moment) });
  }
  async act(who: Actor, act: Act): Promise<string | null> {
    return this.take({ type: 'acted', at: this.state.now, actId: `o${this.state.seq}` as ActId, actor: who, act });
  }
  /** An act on a row, as the API hands it over. */
  onRow(id: string, who: Actor, act: Act, actId = `${id} ${act.kind}`) {
    return actOnRow(this.store, this.book, {
      county: COUNTY,
      process: this.process,
      row: id as ObligationId,
      actId: actId as ActId,
      actor: who,
      act,
      at: this.state.now,
    });
  }
  /** Present figures by unit, as the process asks for them. */
  async figures(needed: readonly string[]): Promise<UnitTallies> {
    return (await this.#figures.count({ county: COUNTY, process: this.process, needed })).tallies;
  }
  /** Takes in what is in the inbox, or tells the process that dues were touched. */
  async facts(): Promise<void> {
    const inbox = await pageInbox(this.store.db, COUNTY, this.process, this.state.factsUpTo, 1000);
    const upTo = inbox.at(-1)?.id ?? this.state.factsUpTo + 1;
    await this.take({ type: 'facts', at: this.state.now, upTo, facts: inbox.map(({ fact }) => fact) });
  }

  async sql(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.store.pool.query<Record<string, unknown>>(text, [...values])).rows;
  }
  /** How many rows stand how: `contribution open late 3`. */
  async standing(): Promise<string[]> {
    const { rows } = await this.store.pool.query<{ duty: string; status: string; late: boolean; n: number }>(
      `select duty, status, late, count(*)::int as n from obligations where process_id = $1 and row_id = obligation_id group by 1, 2, 3 order by 1, 2, 3`,
      [this.process],
    );
    return rows.map(({ duty, status, late, n }) => `${duty} ${status}${late ? ' late' : ''} ${n}`);
  }
  async outbox(): Promise<string[]> {
    const { rows } = await this.store.pool.query<
      Record<'text_id' | 'role' | 'unit_id' | 'send_at' | 'obligation_id', string> & { rows: number }
    >(
      `select text_id, role, unit_id, send_at, rows, obligation_id from outbox where process_id = $1 order by send_at, text_id, role, unit_id, rows, obligation_id`,
      [this.process],
    );
    return rows.map(
      ({ text_id, role, unit_id, send_at, rows: n, obligation_id: of }) => `${text_id} ${role}@${unit_id} ${send_at} ${n === 0 ? of : n}`,
    );
  }
  /** All that a fold fills, in a stable order. */
  async dump(): Promise<string[]> {
    const lines: string[] = [];
    for (const table of ['obligations', 'board', 'row_counts'])
      for (const { line } of await this.sql(
        `select (to_jsonb(t) - 'stored_at')::text as line from ${table} t where process_id = $1 ${table === 'row_counts' ? 'and rows <> 0' : ''} order by 1`,
        [this.process],
      ))
        lines.push(`${table} ${String(line)}`);
    return lines;
  }
}
