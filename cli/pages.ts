import { z } from 'zod';
import type { Client, Query } from './client.js';
import { read } from './shape.js';

const world = z.object({ id: z.string(), virtual: z.boolean(), now: z.string(), others: z.array(z.string()) });
/** The world that a list is about, and others in which something concerns the user. */
export type ListedWorld = z.infer<typeof world>;
const page = z.object({ items: z.array(z.unknown()), next: z.string().nullable().optional(), world: world.optional() });

export interface Listed<T> {
  readonly items: readonly T[];
  readonly more: boolean;
  /** Null: the list is of no world. */
  readonly world: ListedWorld | null;
}

/** One page of a list, or with `all` every page. */
export async function listOf<S extends z.ZodType>(
  api: Client,
  path: string,
  item: S,
  query: Query,
  all: boolean,
): Promise<Listed<z.output<S>>> {
  const items: z.output<S>[] = [];
  let cursor: string | undefined;
  for (;;) {
    const answer = read(page, await api.get(path, { ...query, ...(all ? { limit: 200 } : {}), cursor }));
    items.push(...answer.items.map((each) => read(item, each)));
    const next = answer.next ?? null;
    if (!all || next === null) return { items, more: next !== null, world: answer.world ?? null };
    cursor = next;
  }
}
