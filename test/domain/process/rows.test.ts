import { describe, expect, test } from '@jest/globals';
import type { Effect, RowBirth, RowsEffect } from '../../../domain/model/effect.js';
import type { Act, Actor } from '../../../domain/model/event.js';
import type { ActId, Digest, ObligationId, UnitId } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import { foldRow, openRow, rowNextAt, stepRow, bringRow, type Row, type RowEvent, type Turn } from '../../../domain/process/rows.js';
import { actor, at, Campaign, day, definitionOf, settingOf, unit } from '../../support/campaign.js';
import { found } from '../../support/definitions.js';

/* One row of a duty about persons, stepped with the same core under its process; and what the process does for its rows. */

const units = [unit('u1', 'town', null), unit('u2', 'area', 'u1'), unit('v1', 'village', 'u2'), unit('v2', 'village', 'u2')];
const setting: Setting = settingOf(definitionOf('rows.yaml', 'test/definitions'), units);
const OFFICE = actor('p1', ['office', 'u1']);
const COLLECTOR = actor('p2', ['collector', 'v1']);

/** A process and one of its rows, in memory. */
class Host {
  readonly process = new Campaign(setting);
  readonly turns: Turn[] = [];
  readonly entries: { readonly under: number; readonly event: RowEvent }[] = [];
  readonly effects: Effect[] = [];
  rows: Row[] = [];
  #taken = 0;
  #acts = 0;

  constructor(readonly duty: 'contribution' | 'visit' = 'contribution') {
    this.process.launch('2020-05-01');
    this.turn();
  }

  asked(): readonly RowsEffect[] {
    return this.process.effects.flatMap((effect) => (effect.type === 'rows' ? [effect] : []));
  }
  /** Takes the process's turns in and answers each, as the shell does. */
  turn(with_: Setting = setting): void {
    for (const effect of this.asked().slice(this.#taken)) {
      this.#taken += 1;
      if (effect.kind !== 'facts')
        this.turns.push({
          seq: effect.turn,
          at: effect.at,
          context: effect.context,
          setting: with_,
          digest: with_.units.length.toString(),
        });
      const birth = effect.births.find((one) => one.duty === this.duty);
      if (birth) this.open(birth);
      this.rows = this.rows.map((row) => {
        const brought = bringRow(row, this.turns);
        this.effects.push(...brought.effects);
        return brought.row;
      });
      this.process.take({
        type: 'rowsTurned',
        at: this.process.state.now,
        turn: effect.turn,
        nextAt: this.rows.reduce<ReturnType<typeof rowNextAt>>((next, row) => rowNextAt(row) ?? next, null),
        sums: { [this.duty]: { open: this.rows.filter(({ main }) => main.closed === null).length, late: 0, closed: 0 } },
        did: { opened: 0, stepped: 0, settled: 0 },
        journal: { from: 0, to: 0, entries: 0, digest: 'x' as Digest },
      });
    }
  }
  private open(birth: RowBirth): void {
    const turn = found(this.turns.at(-1), 'turn');
    const event = { type: 'opened' as const, at: turn.at, birth, due: 'd1', person: 'n1', unit: 'v1' as UnitId, insurance: 'medical' };
    this.entries.push({ under: turn.seq, event });
    this.rows = [found(openRow(turn, event), 'row').row];
  }
  until(moment: string): this {
    const goal = at(moment);
    for (let next = this.process.wakeAt; next !== null && next <= goal; next = this.process.wakeAt) {
      this.process.take({ type: 'woke', at: next });
      this.turn();
    }
    this.process.take({ type: 'woke', at: goal });
    this.turn();
    return this;
  }
  get row(): Row {
    return found(this.rows[0], 'row');
  }
  step(event: Exclude<RowEvent, { type: 'opened' | 'caseOpened' }>) {
    const stepped = stepRow(this.row, this.turns, event);
    if (stepped.refusal === null && stepped.changed) {
      if (stepped.row.number > this.row.number) this.entries.push({ under: stepped.row.turn, event });
      this.rows = [stepped.row];
      this.effects.push(...stepped.effects);
    }
    return stepped;
  }
  act(who: Actor, act: Act): string | null {
    const event = { type: 'acted' as const, at: this.process.state.now, actId: `a${(this.#acts += 1)}` as ActId, actor: who, act };
    return this.step(event).refusal?.code ?? null;
  }
  paid(stands: 'owed' | 'done' | 'none', on: string, where = 'v1') {
    return this.step({ type: 'settled', at: this.process.state.now, stands, on: day(on), unit: where as UnitId });
  }
  told(): readonly string[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'notice'
        ? effect.notice.to.map(({ role, unit: where }) => `${effect.notice.text} ${role}@${where} ${effect.notice.sendAt}`)
        : [],
    );
  }
  /** What folding its entries under the process's turns gives. */
  folded(): Row | null {
    return foldRow(this.entries, this.turns, this.turns.at(-1)?.seq ?? 0)?.row ?? null;
  }
}
const ID = 'contribution/d1' as ObligationId;

