import { createHash } from 'node:crypto';
import type { Act, Actor, CoreEvent } from '../domain/model/event.js';
import type { ActId, Moment, ProcessId } from '../domain/model/ids.js';
import type { State } from '../domain/model/state.js';
import { initialState, pack, step, unpack } from '../domain/process/index.js';
import { median, tell } from './figures.js';
import { collectorOf, countySetting, COUNTY_SIZE, done, townId, townOfficeOf, villageId } from './support/county.js';

/*
 * The core alone, without engine and store: a county's whole year, event by event. Of ten villages nine do their work in time, the tenth does the
 * month's visit five days late, so that reminders and escalations are part of it.
 */
const ROUNDS = 3;
/** Carried state of 20 townships and 400 villages with monthly duties (design, section 5). */
const STATE_BOUND_KB = 512;
const setting = countySetting(COUNTY_SIZE);

interface Year {
  readonly steps: number;
  readonly milliseconds: number;
  readonly actMilliseconds: number;
  readonly acts: number;
  /** The largest state that a run would hand over after a wake, as JSON; and as JSON of the state itself. */
  readonly largest: string;
  readonly largestPlain: number;
  /** Milliseconds of each packing and unpacking. */
  readonly packing: readonly number[];
  readonly heaviestWake: number;
}

function play(): Year {
  let state: State = initialState('c1' as ProcessId);
  let wakeAt: Moment | null = null;
  let [steps, milliseconds, acts, actMilliseconds, heaviestWake] = [0, 0, 0, 0, 0];
  let [largest, largestPlain] = ['', 0];
  const packing: number[] = [];
  const take = (event: CoreEvent): void => {
    const start = performance.now();
    const stepped = step(setting, state, event);
    const took = performance.now() - start;
    if (stepped.refusal !== null) throw new Error(`${event.type} was refused: ${stepped.refusal.en}`);
    ({ state, wakeAt } = stepped);
    steps += 1;
    milliseconds += took;
    if (event.type === 'acted') {
      acts += 1;
      actMilliseconds += took;
    } else heaviestWake = Math.max(heaviestWake, took);
  };
  const wakeUntil = (moment: Moment): void => {
    while (wakeAt !== null && wakeAt <= moment) {
      take({ type: 'woke', at: wakeAt });
      const start = performance.now();
      const packed = pack(state);
      if (unpack(packed).seq !== state.seq) throw new Error('unpacked to another state');
      packing.push(performance.now() - start);
      const text = JSON.stringify(packed);
      if (text.length > largest.length) largest = text;
      largestPlain = Math.max(largestPlain, Buffer.byteLength(JSON.stringify(state)));
    }
  };
  const act = (actor: Actor, what: Act, at: Moment): void => take({ type: 'acted', at, actId: actId(steps), actor, act: what });

  take({ type: 'launched', at: '2020-01-01T09:00:00' as Moment, by: collectorOf('v1-1').user });
  for (let month = 1; month <= 12; month += 1) {
    const name = `2020-${String(month).padStart(2, '0')}`;
    const on = (day: string): Moment => `${name}-${day}T10:00:00` as Moment;
    wakeUntil(on('10'));
    eachVillage((village, n) => {
      if (n % 10 !== 9) act(collectorOf(village), done('visit', village, name), on('10'));
    });
    wakeUntil(on('25'));
    eachVillage((village, n) => {
      if (n % 10 === 9) act(collectorOf(village), done('visit', village, name), on('25'));
      act(collectorOf(village), done('reconcile', village, name), on('25'));
    });
    for (let town = 0; town < COUNTY_SIZE.towns; town += 1)
      act(townOfficeOf(townId(town)), done('townReport', townId(town), name), on('25'));
  }
  wakeUntil('2020-12-31T23:59:59' as Moment);
  return { steps, milliseconds, acts, actMilliseconds, largest, largestPlain, packing, heaviestWake };
}

/** As long as the digests by which acts are known. */
const actId = (n: number): ActId => createHash('sha256').update(String(n)).digest('hex') as ActId;

function eachVillage(work: (village: string, n: number) => void): void {
  for (let town = 0; town < COUNTY_SIZE.towns; town += 1) {
    for (let village = 0; village < COUNTY_SIZE.villagesEach; village += 1) {
      work(villageId(town, village), town * COUNTY_SIZE.villagesEach + village);
    }
  }
}

play();
const years = Array.from({ length: ROUNDS }, play);
const [first] = years;
if (first === undefined) throw new Error('nothing was played');
const of = (value: (year: Year) => number): number => median(years.map(value));
process.exitCode = tell([
  {
    name: 'steps of a county’s year',
    value: of(({ steps, milliseconds }) => (steps / milliseconds) * 1000),
    unit: 'a second',
    bound: null,
    samples: ROUNDS,
    detail: `${first.steps} steps, ${first.acts} of them acts, in ${of(({ milliseconds }) => milliseconds).toFixed(0)} ms`,
  },
  {
    name: 'acts of a county’s year',
    value: of((year) => (year.acts / year.actMilliseconds) * 1000),
    unit: 'a second',
    bound: null,
    samples: ROUNDS,
    detail: `${of((year) => year.actMilliseconds / year.acts).toFixed(3)} ms an act`,
  },
  {
    name: 'heaviest wake of a county’s year',
    value: of(({ heaviestWake }) => heaviestWake),
    unit: 'ms',
    bound: null,
    samples: ROUNDS,
    detail: '20 townships, 400 villages; the core alone',
  },
  {
    name: 'largest carried state of a county’s year',
    value: Buffer.byteLength(first.largest) / 1024,
    unit: 'KB',
    bound: { is: 'at most', value: STATE_BOUND_KB },
    samples: 1,
    detail: `JSON after each wake, ${(first.largestPlain / 1024).toFixed(0)} KB before packing; nine of ten villages in time`,
  },
  {
    name: 'packing and unpacking of a county’s state',
    value: of(({ packing }) => Math.max(...packing)),
    unit: 'ms',
    bound: null,
    samples: ROUNDS,
    detail: `the slowest of ${first.packing.length} in a year`,
  },
]);
