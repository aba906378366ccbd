import { z } from 'zod';
import type { As } from '../api/support/client.js';
import { addPerson, addUnit, stage, type Stage } from '../api/support/stage.js';
import { inventedId } from '../imports/given.js';
import { employ, type Staff } from '../journey/staff.js';
import { bodyOf, csv, importFile, launch, move, release, untilQuiet, type Launched } from '../support/http.js';

/* A county that collects for two insurance kinds and issues a bulletin every month. */

const NAMES = { pension: '养老', medical: '医疗' } as const;
type Kind = keyof typeof NAMES;

/** Eight in the east, two in the west; the last one is sixteen on 20 March 2021. */
export const PEOPLE = Array.from({ length: 10 }, (_, n) => ({
  id: inventedId(n, n === 9 ? '20050320' : '19700315'),
  name: `丙${n}`,
  at: n < 8 ? '东村' : '西村',
}));
type People = typeof PEOPLE;

const figure = z.object({
  measure: z.string(),
  insurance: z.string().nullable(),
  part: z.number(),
  whole: z.number().nullable(),
  shown: z.string(),
  rows: z.string(),
});
const cell = z.looseObject({ show: z.string(), kind: z.string(), shown: z.string().optional(), figure: figure.optional() });
export const bulletinShape = z.object({
  cutOff: z.object({ happenedBy: z.string(), recordedBefore: z.string() }),
  issue: z.object({ number: z.number(), digest: z.string(), obligation: z.string() }).nullable(),
  rows: z.array(
    z.object({
      unit: z.string(),
      name: z.string(),
      insurance: z.string().nullable(),
      rank: z.number(),
      cells: z.array(cell),
      flags: z.array(z.string()),
    }),
  ),
  total: z.object({ unit: z.string() }).nullable(),
  chainHeads: z.array(z.object({ chain: z.string(), seq: z.number(), hash: z.string() })),
});
export type Seen = z.infer<typeof bulletinShape>;

/** What a line shows of one thing: a figure as part and whole, else its text. */
export function shown({ rows }: Seen, name: string, insurance: string | null, show: string): unknown {
  const found = rows.find((row) => row.name === name && row.insurance === insurance)?.cells.find((one) => one.show === show);
  return found?.figure === undefined ? found?.shown : [found.figure.part, found.figure.whole];
}

/** Everything a bulletin says but its links and its moment. */
export const said = ({ rows }: Seen): unknown =>
  rows.map((row) => ({
    ...row,
    cells: row.cells.map(({ figure: own, ...rest }) => ({ ...rest, ...(own && { figure: { ...own, rows: '' } }) })),
  }));

export class TwoKinds {
  private constructor(
    readonly on: Stage,
    readonly who: Staff,
    /** Of a neighbouring county. */
    readonly stranger: As,
    readonly campaign: Launched,
    /** Ids by name: 县, 镇, 东村, 西村. */
    readonly unit: Readonly<Record<string, string>>,
  ) {}

  /** On 10 March 2021 eight and two owe pension, eight medical; three have paid the one, one the other. */
  static async open(): Promise<TwoKinds> {
    const on = await stage({ worker: true });
    const county = await addUnit(on, 'county', on.top, '两险县');
    const town = await addUnit(on, 'town', county, '河镇');
    const unit: Record<string, string> = { 县: county, 镇: town };
    for (const name of ['东村', '西村']) unit[name] = await addUnit(on, 'village', town, name);
    const other = await addUnit(on, 'county', on.top, '邻县');
    const stranger = (await addPerson(on, 'stranger', { role: 'office', unit: other })).as;
    await release(on.admin, 'test/definitions/two-kinds.yaml');
    const campaign = await launch(on.admin, {
      definition: 'two-kinds',
      year: 2021,
      root: county,
      parameters: {},
      asOf: '2021-03-01T08:00:00',
      tables: { goals: csv(['unit', 'people'], ['东村', 10], ['西村', 4]) },
    });
    const who = await employ(on, 'two-kinds', [
      { login: 'office', at: { 两险县: ['office'] } },
      { login: 'checker', at: { 两险县: ['checker'] } },
      { login: 'east', at: { 东村: ['agent'] } },
    ]);
    const made = new TwoKinds(on, who, stranger, campaign, unit);
    await made.goTo('2021-03-10');
    await made.roster('pension', 300, PEOPLE);
    await made.roster('medical', 280, PEOPLE.slice(0, 8));
    await made.pay('pension', '2021-03-09', 300, PEOPLE.slice(0, 3));
    await made.pay('medical', '2021-03-10', 280, PEOPLE.slice(0, 1));
    return made;
  }

  get office(): As {
    return this.who('office');
  }

  async goTo(day: string): Promise<void> {
    await move(this.office, this.campaign.world, day);
  }

  async roster(kind: Kind, yuan: number, people: People): Promise<void> {
    const head = ['身份证号码', '姓名', '村居', '险种', '年度', '缴费档次', '应缴金额'];
    const rows = people.map(({ id, name, at }) => [id, name, at, NAMES[kind], 2021, yuan, yuan]);
    const { bad } = await importFile(this.office, { kind: 'roster', campaign: this.campaign.id, text: csv(head, ...rows) });
    if (bad > 0) throw new Error(`${bad} bad rows in the roster`);
  }

  async pay(kind: Kind, day: string, yuan: number, people: People): Promise<void> {
    const head = ['身份证号码', '姓名', '村居', '险种', '年度', '缴费金额', '缴费日期', '业务类型', '流水号'];
    const rows = people.map(({ id, name, at }) => [id, name, at, NAMES[kind], 2021, yuan, day, '到账', `${kind}${day}${id}`]);
    const { bad, kept } = await importFile(this.office, { kind: 'payments', campaign: this.campaign.id, text: csv(head, ...rows) });
    if (bad > 0 || kept !== rows.length) throw new Error(`${kept} of ${rows.length} payments kept`);
    await untilQuiet(this.office, this.campaign.world);
  }

  /** Path of a report of the campaign. */
  at(path: string): string {
    return `/reports/${this.campaign.id}/${path}`;
  }

  async bulletin(query = '', as: As = this.office, name = 'bulletin'): Promise<Seen> {
    return bodyOf(await as.get(this.at(`bulletins/${name}${query}`)), bulletinShape);
  }

  async issued(number: number, as: As = this.office): Promise<Seen> {
    return bodyOf(await as.get(this.at(`bulletins/bulletin/issues/${number}`)), bulletinShape);
  }
}
