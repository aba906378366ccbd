import type { Generated } from 'kysely';

export interface SealingKeysTable {
  purpose: 'payload' | 'column' | 'index';
  key_id: string;
  proof: string;
  stored_at: Generated<Date>;
}
