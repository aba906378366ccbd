import { openAsBlob } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readRequest, writeReturn } from '../../cli/bank/files.js';
import { json } from '../../cli/client.js';
import { layoutOf } from '../../domain/formats/layout.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Answered, RehearsalBank } from '../../rehearsal/bank/bank.js';
import type { DeductionCounty } from './deduction-county.js';

export const DEDUCTION = 'pensionDeduction';
const PATIENCE_MS = 1_800_000;

export interface Batch {
  readonly id: string;
  readonly file: string;
}
const orderOf = z.looseObject({ order: z.string().nullable() });
const orderShape = z.looseObject({
  status: z.string(),
  result: z.looseObject({ kind: z.string() }).nullable(),
  problems: z.array(z.unknown()),
});
const made = z.looseObject({ kind: z.literal('made'), batches: z.array(z.looseObject({ id: z.string(), file: z.string() })).length(1) });
const posted = z.looseObject({ kind: z.literal('posted') });

/** County and bank over the counter: what one orders and hands over, and what the other answers, are files alone. */
export class Counter {
  readonly #returns = new Map<string, number>();

  constructor(
    private readonly county: DeductionCounty,
    private readonly bank: RehearsalBank,
  ) {}

  at(rest: string): string {
    return `/deductions/${this.county.process}/${DEDUCTION}${rest}`;
  }

  /** A round ordered by the bank and confirmed by the centre, until its file lies where the bank looks. */
  async make(): Promise<Batch> {
    const { order } = orderOf.parse(await this.county.as('bank').post(this.at('/runs'), {}));
    await this.county.as('centre').post(this.at(`/runs/${order ?? ''}/confirm`), undefined);
    const [batch] = made.parse(await this.#worked(order)).batches;
    if (batch === undefined) throw new Error('no batch');
    return batch;
  }

  /** The bank takes what it can and writes its return. */
  async answer({ id, file }: Batch, on: LocalDate): Promise<string> {
    const path = join(this.county.folder, 'bank', 'rehearsal', this.county.process, file);
    const request = await readRequest(path, layoutOf(this.county.setting, 'bankRequest', 'optional'));
    if (request.batch !== id) throw new Error(`${file} is of batch ${request.batch}`);
    const said = request.lines.map((line) => this.bank.answer(id, line, on));
    return this.#written(id, said.filter(({ reason }) => reason !== null), on); // prettier-ignore
  }

  /** What the bank finds out later; null: nothing. */
  async supplement({ id }: Batch, on: LocalDate): Promise<string | null> {
    const added = this.bank.supplement(id, on);
    return added.length === 0 ? null : this.#written(id, added, on);
  }

  /** A return handed in, until it is posted and fed back. */
  async submit(path: string): Promise<void> {
    const form = new FormData();
    form.set('data', JSON.stringify({ dryRun: false }));
    form.set('file', await openAsBlob(path), basename(path));
    const { order } = orderOf.parse(json(await this.county.as('bank').call('POST', this.at('/returns'), { form, seconds: 600 })));
    posted.parse(await this.#worked(order));
  }

  /** What the bank took for a batch has come to the county's account. */
  async clear({ id }: Batch, amount: number, on: LocalDate): Promise<void> {
    await this.county.as('centre').post(this.at(`/batches/${id}/clear`), { amount, on, reference: `S-${id}-${amount}` });
  }

  async #written(batch: string, lines: readonly Answered[], on: LocalDate): Promise<string> {
    const seq = (this.#returns.get(batch) ?? 0) + 1;
    this.#returns.set(batch, seq);
    const given = { batch, seq, on, lines };
    return (await writeReturn(join(this.county.folder, 'returns'), layoutOf(this.county.setting, 'bankReturn'), given)).path;
  }

  async #worked(order: string | null): Promise<unknown> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = orderShape.parse(await this.county.as('centre').get(this.at(`/orders/${order ?? ''}`)));
      if (found.status === 'refused') throw new Error(JSON.stringify(found));
      if (found.status === 'done') return found.result;
      if (Date.now() > until) throw new Error(`order ${order ?? ''} is not done`);
      await sleep(200);
    }
  }
}
