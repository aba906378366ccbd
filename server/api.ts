import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { openStore } from '../store/connection.js';
import { getSetting } from '../store/settings.js';
import { TurnBook } from '../activities/rows/turns.js';
import { abandonClaims, forgetKeys } from '../store/idempotency.js';
import { EngineError } from './engine/errors.js';
import { campaignMessages } from './engine/processes.js';
import type { Engine } from './engine-port.js';
import { loadConfig } from './config.js';
import { Folds } from './fold.js';
import { createGate } from './gate.js';
import { refuseUnfit } from './fit.js';
import { makeApp } from './http/app.js';
import { makeMetrics } from './http/metrics.js';
import { findRoot } from './runtime/paths.js';
import { allRoutes } from './routes/index.js';
import { openEngine, startCampaign } from './temporal.js';

/** One API serves one county; the database may hold others. */
const COUNTY = process.env['DUBAN_COUNTY'] ?? 'county';
const CONNECTIONS = 16;
const REACHABLE_WITHIN_MS = 2_000;
/** Kept answers of POSTs are good for so long. */
const KEYS_KEPT_DAYS = 30;
const FORGET_EVERY_MS = 3_600_000;
/** Longer than an act waits for its answer (10 s), so that every open request still gets one and frees its key. */
const STOP_WITHIN_MS = 12_000;

/** The API: puts the parts together and listens. SIGTERM lets open requests finish. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = pino({ level: config.logLevel, base: { service: 'api' } });
  const store = openStore(config.database.url, CONNECTIONS);
  await refuseUnfit(store, config.keys, log);
  const temporal = openEngine(config);
  const metrics = makeMetrics();
  const gate = createGate(temporal, store.db);
  const messages = campaignMessages(temporal);
  const engine: Engine = {
    act: (process, request) => gate.act(COUNTY, process, request),
    start: async (input) => void (await startCampaign(temporal, input)),
    replaceSetting: async (process, request) => {
      try {
        await messages.replaceSetting(COUNTY, process, request);
      } catch (cause) {
        throw new EngineError('engine-busy', {}, { cause });
      }
    },
    reachable: async () => {
      try {
        await temporal.connection.withDeadline(Date.now() + REACHABLE_WITHIN_MS, () =>
          temporal.connection.workflowService.describeNamespace({ namespace: config.engine.namespace }),
        );
        return true;
      } catch (error) {
        log.warn({ err: error }, 'the engine does not answer');
        return false;
      }
    },
  };
  const services = {
    county: COUNTY,
    store,
    engine,
    log,
    metrics,
    folds: new Folds(store.db, COUNTY),
    turns: new TurnBook(getSetting),
    sessionSecret: config.secrets.sessionSecret,
    personalData: config.keys.personalData,
    importsUnderWay: new Map<string, number>(),
    uploads: join(config.paths.home, 'uploads'),
  };
  // Without it the claims of a killed API only hold for a minute longer.
  await abandonClaims(store.db, COUNTY).catch((error: unknown) => log.warn({ err: error }, 'old claims could not be given up'));
  const app = makeApp(allRoutes, services, packageVersion());
  const server = app.listen(config.api.port, config.api.host, (error?: Error) => {
    if (error !== undefined) {
      log.fatal({ err: error }, 'the API cannot listen');
      process.exit(1);
    }
    log.info({ host: config.api.host, port: config.api.port }, 'the API listens');
  });
  const forgetting = setInterval(() => {
    forgetKeys(store.db, KEYS_KEPT_DAYS).catch((error: unknown) => log.warn({ err: error }, 'old keys could not be forgotten'));
  }, FORGET_EVERY_MS);
  const stop = (): void => {
    clearInterval(forgetting);
    setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS).unref();
    server.close(() => {
      void Promise.allSettled([store.close(), temporal.close()]).then(() => process.exit(0));
    });
    server.closeIdleConnections();
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, stop);
}

function packageVersion(): string {
  const value: unknown = JSON.parse(readFileSync(join(findRoot(), 'package.json'), 'utf8'));
  return typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string' ? value.version : '0';
}

await main();
