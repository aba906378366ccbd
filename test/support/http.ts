import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { bundleOf } from '../../cli/bundle.js';
import type { ImportKind } from '../../domain/model/import-kind.js';
import type { Answer, As } from '../api/support/client.js';

/* The API as the journeys use it: what comes back is checked against the members that a test reads. */

const PATIENCE_MS = 180_000;
const LOOK_EVERY_MS = 100;

export const obligationShape = z.object({
  id: z.string(),
  duty: z.string(),
  title: z.string(),
  unit: z.string(),
  unitName: z.string(),
  insurance: z.string().nullable(),
  period: z.string().nullable(),
  owes: z.array(z.string()),
  status: z.string(),
  due: z.string().nullable(),
  late: z.boolean(),
  daysLate: z.number().nullable(),
  closedOn: z.string().nullable(),
});
export type ObligationSeen = z.infer<typeof obligationShape>;

export const milestoneShape = z.object({
  key: z.string(),
  milestone: z.string(),
  unit: z.string(),
  due: z.string(),
  result: z.string().nullable(),
});
export const noticeShape = z.object({
  id: z.string(),
  obligation: z.string().nullable(),
  unit: z.string(),
  role: z.string(),
  text: z.string(),
  sendAt: z.string(),
  mandatory: z.boolean(),
  status: z.string(),
});
export type NoticeSeen = z.infer<typeof noticeShape>;
export const unitShape = z.object({ id: z.string(), name: z.string(), level: z.string(), parent: z.string().nullable() });
export const worldShape = z.object({ id: z.string(), now: z.string(), advancingTo: z.string().nullable(), quiet: z.boolean() });
export type WorldSeen = z.infer<typeof worldShape>;
const launchedShape = z.object({ id: z.string(), world: z.string(), rootUnit: z.string() });
export type Launched = z.infer<typeof launchedShape>;
const importShape = z.object({
  read: z.number(),
  kept: z.number(),
  known: z.number(),
  bad: z.number(),
  errors: z.array(z.object({ line: z.number(), code: z.string() })),
  accounts: z.array(z.object({ login: z.string(), firstPassword: z.string() })),
  detail: z.looseObject({}),
});
export type Imported = z.infer<typeof importShape>;

