import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemTypes } from '../../server/http/problem-codes.js';
import { allRoutes } from '../../server/routes/index.js';
import { As } from './support/client.js';
import { stage, type Stage } from './support/stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
}, 180_000);
afterAll(() => on.stop());

describe('the API document', () => {
  test('is OpenAPI 3.1 and has every route with its answer, its problems and its key', async () => {
    const document = (await on.nobody.get('/openapi.json')).body;
    expect(document.at('openapi').text).toMatch(/^3\.1\./);
    for (const route of allRoutes) {
      const operation = document.at('paths', route.path.replace('...}', '}'), route.method);
      const where = `${route.method} ${route.path}`;
      expect([where, operation.at('summary').value]).toEqual([where, route.title]);
      expect([where, operation.at('responses', String(route.status)).value === undefined]).toEqual([where, false]);
      const headers = operation
        .at('parameters')
        .list.filter((parameter) => parameter.at('in').value === 'header')
        .map((parameter) => parameter.at('name').text);
      expect([where, headers.includes('Idempotency-Key')]).toEqual([where, route.method === 'post']);
      expect([where, headers.includes('If-Match')]).toEqual([where, route.editable]);
    }
  });

  test('names each operation once, and refers only to what it contains', async () => {
    const document = (await on.nobody.get('/openapi.json')).body;
    const operations = allRoutes.map((route) => document.at('paths', route.path.replace('...}', '}'), route.method, 'operationId').text);
    expect(new Set(operations).size).toBe(operations.length);
    const text = JSON.stringify(document.value);
    const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(50);
    for (const name of new Set(names))
      expect([name, document.at('components', 'schemas', name).value === undefined]).toEqual([name, false]);
  });

  test('is read from this server alone', async () => {
    const page = await on.nobody.get('/docs');
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
    const sources = [...page.body.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(sources.length).toBeGreaterThanOrEqual(3);
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      expect([source, (await on.nobody.get(`/${source}`)).status]).toEqual([source, 200]);
    }
  });

  test('every problem has its page in both languages', async () => {
    const all = await on.nobody.get('/problems');
    expect(Object.keys(all.body.value as object).sort()).toEqual(Object.keys(problemTypes).sort());
    for (const [code, type] of Object.entries(problemTypes)) {
      expect(type.zh + type.en + type.wayOut.zh + type.wayOut.en).not.toMatch(/undefined/);
      expect([code, type.status >= 400]).toEqual([code, true]);
    }
  });
});

describe('without signing in', () => {
  test('nothing but sign-in, health and documents is open', async () => {
    const open = allRoutes.filter((route) => route.access === 'anyone').map((route) => `${route.method} ${route.path}`);
    expect(open).toEqual(['post /sessions']);
    for (const route of allRoutes.filter(({ access }) => access !== 'anyone')) {
      const path = route.path.replace(
        /\{(\w+)(\.\.\.)?\}/g,
        (_, name: string) => ({ campaign: 'c1', unit: 'u1', user: 'p1', world: 'real' })[name] ?? '1',
      );
      const answer = await on.nobody.call(route.method.toUpperCase(), path, {});
      expect([route.method, path, answer.status, answer.body.at('code').value]).toEqual([route.method, path, 401, 'not-signed-in']);
    }
  });

  test('a token that is none is refused, and the API says how to sign in', async () => {
    const answer = await new As(on.url, 'duban_nonsense').get('/users/me');
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="duban"']);
  });
});

describe('operations', () => {
  test('health, readiness and metrics answer; metrics name routes, never ids', async () => {
    expect((await on.nobody.get('/healthz')).status).toBe(200);
    expect((await on.nobody.get('/readyz')).body.value).toEqual({ store: true, engine: true });
    await on.admin.get(`/units/${on.top}`);
    const metrics = (await on.nobody.get('/metrics')).body.text;
    expect(metrics).toMatch(/duban_http_request_seconds_count\{[^}]*route="\/api\/v1\/units\/:unit"/);
    expect(metrics).toMatch(/duban_incidents_open 0/);
    expect(metrics).not.toContain(`/units/${on.top}"`);
  });

  test('answers carry the headers of a hardened server and are kept by no cache', async () => {
    const answer = await on.admin.get('/users/me');
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'self'/);
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('an incident is listed, closed once, and its closing is in the audit', async () => {
    const { raiseIncident } = await import('../../store/incidents.js');
    const id = await raiseIncident(on.store.db, {
      county: 'county',
      process: null,
      code: 'test-incident',
      cause: 'inbox-lag',
      detail: { rows: 3 },
    });
    const listed = await on.admin.get('/incidents?status=open');
    expect(listed.body.at('items').list.map((incident) => incident.at('id').value)).toContain(id);
    expect((await on.admin.post(`/incidents/${id}/close`, { reason: '已处理' })).status).toBe(204);
    expect((await on.admin.post(`/incidents/${id}/close`, { reason: '已处理' })).status).toBe(404);
    const audit = await on.admin.get('/audit?limit=200');
    expect(audit.body.at('items').list.map((entry) => entry.at('action').value)).toContain('incident.closed');
  });

  test('wait-quiet says that nothing is under way', async () => {
    expect((await on.admin.get('/wait-quiet')).body.value).toEqual({ quiet: true, pending: 0 });
  });
});
