interface Waiter {
  readonly holds: () => boolean;
  go(): void;
  fail(why: unknown): void;
}

const AT_ONCE = Promise.resolve();

/**
 * What is waited for inside a run. Looked at whenever the run says that something has changed, within the same turn: the engine's `condition`
 * makes five promises where this makes one, and asks for another round into the sandbox each time it lets something go on.
 */
export class Waiting {
  #waiters: Waiter[] = [];

  /** Completes when `holds`; rejects with what it throws. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return AT_ONCE;
    return new Promise((go, fail) => this.#waiters.push({ holds, go, fail }));
  }

  /** Lets go, in the order in which they came, those for whom it holds now. */
  look(): void {
    if (this.#waiters.length > 0) this.#waiters = this.#waiters.filter((waiter) => !isOver(waiter));
  }
}

function isOver({ holds, go, fail }: Waiter): boolean {
  try {
    if (!holds()) return false;
    go();
  } catch (why) {
    fail(why);
  }
  return true;
}
