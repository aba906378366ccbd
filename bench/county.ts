import type { Moment, ProcessId } from '../domain/model/ids.js';
import { median, tell, timed, type Figure } from './figures.js';
import { COUNTY_SIZE } from './support/county.js';
import { withCounty, type County } from './support/launched.js';

/*
 * Launch of a year of a county with 20 townships and 400 villages over the API, and the wakes at which all villages have something due. Nobody has done
 * anything: every wake is as heavy as it can be.
 */
const ROUNDS = 7;
const VILLAGES = COUNTY_SIZE.towns * COUNTY_SIZE.villagesEach;
const LAUNCH = '2020-01-01T09:00:00';
/** In order; each is the next moment at which the core wakes. `rows`: obligations written, `notices`: outbox rows. */
const WAKES = [
  { at: '2020-01-17T08:30:00', what: '400 reminders', notices: VILLAGES },
  { at: '2020-01-21T00:00:00', what: '400 obligations become overdue', notices: 0 },
  { at: '2020-01-21T08:30:00', what: '400 notices of lateness', notices: VILLAGES },
  { at: '2020-02-01T00:00:00', what: '420 become overdue, 820 of the next month begin', notices: 0 },
] as const;

interface Round {
  readonly launch: number;
  readonly wakes: readonly number[];
}

async function round(county: County): Promise<Round> {
  let process = '' as ProcessId;
  const launch = await timed(async () => void (process = await county.launch(LAUNCH)));
  await mustHave(
    county,
    `select count(*) from obligations where county_id = $1 and process_id = $2 and status = 'open'`,
    process,
    2 * VILLAGES + COUNTY_SIZE.towns,
  );
  const wakes: number[] = [];
  let notices = 0;
  for (const wake of WAKES) {
    wakes.push(await timed(() => county.stage.messages.advance(county.id, process, wake.at as Moment)));
    notices += wake.notices;
    await mustHave(county, 'select count(*) from outbox where county_id = $1 and process_id = $2', process, notices);
  }
  await mustHave(
    county,
    'select count(*) from obligations where county_id = $1 and process_id = $2 and late',
    process,
    2 * VILLAGES + COUNTY_SIZE.towns,
  );
  return { launch, wakes };
}

async function mustHave({ stage, id }: County, query: string, process: ProcessId, expected: number): Promise<void> {
  const { rows } = await stage.store.pool.query<{ count: string }>(query, [id, process]);
  if (Number(rows[0]?.count) !== expected) throw new Error(`${rows[0]?.count} instead of ${expected}: ${query}`);
}

process.exitCode = await withCounty(async (county) => {
  await round(county);
  const rounds: Round[] = [];
  for (let n = 0; n < ROUNDS; n += 1) rounds.push(await round(county));
  const figure = (name: string, values: readonly number[], detail: string): Figure => ({
    name,
    value: median(values),
    unit: 'ms',
    bound: null,
    samples: values.length,
    detail: `${detail}; slowest ${Math.max(...values).toFixed(0)} ms`,
  });
  return tell([
    figure(
      'launch of a county for one year',
      rounds.map(({ launch }) => launch),
      '20 townships, 400 villages, 820 obligations open; over the API until recorded',
    ),
    ...WAKES.map(({ what }, index) =>
      figure(
        `wake: ${what}`,
        rounds.map(({ wakes }) => wakes[index] ?? Number.NaN),
        'one wake until recorded',
      ),
    ),
  ]);
});