/** The answer's body in this shape; fails with what came instead. */
export function bodyOf<S extends z.ZodType>(answer: Answer, shape: S, status?: number): z.output<S> {
  if (status === undefined ? answer.status >= 400 : answer.status !== status)
    throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body.value)}`);
  return shape.parse(answer.body.value);
}

/** Status and stable code of a refusal; with the core's own code where the rules refused. */
export function refusalOf(answer: Answer): readonly unknown[] {
  const core = answer.body.at('refusal', 'code').value;
  return [answer.status, answer.body.at('code').value, ...(core === undefined ? [] : [core])];
}

/** All rows of a list, page by page. */
export async function rowsOf<S extends z.ZodType>(as: As, path: string, shape: S): Promise<z.output<S>[]> {
  const page = z.object({ items: z.array(shape), next: z.string().nullable().optional() });
  const rows: z.output<S>[] = [];
  const paged = /\/(units|obligations|payments|notices|milestones|targets|users)(\?|$)/.test(path);
  let cursor: string | null = null;
  do {
    const query = [...(paged ? ['limit=200'] : []), ...(cursor === null ? [] : [`cursor=${encodeURIComponent(cursor)}`])].join('&');
    const address: string = query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
    const found: z.output<typeof page> = bodyOf(await as.get(address), page);
    rows.push(...found.items);
    cursor = found.next ?? null;
  } while (cursor !== null);
  return rows;
}

/** Releases a definition with the parts and tables it is made of. */
export async function release(admin: As, file: string): Promise<{ id: string; version: string }> {
  const { file: main, files } = bundleOf(file);
  return bodyOf(await admin.post('/definitions', { file: main, files }), z.object({ id: z.string(), version: z.string() }), 201);
}

export interface LaunchOrder {
  readonly definition: string;
  readonly year: number;
  /** A unit's id. */
  readonly root: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly asOf: string;
  /** CSV texts by table id. */
  readonly tables?: Readonly<Record<string, string>>;
}

/** Launches in a virtual world; what is only our reading of the notice is confirmed, every other open question fails the test. */
export async function launch(as: As, order: LaunchOrder): Promise<Launched> {
  const { definition, parameters, tables = {} } = order;
  const answers = { parameters, tables: Object.keys(tables), year: order.year, asOf: order.asOf.slice(0, 10) };
  const asked = await as.post(`/definitions/${definition}/questions`, answers);
  const question = z.object({ kind: z.string(), id: z.string(), blocks: z.boolean() });
  const { questions } = bodyOf(asked, z.object({ questions: z.array(question) }));
  const open = questions.filter(({ kind, blocks }) => blocks && kind !== 'reading');
  if (open.length > 0) throw new Error(`not answered: ${open.map(({ id }) => id).join(', ')}`);
  const readings = questions.filter(({ kind }) => kind === 'reading').map(({ id }) => id);
  const form = new FormData();
  form.set('data', JSON.stringify({ definition, parameters, readings, year: order.year, root: { unit: order.root }, asOf: order.asOf }));
  for (const [table, text] of Object.entries(tables)) form.set(table, new Blob([text]), `${table}.csv`);
  const launched = bodyOf(await as.post('/campaigns', undefined, { form }), launchedShape, 201);
  await untilQuiet(as, launched.world);
  return launched;
}

export interface FileSent {
  readonly kind: ImportKind;
  readonly table?: string;
  readonly provisional?: boolean;
  readonly depositsBy?: 'bank' | 'township';
  readonly campaign?: string;
  readonly definition?: string;
  readonly text: string;
  readonly dryRun?: boolean;
}

/** Sends a file; a test that expects bad rows looks at `errors` itself. */
export async function importFile(as: As, sent: FileSent, key?: string): Promise<Imported> {
  return bodyOf(await sendFile(as, sent, key), importShape, 201);
}

export async function sendFile(as: As, { text, ...data }: FileSent, key?: string): Promise<Answer> {
  const form = new FormData();
  form.set('data', JSON.stringify(data));
  form.set('file', new Blob([text]), `${data.kind}.csv`);
  return as.post('/imports', undefined, { form, ...(key === undefined ? {} : { key }) });
}

/** Lines of a file as offices send it. */
export const csv = (...rows: readonly (readonly (string | number)[])[]): string => `${rows.map((row) => row.join(',')).join('\r\n')}\r\n`;

export const actPath = (campaign: string, obligation: string): string =>
  `/obligations/${campaign}/${obligation.split('/').map(encodeURIComponent).join('/')}`;

type ActBody = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** Sends an act and gives back whatever is answered. */
export function tryAct(as: As, campaign: string, obligation: string, act: ActBody, key?: string): Promise<Answer> {
  return as.post(`${actPath(campaign, obligation)}/acts`, { act }, key === undefined ? {} : { key });
}

/** Sends an act that must be taken; the number of its event. */
export async function act(as: As, campaign: string, obligation: string, what: ActBody, key?: string): Promise<number> {
  return bodyOf(await tryAct(as, campaign, obligation, what, key), z.object({ seq: z.number() }), 200).seq;
}

export const worldAt = async (as: As, world: string): Promise<WorldSeen> => bodyOf(await as.get(`/worlds/${world}`), worldShape);

/** Waits until nothing of the world is under way. A server that is just coming back may refuse a look or two. */
export async function untilQuiet(as: As, world: string): Promise<WorldSeen> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await worldAt(as, world).catch((error: unknown) => String(error));
    if (typeof seen !== 'string' && seen.quiet) return seen;
    if (Date.now() > until) throw new Error(`${world} does not come to rest: ${JSON.stringify(seen)}`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Moves the clock (a day: to its end) and waits until it has arrived and all is done. */
export async function move(as: As, world: string, to: string): Promise<WorldSeen> {
  bodyOf(await as.post(`/worlds/${world}/advance`, { to }), worldShape, 202);
  return untilQuiet(as, world);
}

export const obligations = (as: As, campaign: string, filter = ''): Promise<ObligationSeen[]> =>
  rowsOf(as, `/obligations?campaign=${campaign}${filter}`, obligationShape);
export const notices = (as: As, campaign: string): Promise<NoticeSeen[]> => rowsOf(as, `/campaigns/${campaign}/notices`, noticeShape);

/** Results by milestone key, in the order of keys. */
export async function milestones(as: As, campaign: string): Promise<Readonly<Record<string, string | null>>> {
  return Object.fromEntries(
    (await rowsOf(as, `/campaigns/${campaign}/milestones`, milestoneShape)).map(({ key, result }) => [key, result]),
  );
}

export interface Person {
  readonly login: string;
  /** Roles by the unit's name. */
  readonly at: Readonly<Record<string, readonly string[]>>;
}

/** The file of people and roles, one row for each role. */
export const peopleFile = (people: readonly Person[]): string =>
  csv(
    ['登录名', '姓名', '岗位', '单位'],
    ...people.flatMap(({ login, at }) =>
      Object.entries(at).flatMap(([unit, roles]) => roles.map((role) => [login, `虚构${login}`, role, unit])),
    ),
  );