describe('the process', () => {
  test('given a duty about persons, when launched, then it asks for rows and owes nothing of them itself', () => {
    const process = new Campaign(setting).launch('2020-05-01');
    const [asked] = process.effects.flatMap((effect) => (effect.type === 'rows' ? [effect] : []));
    expect(asked?.births).toEqual([
      { duty: 'contribution', period: null, window: null, since: '2020-05-01' },
      { duty: 'visit', period: null, window: null, since: '2020-05-01' },
    ]);
    expect(Object.keys(process.state.open)).toEqual(['cleared']);
    expect(process.state.rows).toEqual({ nextAt: null, asked: [1], journalled: 0, sums: {} });
  });

  test('given the answer, then it wakes for the rows and asks for their turn once', () => {
    const host = new Host();
    expect(host.process.wakeAt).toBe('2020-05-20T08:30:00');
    host.until('2020-05-20');
    expect(
      host
        .asked()
        .filter(({ kind }) => kind === 'step')
        .map(({ at: moment }) => moment),
    ).toEqual(['2020-05-20T08:30:00']);
  });

  test('money that comes in makes it look at its rows; without rows nothing is asked', () => {
    const host = new Host();
    host.process.facts([{ kind: 'payment.arrived', unit: 'v1' as UnitId, insurance: 'medical', on: day('2020-05-02'), amount: 100 }]);
    host.process.facts([{ kind: 'rows.touched', unit: 'u1' as UnitId, insurance: null, on: day('2020-05-02'), amount: 0 }]);
    expect(host.asked().map(({ kind }) => kind)).toEqual(['context', 'facts', 'facts']);
  });

  test('it is not over while rows are owed', () => {
    const host = new Host();
    host.until('2021-01-02');
    expect(host.process.state.status).toBe('running');
  });
});

describe('a row', () => {
  test('reminds the person, is late from midnight on, and climbs to the collector and the area', () => {
    const host = new Host().until('2020-05-29');
    expect(host.row.main).toMatchObject({
      id: ID,
      owes: ['person'],
      unit: 'v1',
      due: '2020-05-25',
      late: true,
      fired: [0, 1, 2],
      subject: { due: 'd1', person: 'n1' },
    });
    expect(host.told()).toEqual([
      'payUntil person@v1 2020-05-20T08:30:00',
      'unpaid collector@v1 2020-05-26T08:30:00',
      'unpaid areaLeader@u2 2020-05-28T08:30:00',
    ]);
    expect(host.folded()).toEqual(host.row);
  });

  test('is discharged by the money on the day it arrived, though it was recorded later', () => {
    const host = new Host().until('2020-05-27');
    host.paid('done', '2020-05-25');
    expect(host.row.main).toMatchObject({ status: 'done', late: false, closed: { on: '2020-05-25', by: 'system', daysLate: 0 } });
    host.until('2020-05-29');
    expect(host.told()).toHaveLength(2);
    expect(host.folded()).toEqual(host.row);
  });

  test('is owed again when the money is taken back; what was said is not said again', () => {
    const host = new Host().until('2020-05-27');
    host.paid('done', '2020-05-24');
    host.until('2020-05-30');
    host.paid('owed', '2020-05-30');
    expect(host.row.main).toMatchObject({ status: 'open', late: true, closed: null, due: '2020-05-25' });
    host.until('2020-06-10');
    expect(host.told()).toEqual(['payUntil person@v1 2020-05-20T08:30:00', 'unpaid collector@v1 2020-05-26T08:30:00']);
    expect(host.folded()).toEqual(host.row);
  });

  test('what a person did is not undone by a fact', () => {
    const host = new Host('visit').until('2020-05-10');
    const visit = 'visit/d1' as ObligationId;
    expect(host.act(COLLECTOR, { kind: 'done', obligation: visit, answer: { spoken: true } })).toBeNull();
    expect(host.paid('owed', '2020-05-11').changed).toBe(false);
    expect(host.row.main).toMatchObject({ status: 'done', parts: [{ role: 'collector', by: 'p2' }] });
    expect(host.act(COLLECTOR, { kind: 'done', obligation: visit, answer: { spoken: true } })).toBe('already-closed');
    expect(host.folded()).toEqual(host.row);
  });

  test('who no longer owes is out, and comes back', () => {
    const host = new Host('visit').until('2020-05-10');
    host.paid('none', '2020-05-10');
    expect(host.row.main.status).toBe('notApplicable');
    host.paid('owed', '2020-05-10');
    expect(host.row.main.status).toBe('open');
    expect(host.folded()).toEqual(host.row);
  });

  test('refuses whom it does not belong to, what is missing, what no row takes', () => {
    const host = new Host('visit').until('2020-05-10');
    const visit = 'visit/d1' as ObligationId;
    expect(host.act(actor('p3', ['collector', 'v2']), { kind: 'done', obligation: visit, answer: { spoken: true } })).toBe('not-yours');
    expect(host.act(COLLECTOR, { kind: 'done', obligation: visit })).toBe('fields-missing');
    expect(host.act(COLLECTOR, { kind: 'extend', obligation: visit, due: day('2020-06-01'), reason: '外出' })).toBe('not-granted');
    expect(host.act(OFFICE, { kind: 'suspend', obligation: visit, reason: '外出' })).toBe('never-granted');
    expect(host.row.number).toBe(1);
    const nobody = new Host();
    expect(nobody.act(COLLECTOR, { kind: 'done', obligation: ID })).toBe('not-yours');
  });

  test('waits for the second person, and ends when that one releases', () => {
    const host = new Host().until('2020-05-10');
    expect(host.act(COLLECTOR, { kind: 'waive', obligation: ID, reason: '已迁出' })).toBeNull();
    const [asked] = host.row.followUps;
    expect(asked).toMatchObject({ origin: { kind: 'confirm' }, unit: 'u1', owes: ['office'], subject: { person: 'n1' } });
    expect(host.row.main.status).toBe('open');
    expect(host.act(OFFICE, { kind: 'release', obligation: found(asked, 'confirm').id })).toBeNull();
    expect(host.row.main.status).toBe('waived');
    expect(host.row.followUps).toEqual([]);
    expect(host.folded()).toEqual(host.row);
  });

  test('an extension starts the ladder anew', () => {
    const host = new Host().until('2020-05-27');
    expect(host.act(OFFICE, { kind: 'extend', obligation: ID, due: day('2020-06-05'), reason: '外出务工' })).toBeNull();
    expect(rowNextAt(host.row)).toBe('2020-06-01T08:30:00');
    expect(host.act(OFFICE, { kind: 'extend', obligation: ID, due: day('2020-06-08'), reason: '再延' })).toBe('too-often');
    expect(host.folded()).toEqual(host.row);
  });
});

