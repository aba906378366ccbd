import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** What is not well, by part; empty when all is. */
export type Readiness = () => Promise<readonly string[]>;

/** Serves `/healthz` (the process lives), `/readyz` (it polls the engine and reaches the store) and `/metrics` on this machine only. */
export async function serveProbe(port: number, ready: Readiness, metrics: Registry): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void =>
      void response.writeHead(status, { 'content-type': type }).end(body);
    const respond = async (): Promise<void> => {
      switch (request.method === 'GET' ? request.url : null) {
        case '/healthz':
          return answer(200, 'application/json', '{"status":"alive"}');
        case '/readyz': {
          const missing = await ready();
          return answer(
            missing.length === 0 ? 200 : 503,
            'application/json',
            JSON.stringify({ status: missing.length === 0 ? 'ready' : 'waiting', missing }),
          );
        }
        case '/metrics':
          return answer(200, metrics.contentType, await metrics.metrics());
        default:
          return answer(404, 'application/json', '{"status":"unknown"}');
      }
    };
    respond().catch(() => answer(500, 'application/json', '{"status":"failed"}'));
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  return server;
}
