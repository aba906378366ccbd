import type { Duty } from '../../domain/model/definition.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Result } from '../../domain/model/state.js';
import { runTable } from '../../domain/rules/tables.js';
import type { ReportMilestone, ReportObligation } from '../../store/reports/figures.js';
import type { PointsInSight } from '../../store/reports/model.js';

/**
 * What each score stands at: settled, or between the points when every goal ahead is met and when none is. The table of the definition
 * gives all of it; where it leaves the points to a person there is no figure (reading A-04).
 */
export function pointsInSight(
  setting: Setting,
  obligations: readonly ReportObligation[],
  milestones: readonly ReportMilestone[],
): readonly PointsInSight[] {
  return obligations.flatMap((obligation): PointsInSight[] => {
    const duty = setting.definition.duties[obligation.duty];
    if (duty === undefined || duty.table === null) return [];
    const results = duty.of.map((milestone) => resultBelow(milestones, milestone, obligation.path));
    // What was entered with the points when it was done.
    const decided = obligation.status === 'done' ? pointsIn(setting, duty, obligation.parts.at(-1)?.answer ?? {}) : null;
    const settled = decided ?? (obligation.proposal?.final === true ? pointsIn(setting, duty, obligation.proposal.values) : null);
    return [
      {
        duty: duty.id,
        title: duty.title,
        unit: obligation.unit,
        settled,
        best: settled ?? tablePoints(setting, duty, results, 'met'),
        worst: settled ?? tablePoints(setting, duty, results, 'missed'),
        decisionNeeded: settled === null && obligation.proposal?.decisionNeeded === true,
        clause: duty.clause,
      },
    ];
  });
}

/** All judged ones below the unit met; one missed is missed; none judged yet is open. */
function resultBelow(milestones: readonly ReportMilestone[], milestone: string, path: string): Result {
  const judged = milestones.filter(({ body, path: at }) => body.milestone === milestone && body.status === 'judged' && at.startsWith(path));
  return judged.length === 0 ? 'open' : (judged.find(({ body }) => body.result !== 'met')?.body.result ?? 'met');
}

function tablePoints(setting: Setting, duty: Duty, results: readonly Result[], ahead: Result): number | null {
  if (duty.table === null) return null;
  const answer = runTable(
    setting,
    duty.table,
    results.map((result) => (result === 'open' ? ahead : result)),
  );
  return answer.kind === 'rows' ? pointsIn(setting, duty, answer.rows[0].outputs) : null;
}

/** The table's first output is the score. */
function pointsIn(setting: Setting, duty: Duty, values: Readonly<Record<string, unknown>>): number | null {
  const output = duty.table === null ? undefined : setting.definition.tables[duty.table]?.outputs[0]?.id;
  const value = output === undefined ? undefined : values[output];
  return typeof value === 'number' ? value : null;
}
