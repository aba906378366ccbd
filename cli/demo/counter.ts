import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalDate } from '../../domain/model/ids.js';
import { bankSums, RehearsalBank, type Answered } from '../../rehearsal/bank/bank.js';
import { readBook, writeBook } from '../bank/book.js';
import { readRequest, writeReturn } from '../bank/files.js';
import type { Context } from '../context.js';
import { layoutFor } from '../formats.js';
import type { Banked } from './banked.js';
import type { Scenario } from './scenario.js';
import type { ScriptedBank } from './shapes.js';

/** Folders of the demonstration's bank below the home: its book, requests that it was handed, returns that it wrote, `out` for those that the user has written. */
export function bankFolders(home: string): Readonly<Record<'book' | 'requests' | 'returns' | 'out', string>> {
  const at = join(home, 'demo-bank');
  return { book: join(at, 'book'), requests: join(at, 'requests'), returns: join(at, 'returns'), out: join(at, 'out') };
}

/** Opens all accounts in a new book. What lay there of an earlier demonstration is gone. */
export async function openBank(home: string, bank: ScriptedBank, people: readonly Banked[]): Promise<void> {
  const folders = bankFolders(home);
  await rm(join(home, 'demo-bank'), { recursive: true, force: true });
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  const rules = { keepsAccountsAboveZero: bank.keepsAboveZero };
  await writeBook(folders.book, {
    bank: new RehearsalBank(
      people.map(({ opened }) => opened),
      [],
      rules,
    ),
    rules,
  });
}

/**
 * The bank behind its counter: takes request files, writes return files, keeps its own book. It knows nothing of the county but these files and the formats of the
 * definition, so that what it took can be held against the county's ledger (docs/adr/0130).
 */
export class Counter {
  readonly #folders;
  readonly #wanted;

  constructor(
    private readonly context: Context,
    scenario: Scenario,
    private readonly bank: ScriptedBank,
  ) {
    this.#folders = bankFolders(context.home);
    const table = { [bank.codes]: scenario.path(scenario.tables[bank.codes] ?? bank.codes) };
    this.#wanted = { definition: scenario.path(scenario.definition), table };
  }

  /** Keeps a request as it was handed over. */
  async take(name: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.#folders.requests, name), bytes, { mode: 0o600 });
  }

  /** Answers a request line by line; the path of the return. Asked again it answers the same and takes nothing. */
  async answer(name: string, on: LocalDate): Promise<string | null> {
    const request = await readRequest(join(this.#folders.requests, name), this.#layout(this.bank.request));
    return this.#write(request.batch, 1, on, (bank) => {
      // Asked again the bank would answer what it kept silent about: whoever plays a step again gets the file of the first time.
      const before = bank.batch(request.batch);
      return before.length > 0 ? before : request.lines.map((line) => bank.answer(request.batch, line, on));
    });
  }

  /** Adds what was left open, unclear or taken late; null when there is nothing. */
  async supplement(name: string, on: LocalDate): Promise<string | null> {
    const { batch } = await readRequest(join(this.#folders.requests, name), this.#layout(this.bank.request));
    return this.#write(batch, 2, on, (bank) => {
      bank.supplement(batch, on);
      return bank.batch(batch).filter((line) => line.on === on);
    });
  }

  /** Fen taken by the number of the batch that the request bears. */
  async takenOf(name: string): Promise<number> {
    const { batch } = await readRequest(join(this.#folders.requests, name), this.#layout(this.bank.request));
    const { bank } = await readBook(this.#folders.book);
    return bankSums(bank.batch(batch))[0]?.takenSum ?? 0;
  }

  /** Looks into the book, and changes it. */
  async withBook<T>(work: (bank: RehearsalBank) => T): Promise<T> {
    const book = await readBook(this.#folders.book);
    const result = work(book.bank);
    await writeBook(this.#folders.book, book);
    return result;
  }

  #layout(format: string) {
    return layoutFor(this.context, { ...this.#wanted, format }).layout;
  }

  async #write(batch: string, seq: number, on: LocalDate, work: (bank: RehearsalBank) => readonly Answered[]): Promise<string | null> {
    const lines = (await this.withBook(work)).filter(({ reason }) => reason !== null);
    if (lines.length === 0) return null;
    return (await writeReturn(this.#folders.returns, this.#layout(this.bank.return), { batch, seq, on, lines })).path;
  }
}