describe('what happens to the process', () => {
  const amend = (to: string): Act => ({ kind: 'amendPhase', phase: 'collection', from: null, to: day(to), reason: '疫情' });

  test('a longer phase moves the row; a row already late stands', () => {
    const host = new Host().until('2020-05-22');
    expect(host.process.act(OFFICE, amend('2020-06-10'))).toBeNull();
    host.turn();
    expect(host.row.main).toMatchObject({ due: '2020-06-10', dueVersion: 2, fired: [] });
    const late = new Host().until('2020-05-28');
    expect(late.process.act(OFFICE, amend('2020-06-10'))).toBeNull();
    late.turn();
    expect(late.row.main).toMatchObject({ due: '2020-05-25', late: true });
    expect([host.folded(), late.folded()]).toEqual([host.row, late.row]);
  });

  test('an act between an amendment and its turn is done under the amendment', () => {
    const host = new Host('visit').until('2020-05-10');
    const before = host.turns.length;
    host.process.act(OFFICE, { kind: 'amendParameter', parameter: 'visitBy', unit: null, value: '2020-05-28', reason: '下雨' });
    const rows = host.rows;
    host.turn();
    const behind = found(rows[0], 'row');
    const stepped = stepRow(behind, host.turns, {
      type: 'acted',
      at: at('2020-05-10T10:00:00'),
      actId: 'x' as ActId,
      actor: OFFICE,
      act: { kind: 'extend', obligation: behind.id, due: day('2020-05-25'), reason: '早于新期限' },
    });
    expect(host.turns.length).toBe(before + 1);
    expect(stepped.refusal?.code).toBe('date-not-later');
  });

  test('a pause stops the clock and moves what was open', () => {
    const host = new Host().until('2020-05-10');
    host.process.act(OFFICE, { kind: 'pause', reason: '停电' });
    host.turn();
    expect(host.act(OFFICE, { kind: 'extend', obligation: ID, due: day('2020-06-05'), reason: '外出' })).toBe('campaign-paused');
    host.until('2020-05-30');
    expect(host.told()).toEqual([]);
    host.process.act(OFFICE, { kind: 'resume' });
    host.turn();
    expect(host.row.main).toMatchObject({ due: '2020-06-14', moved: 20, late: false });
    host.until('2020-06-10');
    expect(host.told()).toEqual(['payUntil person@v1 2020-06-09T08:30:00']);
    expect(host.folded()).toEqual(host.row);
  });

  test('a village that ended hands its people to its successor; the roster moves single persons', () => {
    const host = new Host().until('2020-05-10');
    const merged: Setting = {
      ...setting,
      units: [
        ...units.map((one) => (one.id === 'v1' ? { ...one, to: day('2020-05-09'), successors: ['v2' as UnitId] } : one)),
        unit('v3', 'village', 'u2'),
      ],
    };
    host.process.take({
      type: 'settingChanged',
      at: host.process.state.now,
      setting: 'y' as Digest,
      what: 'units',
      by: OFFICE.user,
      reason: '并村',
    });
    host.turn(merged);
    expect(host.row.main.unit).toBe('v2');
    host.paid('owed', '2020-05-10', 'v3');
    expect(host.row.main).toMatchObject({ unit: 'v3', id: ID });
    expect(host.folded()).toEqual(host.row);
  });

  test('a stop withdraws it', () => {
    const host = new Host().until('2020-05-10');
    host.process.act(OFFICE, { kind: 'stop', reason: '取消' });
    host.turn();
    expect(host.row.main.status).toBe('withdrawn');
    expect(host.folded()).toEqual(host.row);
  });
});
