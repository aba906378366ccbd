import type { Logger } from 'pino';
import type { TurnBook } from '../../activities/rows/turns.js';
import type { PersonalDataKey } from '../../store/people/personal-data-key.js';
import type { Store } from '../../store/connection.js';
import type { Engine } from '../engine-port.js';
import type { Folds } from '../fold.js';
import type { Metrics } from './metrics.js';

/** What the routes work with; put together once, in server/api.ts. */
export interface Services {
  readonly county: string;
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly folds: Folds;
  /** What rows are stepped under, by process and event. */
  readonly turns: TurnBook;
  readonly sessionSecret: string;
  readonly personalData: PersonalDataKey;
  /** Rows read so far by imports under way, by operation id. */
  readonly importsUnderWay: Map<string, number>;
  /** Bytes of uploaded files: of one user's that are not used yet, and of one campaign's evidence. */
  readonly room: { readonly user: number; readonly campaign: number };
  /** Where uploads are kept until they are read. */
  readonly uploads: string;
}
