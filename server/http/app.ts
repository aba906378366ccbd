import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import compression from 'compression';
import express, { type Express } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { countIncidents } from '../../store/incidents.js';
import { checkSchema } from '../../store/version.js';
import { answerProblem } from './answer.js';
import { docsPage, DOCS_START } from './docs-page.js';
import { handlerOf } from './execute.js';
import { openApi } from './openapi.js';
import { problemTypes } from './problem-codes.js';
import { Problem } from './problems.js';
import type { Route } from './route.js';
import type { Services } from './services.js';

const BASE = '/api/v1';
/** Requests a minute from one address; sign-ins and set-up are far fewer, so that passwords cannot be tried out. */
const REQUESTS_A_MINUTE = 6_000;
const SIGN_INS_A_MINUTE = 240;

const limited = (limit: number) =>
  rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) => next(new Problem('too-many-requests', { headers: { 'Retry-After': '60' } })),
  });

/** `{id...}` takes the rest of the path. */
const expressPath = (path: string): string => path.replace(/\{(\w+)\.\.\.\}/g, '*$1').replace(/\{(\w+)\}/g, ':$1');

/** The API as one Express application: health, metrics, documents, then the routes in the given order. */
export function makeApp(routes: readonly Route[], services: Services, version: string): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.use(helmet());
  app.use(compression());
  app.use(measured(services));
  app.use(limited(REQUESTS_A_MINUTE));
  mountHealth(app, services);
  mountDocuments(app, routes, version);
  for (const route of routes) {
    const handlers = route.access === 'anyone' || route.access === 'operator' ? [limited(SIGN_INS_A_MINUTE)] : [];
    app[route.method](BASE + expressPath(route.path), ...handlers, handlerOf(route, services));
  }
  refuseTheRest(app, routes);
  app.use(answerProblem(services.metrics, services.log));
  return app;
}

/** Times each request under its route's pattern, never under the path asked for. */
function measured(services: Services): express.RequestHandler {
  return (request, response, next) => {
    const end = services.metrics.requests.startTimer();
    response.on('finish', () => {
      const found: unknown = request.route;
      const route =
        typeof found === 'object' && found !== null && 'path' in found && typeof found.path === 'string' ? found.path : 'unknown';
      const seconds = end({ method: request.method, route, status: String(response.statusCode) });
      services.log.info({ method: request.method, route, status: response.statusCode, ms: Math.round(seconds * 1000) }, 'request');
    });
    next();
  };
}

function mountHealth(app: Express, services: Services): void {
  app.get('/healthz', (_request, response) => void response.json({ ok: true }));
  app.get('/readyz', async (_request, response) => {
    const parts = { store: await storeAnswers(services), engine: await services.engine.reachable() };
    response.status(parts.store && parts.engine ? 200 : 503).json(parts);
  });
  app.get('/metrics', async (_request, response) => {
    const open = await countIncidents(services.store.db, services.county);
    services.metrics.openIncidents.set(open.reduce((sum, { count }) => sum + count, 0));
    response.type(services.metrics.registry.contentType).send(await services.metrics.registry.metrics());
  });
}

async function storeAnswers(services: Services): Promise<boolean> {
  try {
    await checkSchema(services.store);
    return true;
  } catch (error) {
    services.log.warn({ err: error }, 'the store does not answer');
    return false;
  }
}

function mountDocuments(app: Express, routes: readonly Route[], version: string): void {
  const document = openApi(routes, version);
  app.get(`${BASE}/openapi.json`, (_request, response) => void response.json(document));
  app.get(`${BASE}/problems`, (_request, response) => void response.json(problemTypes));
  app.get(`${BASE}/problems/:code`, (request, response, next) => {
    const found = Object.entries(problemTypes).find(([code]) => code === request.params.code);
    if (found === undefined) next(new Problem('not-found'));
    else response.json({ code: found[0], ...found[1] });
  });
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get(`${BASE}/docs`, (_request, response) => void response.type('html').send(docsPage));
  app.get(`${BASE}/docs/start.js`, (_request, response) => void response.type('js').send(DOCS_START));
  app.use(`${BASE}/docs/assets`, express.static(assets, { index: false }));
}

/** A known address with another method is 405, anything else 404. */
function refuseTheRest(app: Express, routes: readonly Route[]): void {
  const byPath = new Map<string, string[]>();
  for (const route of routes)
    byPath.set(expressPath(route.path), [...(byPath.get(expressPath(route.path)) ?? []), route.method.toUpperCase()]);
  for (const [path, methods] of byPath) {
    app.all(BASE + path, () => {
      throw new Problem('method-not-allowed', { headers: { Allow: methods.join(', ') } });
    });
  }
  app.use(() => {
    throw new Problem('route-unknown');
  });
}
