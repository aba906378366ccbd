import type { ProcessId } from '../domain/model/ids.js';
import { boardRows } from '../store/board.js';
import type { Store } from '../store/connection.js';
import { listOverdue } from '../store/obligations.js';
import { median, tell, type Figure } from './figures.js';
import { comparePairs, ratioFigure } from './pairs.js';
import { fillMillion, PROCESSES, ROWS, type Paths } from './support/million.js';
import { openOffice, type Office } from './support/office.js';
import { startService } from './support/services.js';
import { withStage } from './support/stage.js';

const PAGE = 50;
const PAGES_A_SAMPLE = 20;
const BOUND = 2;
/** A screen shall be there before one notices that one waited: 95 of 100 answers of the API, in milliseconds. */
const P95_BOUND = 20;
const ANSWERS = 400;

const COLUMNS = `process_id, obligation_id, origin, duty, unit_id, unit_path, insurance, period, owes, status, since, due, late, days_late, rung,
  closed_on, body, seq, due_order`;

/** The first pages of the overdue list, one after the other, each beginning where the one before ended. */
async function floorPages(store: Store, town: string | null): Promise<number> {
  let after = ['', '', ''];
  let read = 0;
  for (let page = 0; page < PAGES_A_SAMPLE; page += 1) {
    const { rows } = await store.pool.query<{ due_order: string; process_id: string; obligation_id: string }>(
      `select ${COLUMNS} from floor where late and (due_order, process_id, obligation_id) > ($1, $2, $3) ${town === null ? '' : 'and town = $4'}
       order by due_order, process_id, obligation_id limit ${PAGE + 1}`,
      town === null ? after : [...after, town],
    );
    const last = rows[PAGE - 1];
    read += Math.min(rows.length, PAGE);
    if (last === undefined) break;
    after = [last.due_order, last.process_id, last.obligation_id];
  }
  return read;
}

async function ourPages(store: Store, county: string, scope: string): Promise<number> {
  let after: string | null = null;
  let read = 0;
  for (let page = 0; page < PAGES_A_SAMPLE; page += 1) {
    const shown: { readonly rows: readonly unknown[]; readonly next: string | null } = await listOverdue(
      store.db,
      county,
      [scope],
      {},
      { limit: PAGE, ...(after === null ? {} : { after }) },
    );
    read += shown.rows.length;
    after = shown.next;
    if (after === null) break;
  }
  return read;
}

async function overdue(store: Store, county: string, name: string, scope: string, town: string | null): Promise<Figure> {
  const [floor, ours] = [await floorPages(store, town), await ourPages(store, county, scope)];
  if (floor !== ours || ours === 0) throw new Error(`${name}: the floor read ${floor} rows, we read ${ours}`);
  return ratioFigure(
    await comparePairs(
      `overdue list, ${name}`,
      BOUND,
      () => floorPages(store, town),
      () => ourPages(store, county, scope),
    ),
  );
}

/** Boards are read by whole screens: 20 in a sample. */
async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n += 1) await work();
}

async function board(store: Store, county: string, name: string, scope: string): Promise<Figure> {
  const floor = () => store.pool.query(`select * from floor_board where starts_with(unit_path, $1) order by unit_path`, [scope]);
  const ours = () => boardRows(store.db, county, [scope], { process: 'c3' as ProcessId });
  const [expected, read] = [(await floor()).rows.length, (await ours()).length];
  if (expected !== read || read === 0) throw new Error(`board, ${name}: the floor read ${expected} rows, we read ${read}`);
  return ratioFigure(
    await comparePairs(
      `board, ${name}`,
      BOUND,
      () => times(20, floor),
      () => times(20, ours),
    ),
  );
}

/** The slower end of many answers of the API, one after the other, by someone who sees this much of the county. */
async function answers(name: string, office: Office, paths: readonly string[]): Promise<Figure> {
  const times: number[] = [];
  for (const path of paths) await office.get(path);
  for (let n = 0; n < ANSWERS; n += 1) {
    const start = performance.now();
    await office.get(paths[n % paths.length] ?? '');
    times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
  const detail = `p95 of ${ANSWERS} answers, median ${median(times).toFixed(1)} ms`;
  return { name: `API, ${name}`, value: p95, unit: 'ms', bound: { is: 'at most', value: P95_BOUND }, samples: ANSWERS, detail };
}

/** Addresses of the first pages of the overdue list, as a reader turns them. */
async function pagesOf(office: Office): Promise<string[]> {
  const paths: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_A_SAMPLE; page += 1) {
    const path: string = `/obligations?overdue=true&limit=${PAGE}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const shown = await office.get(path);
    paths.push(path);
    cursor = typeof shown === 'object' && shown !== null && 'next' in shown && typeof shown.next === 'string' ? shown.next : null;
    if (cursor === null) break;
  }
  return paths;
}

process.exitCode = await withStage(async (stage) => {
  const api = await startService('api', stage.env);
  try {
    const office = await openOffice(stage, api);
    await office.release();
    const { store } = stage;
    const villages = office.towns.map(({ path, villages: below }) => ({ path, villages: below }));
    const paths: Paths = { root: office.rootPath, towns: villages };
    const [fourth, last] = [villages[3]?.path ?? '', villages.at(-1)?.path ?? ''];
    process.stdout.write(`${ROWS} open obligations in ${PROCESSES} campaigns, 400 villages: filling\n`);
    await fillMillion(store, stage.database, office.county, paths);
    const clerk = await office.clerkAt(fourth);
    return tell([
      await overdue(store, office.county, 'county', paths.root, null),
      await overdue(store, office.county, 'township', fourth, fourth),
      await overdue(store, office.county, 'township overdue only lately', last, last),
      await board(store, office.county, 'county', paths.root),
      await board(store, office.county, 'township', fourth),
      await answers('overdue page, county', office, await pagesOf(office)),
      await answers('overdue page, township', clerk, await pagesOf(clerk)),
      await answers('board, county', office, ['/campaigns/c3/board']),
      await answers('board, township', clerk, ['/campaigns/c3/board']),
    ]);
  } finally {
    await api.stop();
  }
});
