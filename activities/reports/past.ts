import type { Effect } from '../../domain/model/effect.js';
import type { Moment, ObligationId, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { MilestoneState, Obligation, State } from '../../domain/model/state.js';
import { frameOf } from '../../domain/process/frame.js';
import type { Db } from '../../store/connection.js';
import { readEvents } from '../../store/journal.js';
import { findProcess } from '../../store/processes.js';
import { getSetting } from '../../store/settings.js';
import { foldEvent, unfolded } from '../record/fold.js';

type Flag = Extract<Effect, { type: 'flag' }>;

/** A campaign as its journal says it was before a moment. */
export interface Past {
  /** With the amendments in force then; its units are those of then. */
  readonly setting: Setting;
  readonly amended: boolean;
  readonly status: State['status'];
  readonly obligations: readonly Obligation[];
  readonly milestones: Readonly<Record<string, MilestoneState>>;
  readonly flags: readonly Flag[];
}

const PAGE = 500;

/**
 * Folds the journal up to a moment: what the present rows said then, exactly, whatever has happened to them since. A year of a county is a few
 * seconds of work, page by page, so that others are served between. null: no such process.
 */
export async function pastOf(db: Db, county: string, process: ProcessId, before: Moment): Promise<Past | null> {
  const row = await findProcess(db, county, process);
  if (row === null) return null;
  let folded = unfolded(process, await getSetting(db, county, row.first_setting), row.first_setting);
  const obligations = new Map<ObligationId, Obligation>();
  const milestones: Record<string, MilestoneState> = {};
  const flags = new Map<string, Flag>();
  for (let more = true; more;) {
    const page = await readEvents(db, county, process, folded.state.seq, PAGE);
    for (const { event } of page) {
      more = event.at < before;
      if (!more) break;
      const replaced = event.type === 'settingChanged' ? await getSetting(db, county, event.setting) : null;
      const next = foldEvent(folded, event, replaced);
      folded = next.folded;
      for (const effect of next.effects) {
        if (effect.type === 'obligation') obligations.set(effect.obligation.id, effect.obligation);
        else if (effect.type === 'milestone') milestones[effect.key] = effect.milestone;
        else if (effect.type === 'flag') flags.set(`${effect.unit}/${effect.about}@${effect.on}/${effect.report}`, effect);
      }
    }
    more &&= page.length === PAGE;
  }
  const { state, setting } = folded;
  return {
    setting: frameOf(setting, state.amendments).setting,
    amended: state.amendments.length > 0,
    status: state.status,
    obligations: [...obligations.values()],
    milestones,
    flags: [...flags.values()],
  };
}
