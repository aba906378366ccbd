import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Db } from '../../store/connection.js';
import { countIncidents } from '../../store/incidents.js';

/** Numbers of one worker. Labels are technical words only, never a county, a person or an obligation. */
export function workerMetrics(db: Db) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'duban_' });
  const registers = [registry];
  const counters = {
    activityFailures: new Counter({
      name: 'duban_activity_failures_total',
      help: 'Failed tries of activities',
      labelNames: ['activity', 'code'],
      registers,
    }),
    loopFailures: new Counter({
      name: 'duban_loop_failures_total',
      help: 'Failed turns of the background loops',
      labelNames: ['loop'],
      registers,
    }),
    factsTold: new Counter({ name: 'duban_facts_told_total', help: 'Signals to processes that facts are waiting', registers }),
    restarts: new Counter({ name: 'duban_process_restarts_total', help: 'Processes started again', labelNames: ['why'], registers }),
    engineLost: new Counter({ name: 'duban_engine_lost_total', help: 'Times that the engine could not be reached or was lost', registers }),
    polling: new Gauge({ name: 'duban_worker_polling', help: '1 while the engine sees this worker polling', registers }),
  };
  const incidents = new Gauge({
    name: 'duban_incidents_open',
    help: 'Open incidents',
    labelNames: ['code'],
    registers,
    async collect() {
      const counts = await countIncidents(db).catch(() => null);
      // Without the store the last numbers stay.
      if (counts === null) return;
      incidents.reset();
      for (const { code, count } of counts) incidents.set({ code }, count);
    },
  });
  return { registry, ...counters };
}
