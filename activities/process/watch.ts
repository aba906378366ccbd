import { ApplicationFailure, type Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { ProcessId } from '../../domain/model/ids.js';
import type { Db } from '../../store/connection.js';
import { raiseIncident } from '../../store/incidents.js';

/** A failing activity is tried for ever; from this try on the administrator knows, and again whenever the number has doubled. */
const TELL_FROM = 5;

/** A living worker says so this often: the engine gives a killed worker's activity to another within its heartbeat time-out. */
const BEAT_MS = 2_000;

/** What the watch tells metrics and log of each failed try. The error stays on this machine: it may name rows. */
export interface ActivityMeter {
  failed(activity: string, code: string, error: unknown): void;
}

/**
 * Around every activity: gives failures a stable `type` (the error's `code`), without texts or stacks that could carry personal data, and
 * opens an incident when one keeps failing.
 */
export function watchActivities(db: Db, meter: ActivityMeter): (context: Context) => ActivityInterceptors {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const { info } = context;
        const beat = setInterval(() => context.heartbeat(), BEAT_MS);
        try {
          return await next(input);
        } catch (error) {
          const code = codeOf(error);
          meter.failed(info.activityType, code, error);
          // Already said for the workflow to decide by.
          if (error instanceof ApplicationFailure && error.nonRetryable === true) throw error;
          const place = placeOf(input.args[0]);
          if (place !== null && info.attempt >= TELL_FROM && Number.isInteger(Math.log2(info.attempt / TELL_FROM))) {
            const detail = { activity: info.activityType, attempt: info.attempt, ...subjectOf(input.args[0]) };
            // Where the store itself is away this fails as well; the next doubling tells.
            await raiseIncident(db, { ...place, code: 'activity-failing', cause: `${info.activityType}: ${code}`, detail }).catch(
              () => undefined,
            );
          }
          throw ApplicationFailure.retryable(code, code);
        } finally {
          clearInterval(beat);
        }
      },
    },
  });
}

function codeOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? error.name;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

/** County and process of an activity's request: all of ours carry them. */
function placeOf(request: unknown): { readonly county: string; readonly process: ProcessId | null } | null {
  if (typeof request !== 'object' || request === null || !('county' in request) || typeof request.county !== 'string') return null;
  const process = 'process' in request && typeof request.process === 'string' ? (request.process as ProcessId) : null;
  return { county: request.county, process };
}

/** What it works on, by number: an order or a batch of a deduction. */
function subjectOf(request: unknown): Readonly<Record<string, string>> {
  if (typeof request !== 'object' || request === null) return {};
  return {
    ...('order' in request && typeof request.order === 'string' ? { order: request.order } : {}),
    ...('batch' in request && typeof request.batch === 'string' ? { batch: request.batch } : {}),
  };
}
