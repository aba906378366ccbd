import { sql, type RawBuilder } from 'kysely';

/** SQL of what a person owes of a due in all, in fen: the tier without what the government pays of it, never more than the due. `of`: the due's alias. */
export const ownShare = (of: string): RawBuilder<number> => {
  const at = (column: string): RawBuilder<unknown> => sql.ref(`${of}.${column}`);
  return sql<number>`least(${at('amount')}, greatest(coalesce(${at('tier')}, ${at('amount')}) - ${at('government_paid')}, 0))`;
};
