import { sql } from 'kysely';
import type { Effect, NoticeDraft, RowsEffect } from '../../domain/model/effect.js';
import type { Digest, ObligationId, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { MilestoneState, Obligation, Publication, State } from '../../domain/model/state.js';
import { shelfOf } from '../../domain/process/obligation-ids.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';
import { addTurns } from '../rows/turns.js';
import { insertOutbox, type OutboxNotice } from '../outbox.js';
import type { Part } from '../parts.js';
import { moveBoard } from './board.js';
import { boardDeltas, upsertObligations, type ObligationChange } from './obligations.js';
import { unitPaths } from './paths.js';

type FlagEffect = Extract<Effect, { readonly type: 'flag' }>;

/**
 * What events change in the read model and the outbox, gathered over a batch: the last effect on a row wins, notices and flags add up. The same
 * events give the same rows however they are cut into batches.
 */
export class Changes {
  readonly #obligations = new Map<ObligationId, ObligationChange>();
  readonly #milestones = new Map<string, { milestone: MilestoneState; snapshot: string | null; seq: number; path: string }>();
  readonly #publications = new Map<ObligationId, Publication>();
  readonly #flags = new Map<string, FlagEffect & { readonly path: string }>();
  readonly #notices: OutboxNotice[] = [];
  readonly #turns: { readonly effect: RowsEffect; readonly setting: Digest }[] = [];
  #treeChanged = false;

  /** Takes in the effects of an event that met the state `before`: its number, and the setting with which it was stepped, are those `after`. */
  add(
    after: { readonly state: State; readonly setting: Setting; readonly digest: Digest },
    before: State,
    effects: readonly Effect[],
  ): void {
    const { setting, digest } = after;
    const { seq } = after.state;
    const pathOf = unitPaths(setting);
    for (const effect of effects) {
      switch (effect.type) {
        case 'obligation':
          this.#setObligation(effect.obligation, seq, pathOf(effect.obligation.unit), before);
          break;
        case 'notice':
          this.#notices.push({ notice: effect.notice, seq, via: channelsOf(setting, effect.notice), pathOf });
          break;
        case 'flag':
          this.#flags.set(flagId(effect), { ...effect, path: pathOf(effect.unit) });
          break;
        case 'milestone':
          this.#milestones.set(effect.key, {
            milestone: effect.milestone,
            snapshot: effect.snapshot,
            seq,
            path: pathOf(effect.milestone.unit),
          });
          break;
        case 'publication':
          this.#publications.set(effect.publication.obligation, effect.publication);
          break;
        case 'rows':
          this.#turns.push({ effect, setting: digest });
          break;
        case 'opening':
        case 'free':
        case 'deposit':
          // Cases are rows: their host writes what they call for.
          break;
        case 'process':
        case 'measure':
        case 'count':
          // The process's row is written from the state; figures are asked for by the process itself.
          break;
        default: {
          const never: never = effect;
          return never;
        }
      }
    }
  }

  /** The tree was replaced: rows that are there already follow their units. */
  moveUnits(): void {
    this.#treeChanged = true;
  }

  #setObligation(obligation: Obligation, seq: number, path: string, { open }: State): void {
    const { id } = obligation;
    const known = this.#obligations.get(id);
    this.#obligations.set(id, { before: known === undefined ? (open[shelfOf(id)]?.[id] ?? null) : known.before, obligation, seq, path });
  }

  /** What nearly every event changes: obligations, the board, what is to be sent. */
  get parts(): { readonly owed: Part; readonly counted: Part; readonly said: Part } {
    const obligations = [...this.#obligations.values()];
    return { owed: upsertObligations(obligations), counted: moveBoard(boardDeltas(obligations)), said: insertOutbox(this.#notices) };
  }

  /** Whether `parts` is all there is. */
  get isPlain(): boolean {
    return this.#milestones.size + this.#flags.size + this.#publications.size + this.#turns.length === 0 && !this.#treeChanged;
  }

  /** Writes all but `parts`. The caller holds the process's row. */
  async writeRest(trx: Trx, county: string, process: ProcessId): Promise<void> {
    await this.#writeMilestones(trx, county, process);
    await this.#writeFlags(trx, county, process);
    await this.#writePublications(trx, county, process);
    await addTurns(trx, county, process, this.#turns);
    if (this.#treeChanged) await followUnits(trx, county, process);
  }

  async #writeMilestones(trx: Trx, county: string, process: ProcessId): Promise<void> {
    if (this.#milestones.size === 0) return;
    const rows = [...this.#milestones].map(([key, { milestone, snapshot, seq, path }]) => ({
      key,
      path,
      snapshot,
      seq,
      ...milestone,
      body: milestone,
    }));
    await sql`
      insert into milestones (county_id, process_id, key, milestone, unit_id, unit_path, period, due, status, result, snapshot_id, body, seq)
      select ${county}, ${process}, r.key, r.milestone, r.unit, coalesce(u.path, r.path), r.period, r.due, r.status, r.result, r.snapshot,
        r.body, r.seq
      from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (key text, milestone text, unit text, path text, period text, due text, status text,
        result text, snapshot text, body jsonb, seq bigint)
      left join units u on u.county_id = ${county} and u.unit_id = r.unit
      on conflict (county_id, process_id, key) do update set
        due = excluded.due, status = excluded.status, result = excluded.result, snapshot_id = excluded.snapshot_id, body = excluded.body,
        seq = excluded.seq, unit_id = excluded.unit_id, unit_path = excluded.unit_path, period = excluded.period,
        milestone = excluded.milestone`.execute(trx);
  }

  async #writeFlags(trx: Trx, county: string, process: ProcessId): Promise<void> {
    if (this.#flags.size === 0) return;
    const rows = [...this.#flags].map(([id, flag]) => ({ id, ...flag }));
    await sql`
      insert into flags (county_id, process_id, flag_id, report, unit_id, unit_path, about, on_date, days_late)
      select ${county}, ${process}, r.id, r.report, r.unit, coalesce(u.path, r.path), r.about, r."on", r."daysLate"
      from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (id text, report text, unit text, path text, about text, "on" text, "daysLate" integer)
      left join units u on u.county_id = ${county} and u.unit_id = r.unit
      on conflict (county_id, process_id, flag_id) do update set days_late = excluded.days_late, unit_path = excluded.unit_path`.execute(
      trx,
    );
  }

  async #writePublications(trx: Trx, county: string, process: ProcessId): Promise<void> {
    if (this.#publications.size === 0) return;
    const rows = [...this.#publications.values()];
    await sql`
      insert into publications (county_id, process_id, obligation_id, posted_on, earliest_down, taken_down_on)
      select ${county}, ${process}, r.obligation, r."postedOn", r."earliestDown", r."takenDownOn"
      from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (obligation text, "postedOn" text, "earliestDown" text, "takenDownOn" text)
      on conflict (county_id, process_id, obligation_id) do update set
        posted_on = excluded.posted_on, earliest_down = excluded.earliest_down, taken_down_on = excluded.taken_down_on`.execute(trx);
  }
}

const flagId = (flag: FlagEffect): string => `${flag.report}/${flag.unit}/${flag.about}@${flag.on}`;

function channelsOf(setting: Setting, notice: NoticeDraft): readonly string[] {
  return setting.definition.texts[notice.text]?.via ?? ['inbox'];
}

/** Rows of a process take the paths that the tree now has. */
export async function followUnits(trx: Trx, county: string, process: ProcessId): Promise<void> {
  for (const table of ['obligations', 'board', 'milestones', 'flags', 'outbox']) {
    await sql`
      update ${sql.id(table)} as t set unit_path = u.path from units u
      where t.county_id = ${county} and t.process_id = ${process} and u.county_id = t.county_id and u.unit_id = t.unit_id
        and u.path <> t.unit_path`.execute(trx);
  }
}

/** Empties what a fold of the journal fills. What has left (outbox) and what was measured (snapshots) stays. */
export async function clearReadModel(trx: Trx, county: string, process: ProcessId): Promise<void> {
  for (const table of ['obligations', 'board', 'milestones', 'flags', 'publications', 'row_counts']) {
    await sql`delete from ${sql.id(table)} where county_id = ${county} and process_id = ${process}`.execute(trx);
  }
}
