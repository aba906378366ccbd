import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { authenticate, noStore, type SignedIn } from './auth.js';
import { changing } from './change.js';
import { etagOf, versionOf } from './etag.js';
import { keyOf, operationOf, type Operation } from './idempotency.js';
import { checkDepth, MAX_JSON_BYTES } from './json.js';
import { languageOf, Problem } from './problems.js';
import type { RawCall, Reply, Route, Uploaded } from './route.js';
import type { Services } from './services.js';
import { checkFiles, dataOf, dropFiles, filesOf, receiveFiles } from './upload.js';

const parseJson = express.json({ limit: MAX_JSON_BYTES, strict: false, type: 'application/json', inflate: true });

const through = (handler: RequestHandler, request: Request, response: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    handler(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });

/** The Express handler of a route: who calls, what is sent, the same once, then the route itself. Errors go to `answerProblem`. */
export function handlerOf(route: Route, services: Services): RequestHandler {
  const receive = route.files === null ? null : receiveFiles(route.files, services.uploads);
  return async (request, response) => {
    const signedIn = await authenticate(request, route, services);
    const key = route.method === 'post' ? keyOf(request) : null;
    try {
      // A route that takes files can also be called with JSON alone, when it needs none of them.
      if (receive === null || request.is('application/json') !== false) await readJson(request, response);
      else await readMultipart(request, response, receive);
      const raw = await rawCall(request, route, services, signedIn, key);
      send(request, response, route, await changing(route, raw, services));
    } finally {
      await dropFiles(filesOf(request));
    }
  };
}

async function readJson(request: Request, response: Response): Promise<void> {
  const sends = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (sends && request.is('application/json') === false) throw new Problem('wrong-media-type');
  await through(parseJson, request, response);
  checkDepth(request.body);
}

async function readMultipart(request: Request, response: Response, receive: RequestHandler): Promise<void> {
  if (request.is('multipart/form-data') === false) throw new Problem('wrong-media-type');
  await through(receive, request, response).catch((error: unknown) => {
    // The multipart reader's own complaints about a broken body carry no type.
    throw error instanceof Error && error.name === 'Error' ? new Problem('upload-refused', { cause: error }) : error;
  });
}

async function rawCall(
  request: Request,
  route: Route,
  services: Services,
  signedIn: SignedIn | null,
  key: string | null,
): Promise<RawCall> {
  const files = filesOf(request);
  if (route.files !== null) checkFiles(route.files, files);
  const multipart = route.files !== null && request.is('multipart/form-data') !== false;
  const sent: unknown = multipart ? dataOf(request) : request.body;
  checkDepth(sent);
  const body = route.schemas.body === null && isEmpty(sent) ? undefined : sent;
  const operation = key === null ? null : await operation_(request, route, signedIn, key, body, files);
  return {
    params: Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]),
    ),
    query: { ...request.query },
    body,
    caller: signedIn?.caller ?? null,
    session: signedIn?.session ?? null,
    services,
    language: languageOf(request.headers['accept-language']),
    files,
    version: () => versionOf(request.headers['if-match']),
    operation,
    secure: request.secure,
  };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

async function operation_(
  request: Request,
  route: Route,
  signedIn: SignedIn | null,
  key: string,
  body: unknown,
  files: readonly Uploaded[],
): Promise<Operation> {
  const digested = await Promise.all(files.map(async (file) => ({ ...file, digest: await digestOf(file.path) })));
  return operationOf(signedIn?.caller.id ?? route.access, route, request.path, key, { body, query: request.query, files: digested });
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function send(request: Request, response: Response, route: Route, reply: Reply<unknown>): void {
  noStore(response);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (reply.version !== undefined) {
    response.setHeader('ETag', etagOf(reply.version));
    if (request.method === 'GET' && request.headers['if-none-match'] === etagOf(reply.version)) {
      response.status(304).end();
      return;
    }
  }
  const status = reply.status ?? route.status;
  if (status === 204) response.status(204).end();
  else if (route.media === null) response.status(status).type('application/json').send(JSON.stringify(reply.body));
  else response.status(status).type(route.media).send(reply.body);
}
