import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { openStore } from '../store/connection.js';
import { getSetting } from '../store/settings.js';
import { TurnBook } from '../activities/rows/turns.js';
import { joinOthers } from '../store/engine/turns.js';
import { abandonClaims } from '../store/idempotency.js';
import { EngineError } from './engine/errors.js';
import { campaignMessages } from './engine/processes.js';
import type { Engine } from './engine-port.js';
import { loadConfig } from './config.js';
import { Folds } from './fold.js';
import { createGate } from './gate.js';
import { refuseUnfit } from './fit.js';
import { clearUploads, HOUSEKEEPING_EVERY_MS } from './housekeeping.js';
import { makeApp } from './http/app.js';
import { makeMetrics } from './http/metrics.js';
import { rotateLogs } from './runtime/logs.js';
import { findRoot } from './runtime/paths.js';
import { allRoutes } from './routes/index.js';
import { openEngine, startCampaign } from './temporal.js';

/** One API serves one county; the database may hold others. */
const COUNTY = process.env['DUBAN_COUNTY'] ?? 'county';
const CONNECTIONS = 16;
const MEGABYTE = 1024 * 1024;
const REACHABLE_WITHIN_MS = 2_000;
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
    room: { user: config.files.userMb * MEGABYTE, campaign: config.files.campaignMb * MEGABYTE },
    uploads: join(config.paths.home, 'uploads'),
  };
  // Claims of an API that was killed hold nobody up, where no other API is at work. Without this they only hold for a minute longer.
  const leave = await joinOthers(store, `api ${COUNTY}`, () => abandonClaims(store.db, COUNTY)).catch((error: unknown) => {
    log.warn({ err: error }, 'old claims could not be given up');
    return () => undefined;
  });
  const app = makeApp(allRoutes, services, packageVersion());
  const server = app.listen(config.api.port, config.api.host, (error?: Error) => {
    if (error !== undefined) {
      log.fatal({ err: error }, 'the API cannot listen');
      process.exit(1);
    }
    log.info({ host: config.api.host, port: config.api.port }, 'the API listens');
  });
  const keepHouse = (): void => {
    rotateLogs(config.paths.log);
    clearUploads(services.uploads).catch((error: unknown) => log.warn({ err: error }, 'old uploads could not be removed'));
  };
  keepHouse();
  const housekeeping = setInterval(keepHouse, HOUSEKEEPING_EVERY_MS);
  const stop = (): void => {
    clearInterval(housekeeping);
    setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS).unref();
    server.close(() => {
      leave();
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
