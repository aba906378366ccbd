import type { Digest } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Db } from '../../store/connection.js';
import { raiseIncident } from '../../store/incidents.js';
import { findAct, readEvents } from '../../store/journal.js';
import { findProcess } from '../../store/processes.js';
import { getSetting } from '../../store/settings.js';
import type { CampaignActivities } from '../../workflows/contract/campaign.js';
import { foldOne, unfolded } from './fold.js';

/** Events read at a time while folding. */
const PAGE = 1000;

export type ProcessActivities = Pick<CampaignActivities, 'loadSetting' | 'loadState' | 'findAct' | 'raiseIncident'>;

/** What a process reads about itself. Errors: `setting-missing`, `journal-unfoldable`. */
export function processActivities(db: Db): ProcessActivities {
  return {
    loadSetting: ({ county, digest }) => getSetting(db, county, digest),

    async loadState({ county, process }) {
      const row = await findProcess(db, county, process);
      if (row === null) return null;
      let folded = unfolded(process, row.first_setting);
      // Settings are few (first, and one for each replacement), and the last ones are asked for again and again.
      const settings = new Map<Digest, Setting>();
      for (;;) {
        const page = await readEvents(db, county, process, folded.state.seq, PAGE);
        for (const { event } of page) {
          const digest: Digest = event.type === 'settingChanged' ? event.setting : folded.setting;
          const setting = settings.get(digest) ?? (await getSetting(db, county, digest));
          settings.set(digest, setting);
          folded = foldOne(folded, setting, event);
        }
        if (page.length < PAGE) return folded.state.seq === 0 ? null : folded;
      }
    },

    findAct: ({ county, process, actId }) => findAct(db, county, process, actId),

    async raiseIncident(report) {
      await raiseIncident(db, report);
    },
  };
}
