import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What `/metrics` shows. Labels are routes, methods, statuses and codes: never ids or names. */
export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly problems: Counter<'code'>;
  readonly openIncidents: Gauge;
}

export function makeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'duban_http_request_seconds',
      help: 'Time from request to answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [registry],
    }),
    problems: new Counter({
      name: 'duban_http_problems_total',
      help: 'Problem documents by code',
      labelNames: ['code'],
      registers: [registry],
    }),
    openIncidents: new Gauge({ name: 'duban_incidents_open', help: 'Incidents that nobody has closed', registers: [registry] }),
  };
}
