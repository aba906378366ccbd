import { ApplicationFailure } from '@temporalio/common';
import type { UnitFact } from '../../domain/model/event.js';
import { pack } from '../../domain/process/index.js';
import { StoreError } from '../../store/errors.js';
import type { Store } from '../../store/connection.js';
import { raiseIncident } from '../../store/incidents.js';
import { pageInbox } from '../../store/inbox.js';
import { findAct } from '../../store/journal.js';
import { FAILURE, type CampaignActivities } from '../../workflows/contract/campaign.js';
import { Recorder } from './recorder.js';

/** The activities that keep a campaign's journal; figures (`measure`, `count`) are another room's. */
export type RecordActivities = Omit<CampaignActivities, 'measure' | 'count' | 'turnRows'>;

/** Inbox rows in one page: with at most a few hundred bytes each, far below the engine's limit for one answer. */
const FACTS_A_PAGE = 2000;

/** The store's side of the contract, for one worker. `recorder` is shared with whoever rebuilds. */
export function recordActivities(store: Store, recorder: Recorder = new Recorder(store)): RecordActivities {
  return {
    loadSetting: ({ county, digest }) => recorder.setting(store.db, county, digest),
    async loadState({ county, process }) {
      const folded = await recorder.load(county, process);
      if (folded === null) return null;
      return { state: pack(folded.state), setting: folded.digest, wakeAt: folded.wakeAt, asks: folded.asks };
    },
    findAct: ({ county, process, actId }) => findAct(store.db, county, process, actId),
    async raiseIncident(report) {
      await raiseIncident(store.db, report);
    },
    async record({ county, process, fromSeq, events }) {
      try {
        return { recorded: await recorder.record(county, process, fromSeq, events) };
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        await raiseIncident(store.db, { county, process, code: error.code, cause: error.en, detail: error.params });
        // The run and the journal have parted: the store wins, the run starts again from it.
        if (error.code === 'journal-conflict' || error.code === 'journal-gap') {
          throw ApplicationFailure.nonRetryable(`${error.zh} / ${error.en}`, FAILURE.journalConflict, error.params);
        }
        throw error;
      }
    },
    async loadFacts({ county, process, after }) {
      const rows = await pageInbox(store.db, county, process, after, FACTS_A_PAGE);
      return { upTo: rows.at(-1)?.id ?? after, facts: summed(rows.map(({ fact }) => fact)), more: rows.length === FACTS_A_PAGE };
    },
  };
}

/** Facts of one page added up by kind (of a deduction: event and round), unit, insurance and day, in the order of their first row. */
function summed(facts: readonly UnitFact[]): UnitFact[] {
  const sums = new Map<string, UnitFact>();
  for (const fact of facts) {
    const told = fact.kind === 'deduction' ? `${fact.event}/${fact.round}` : '';
    const key = `${fact.kind}/${told}/${fact.unit}/${fact.insurance ?? ''}/${fact.on}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? fact : added(sum, fact));
  }
  return [...sums.values()];
}

function added(sum: UnitFact, fact: UnitFact): UnitFact {
  const amount = sum.amount + fact.amount;
  if (sum.kind === 'deduction' && fact.kind === 'deduction') return { ...fact, persons: sum.persons + fact.persons, amount };
  return { ...fact, amount };
}

export { Recorder };
