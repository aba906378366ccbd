import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishMake, handOverBatch } from '../../activities/deductions/hand-over.js';
import { makeBatches } from '../../activities/deductions/make.js';
import type { CycleOf, CycleParts } from '../../activities/deductions/parts.js';
import { feedBack, postReturn } from '../../activities/deductions/post.js';
import { previewReturn, type Preview } from '../../activities/deductions/preview.js';
import { stageReturn } from '../../activities/deductions/stage.js';
import { charsetOf } from '../../activities/files/charset.js';
import type { OrderResult } from '../../domain/deduction/order.js';
import type { FileRow } from '../../domain/formats/columns.js';
import { layoutOf } from '../../domain/formats/layout.js';
import { FormatReader } from '../../domain/formats/read.js';
import { FormatWriter } from '../../domain/formats/write.js';
import { parseDate } from '../../domain/calendar/dates.js';
import type { Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import { fen } from '../../domain/money/fen.js';
import type { Definition } from '../../domain/model/definition.js';
import type { Setting } from '../../domain/model/setting.js';
import { openStore, type Store } from '../../store/connection.js';
import { FileKeeper, contentOf } from '../../store/deductions/files.js';
import { addOrder } from '../../store/deductions/orders.js';
import { findBatch } from '../../store/deductions/batches.js';
import { postEvents } from '../../store/ledger/post.js';
import { addPayment, creditDue } from '../../store/payments/book.js';
import { verifyLedger, type Violation } from '../../store/ledger/verify.js';
import { personalDataKey, type PersonalDataKey } from '../../store/people/personal-data-key.js';
import { fixedRing } from '../../store/sealing.js';
import { startProcess } from '../../store/processes.js';
import { putSetting } from '../../store/settings.js';
import { createVirtualWorld } from '../../store/worlds.js';
import { definitionOf, settingOf, unit } from '../support/campaign.js';
import { found } from '../support/definitions.js';
import { freshDatabase } from '../support/runtime.js';

/* Shucheng 2018 with a small invented county and a bank, and the cycle without its workflow: one step after the other. */

export const COUNTY = 'k1';
export const DEDUCTION = 'pensionDeduction';
export const [clerk, officer] = ['p1' as UserId, 'p2' as UserId];
export const key: PersonalDataKey = personalDataKey(
  fixedRing({ active: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64') } }),
  Buffer.alloc(32, 6),
);

export const units = [
  unit('u1', 'county', null, { name: '舒城县' }),
  unit('u2', 'township', 'u1', { name: '甲镇' }),
  unit('u3', 'township', 'u1', { name: '乙镇' }),
  unit('u4', 'village', 'u2', { name: '东村' }),
  unit('u5', 'village', 'u2', { name: '西村' }),
  unit('u6', 'village', 'u3', { name: '南村' }),
];
const PATHS: Readonly<Record<string, string>> = {
  u1: '/u1/',
  u2: '/u1/u2/',
  u3: '/u1/u3/',
  u4: '/u1/u2/u4/',
  u5: '/u1/u2/u5/',
  u6: '/u1/u3/u6/',
};

/** What the bank calls each outcome. */
export const CODES: Readonly<Record<string, string>> = {
  arrived: '0000',
  short: '1001',
  account: '1002',
  name: '1003',
  bare: '1004',
  deceased: '1005',
  duplicate: '2001',
};

/** Shucheng's launch, with what its office set. */
export const shucheng = (definition: Definition): Setting =>
  settingOf(
    definition,
    units,
    {
      publicityEnd: '2018-02-15',
      meetingBy: '2018-01-20',
      planBefore: '10d',
      cancelDay: 5,
      bulletinDays: '5d',
      certifyBefore: '5d',
      stragglerEvery: '1m',
      checkEvery: '1m',
      remindBefore: '3d',
      headAfter: '3d',
      bulletinAfter: '5d',
      orderAfter: '7d',
      receiveWithin: '2d',
      replyWithin: '3d',
      runEvery: '15d',
      returnWithin: '3d',
      listWithin: '2d',
      urgeWithin: '5d',
      causeWithin: '5d',
      cureWithin: '5d',
      margin: 1_000,
    },
    { bankCodes: Object.entries(CODES).map(([outcome, code]) => ({ code, outcome })) },
  );
export const setting = shucheng(definitionOf('shucheng-2018.yaml'));

export interface Person {
  readonly name?: string;
  /** Fen. */
  readonly amount?: number;
  readonly deposited?: number;
  /** Fen that the government pays of the amount. */
  readonly governmentPaid?: number;
  readonly village?: 'u4' | 'u5' | 'u6';
  readonly groups?: readonly string[];
  readonly account?: boolean;
}

/** A line of a return: the line that was sent, with what the bank says. */
export interface Said {
  readonly line: number;
  readonly outcome?: string;
  readonly code?: string;
  readonly change?: FileRow;
}

export interface County {
  readonly store: Store;
  readonly process: ProcessId;
  readonly parts: CycleParts;
  readonly of: CycleOf;
  /** Puts persons on the roster; returns their dues in order. */
  people(persons: readonly Person[]): Promise<readonly string[]>;
  /** Has a round made and handed over. */
  make(on: string, more?: { readonly leaveOut?: boolean; readonly mostLines?: number }): Promise<OrderResult>;
  /** The id of the only batch of a round. */
  made(on: string): Promise<string>;
  /** Lines that were sent, as the request says. */
  sent(batch: string): Promise<readonly FileRow[]>;
  /** A return as the bank writes it; lines that are not named are missing from it. */
  written(
    batch: string,
    said: readonly Said[],
    more?: { readonly seq?: number },
  ): Promise<{ readonly name: string; readonly content: Buffer }>;
  /** Takes a return in, all the way. */
  take(on: string, file: { readonly name: string; readonly content: Uint8Array }): Promise<OrderResult>;
  takeOrder(order: string): Promise<OrderResult>;
  /** A dry run of a return. */
  tried(on: string, file: { readonly name: string; readonly content: Uint8Array }): Promise<Preview>;
  /** Both of it. */
  returned(on: string, batch: string, said: readonly Said[], seq?: number): Promise<OrderResult>;
  /** An order to make a round, not yet worked on. */
  runOrder(on: string, more?: { readonly leaveOut?: boolean; readonly mostLines?: number }): Promise<string>;
  /** An order to take a file in, not yet worked on. */
  order(on: string, file: { readonly name: string; readonly content: Uint8Array }): Promise<string>;
  verified(): Promise<Violation | null>;
  rows(text: string, ...values: unknown[]): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

export const moment = (on: string): Moment => (on.length === 10 ? `${on}T09:00:00` : on) as Moment;

export async function givenCounty(own: Setting = setting, more: Partial<CycleParts> = {}): Promise<County> {
  const database = await freshDatabase();
  const store = openStore(database.url);
  await store.db.insertInto('counties').values({ county_id: COUNTY, name: '舒城县' }).execute();
  await store.db
    .insertInto('units')
    .values(
      units.map((one) => ({
        county_id: COUNTY,
        unit_id: one.id,
        level: one.level,
        parent_id: one.parent,
        name: one.name,
        path: found(PATHS[one.id]),
      })),
    )
    .execute();
  return countyOver(store, await launchedIn(store, own), own, { store, key, handOverFolder: null, ...more }, async () => {
    await store.close();
    await database.drop();
  });
}

/** A campaign in a world of its own. */
export async function launchedIn(store: Store, own: Setting = setting): Promise<ProcessId> {
  const world = await createVirtualWorld(store.db, COUNTY, '2018-01-02T08:00:00' as Moment);
  const digest = await putSetting(store.db, COUNTY, own);
  const { process: row } = await store.db.transaction().execute((trx) =>
    startProcess(trx, {
      county: COUNTY,
      definition: own.definition.id,
      version: own.definition.version,
      definitionDigest: own.definitionDigest,
      setting: digest,
      world: world.id,
      rootUnit: found(units[0]).id,
      year: 2018,
      title: own.definition.title,
      by: clerk,
    }),
  );
  return row.process_id;
}

/** Persons so far: ids are one in a county. */
let persons = 0;

/** The cycle of a campaign that is there. */
export function countyOver(store: Store, process: ProcessId, own: Setting, parts: CycleParts, close: () => Promise<void>): County {
  const { key: sealing } = parts;
  const of: CycleOf = { county: COUNTY, process, deduction: DEDUCTION };
  const rows: County['rows'] = async (text, ...values) => (await store.pool.query<Record<string, unknown>>(text, values)).rows;

  const county: County = {
    store,
    process,
    parts,
    of,
    rows,
    async people(list) {
      const dues: string[] = [];
      for (const {
        name = '张三',
        amount = 20_000,
        deposited = 0,
        governmentPaid = 0,
        village = 'u4',
        groups = [],
        account = true,
      } of list) {
        persons += 1;
        const nth = String(persons).padStart(6, '0');
        const [person, due, number] = [`n9${nth}`, `d9${nth}`, `62284800000000${String(10_000 + persons)}`];
        await rows(`insert into people (county_id, person_id, name, unit_id) values ('${COUNTY}', $1, $2, $3)`, person, name, village);
        await rows(
          `insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, tier, amount, groups, deposited, government_paid, since_at)
           values ('${COUNTY}', $1, $2, $3, $4, $5, 'pension', 2018, $6, $6, $7, $8, $9, '2018-01-02T08:00:00')`,
          process, due, person, village, PATHS[village], amount, groups, deposited, governmentPaid,
        ); // prettier-ignore
        if (account)
          await rows(
            `insert into bank_accounts (county_id, account_id, person_id, insurance, holder_name, bank, account_cipher, account_index, since_at, recorded_by)
             values ('${COUNTY}', $1, $2, 'pension', $3, '农商行', $4, $5, '2018-01-02T08:00:00', 'p1')`,
            `a9${nth}`, person, name, sealing.encrypt(number), sealing.index(number),
          ); // prettier-ignore
        dues.push(due);
      }
      return dues;
    },
    runOrder: (on, asked = {}) =>
      store.db.transaction().execute((trx) =>
        addOrder(trx, {
          county: COUNTY,
          process,
          deduction: DEDUCTION,
          kind: 'make',
          status: 'waiting',
          request: asked,
          file: null,
          at: moment(on),
          by: clerk,
        }),
      ),
    async make(on, asked = {}) {
      const order = await county.runOrder(on, asked);
      const result = await makeBatches(parts, of, order);
      if (result.kind === 'made') for (const { id } of result.batches) await handOverBatch(parts, of, id);
      await finishMake(parts, of, order);
      return result;
    },
    async made(on) {
      const result = await county.make(on);
      if (result.kind !== 'made') throw new Error(`not made: ${JSON.stringify(result)}`);
      return found(result.batches[0]).id;
    },
    async sent(batch) {
      const request = found(await findBatch(store.db, COUNTY, batch));
      const layout = layoutOf(own, found(own.definition.deductions?.[DEDUCTION]).request, 'optional');
      const reader = new FormatReader(layout, charsetOf(layout.format.charset), { name: request.fileName });
      const lines: FileRow[] = [];
      for await (const piece of contentOf(store.db, sealing, COUNTY, request.file))
        lines.push(...reader.push(piece).map((line) => line.row));
      const last = reader.finish();
      if (!last.reading.sound) throw new Error(JSON.stringify(last.reading.problems));
      return [...lines, ...last.lines.map((line) => line.row)];
    },
    async written(batch, said, { seq = 1 } = {}) {
      const lines = new Map((await county.sent(batch)).map((row) => [row['line'], row]));
      const layout = layoutOf(own, found(own.definition.deductions?.[DEDUCTION]).return);
      const writer = new FormatWriter(layout, charsetOf(layout.format.charset));
      const answer = said.map(({ line, outcome = 'arrived', code, change = {} }): FileRow => {
        const sent = lines.get(line) ?? { line, account: '6228480000000099999', name: '无名', amount: 20_000 };
        const { amount = null } = sent;
        return {
          ...sent,
          due: amount,
          taken: outcome === 'arrived' ? amount : null,
          [layout.codeColumn ?? 'code']: code ?? found(CODES[outcome], outcome),
          takenOn: null,
          ...change,
        };
      });
      writer.check(answer);
      const made = day('2018-04-04');
      const content = Buffer.concat([writer.begin({ header: { batch, made }, trailer: {} }), writer.rows(answer), writer.end()]);
      return { name: found(writer.fileName(made, seq)), content };
    },
    async order(on, file) {
      return store.db.transaction().execute(async (trx) => {
        const keeper = await FileKeeper.begin(trx, sealing, { county: COUNTY, kind: 'return', at: moment(on), by: clerk });
        if (file.content.length > 0) await keeper.add(file.content);
        const kept = await keeper.finish(file.name);
        return addOrder(trx, {
          county: COUNTY,
          process,
          deduction: DEDUCTION,
          kind: 'return',
          status: 'waiting',
          request: {},
          file: kept.id,
          at: moment(on),
          by: clerk,
        });
      });
    },
    take: async (on, file) => county.takeOrder(await county.order(on, file)),
    async takeOrder(order) {
      const staged = await stageReturn(parts, of, order);
      if (staged.kind === 'refused') return staged;
      const posted = await postReturn(parts, of, order);
      await feedBack(parts, of, order);
      return posted;
    },
    async tried(on, { name, content }) {
      const folder = mkdtempSync(join(tmpdir(), 'duban-dry-'));
      try {
        const path = join(folder, name);
        writeFileSync(path, content);
        return await previewReturn(parts, of, { name, path, at: moment(on), by: clerk });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    returned: async (on, batch, said, seq = 1) => county.take(on, await county.written(batch, said, { seq })),
    verified: async () => (await verifyLedger(store.db, { county: COUNTY, process })).violation,
    close,
  };
  return county;
}

/** Every line of a batch with the same outcome. */
export const all = (lines: number, outcome: string): readonly Said[] =>
  Array.from({ length: lines }, (_, index) => ({ line: index + 1, outcome }));

/** `succeeded failed unknown pending` of a posted return. */
export function counters(result: OrderResult): string {
  if (result.kind !== 'posted') throw new Error(`not posted: ${JSON.stringify(result)}`);
  const { succeeded, failed, unknown, pending } = result.counters;
  return `${succeeded} ${failed} ${unknown} ${pending}`;
}

export const day = parseDate;

/** A person also paid at the counter. Fen. */
export async function paidOtherwise({ store, process, rows }: County, due: string, amount: number, paidOn: string): Promise<void> {
  const [{ person_id: person, unit_id: at } = {}] = await rows('select person_id, unit_id from dues where due_id = $1', due);
  const common = { insurance: 'pension', year: 2018, amount, on: day(paidOn) };
  const who = { county: COUNTY, process, at: moment(paidOn), by: clerk };
  await store.db.transaction().execute(async (trx) => {
    await addPayment(trx, {
      ...common,
      ...who,
      id: `k9${due}`,
      due,
      person: String(person),
      unit: String(at) as UnitId,
      kind: 'arrived',
      source: 'counter',
      meaning: `x|${due}`,
    });
    await postEvents(trx, who, [
      { ...common, kind: 'arrived', cause: `payment/k9${due}`, book: 'personalAccount', amount: fen(amount), person: String(person) },
    ]);
    await creditDue(trx, COUNTY, process, due, 'arrived', amount, day(paidOn));
  });
}
