import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { problemTypes, type ProblemCode } from './problem-codes.js';
import { TAGS, type Route } from './route.js';

const texts = z.strictObject({ title: z.string(), detail: z.string(), wayOut: z.string() });
const fault = z.strictObject({
  in: z.enum(['body', 'query', 'path', 'header', 'file']),
  path: z.string(),
  code: z.string(),
  zh: z.string(),
  en: z.string(),
});
/** The shape of every error answer (RFC 9457). */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: '稳定的代码，见 /api/v1/problems Stable; see /api/v1/problems' }),
    zh: texts,
    en: texts,
    errors: z.array(fault).optional(),
  })
  .meta({ id: 'Problem' });

/** Problems that a route can answer with, from what it declares. */
export function problemsOf(route: Route): readonly ProblemCode[] {
  const all = new Set<ProblemCode>(['too-many-requests', 'internal-error', ...route.problems]);
  if (route.access !== 'anyone') all.add('not-signed-in');
  if (route.access === 'admin' || route.access === 'adminOrAuditor') all.add('not-permitted');
  if (route.access !== 'anyone' && route.access !== 'operator' && !route.beforePasswordChange) all.add('password-change-required');
  if (route.schemas.params !== null) all.add('not-found');
  if (route.schemas.query !== null || route.schemas.body !== null) all.add('invalid-request');
  if (route.schemas.body !== null)
    for (const code of ['not-json', 'wrong-media-type', 'body-too-large', 'body-too-deep', 'text-unstorable'] as const) all.add(code);
  if (route.files !== null) for (const code of ['upload-too-large', 'upload-refused'] as const) all.add(code);
  if (route.method === 'post')
    for (const code of ['idempotency-key-missing', 'idempotency-key-reused', 'request-in-progress'] as const) all.add(code);
  if (route.editable) for (const code of ['precondition-required', 'precondition-failed'] as const) all.add(code);
  return [...all];
}

function responsesOf(route: Route): ZodOpenApiOperationObject['responses'] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(route)) {
    const { status } = problemTypes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const problems = [...byStatus].map(([status, codes]) => [
    String(status),
    { description: codes.join(', '), content: { 'application/problem+json': { schema: problemSchema } } },
  ]);
  const ok =
    route.status === 204
      ? { description: route.title }
      : { description: route.title, content: { [route.media ?? 'application/json']: { schema: route.schemas.reply } } };
  return { [String(route.status)]: ok, ...Object.fromEntries(problems) };
}

function bodyOf(route: Route): ZodOpenApiOperationObject['requestBody'] {
  const { body } = route.schemas;
  if (route.files === null) return body === null ? undefined : { required: true, content: { 'application/json': { schema: body } } };
  const fields = Object.fromEntries(
    route.files.fields.map((field) => {
      const file = z.string().meta({ description: field.description, override: { type: 'string', format: 'binary' } });
      return [field.name, field.required ? file : file.optional()];
    }),
  );
  const json = body === null || route.files.fields.some((field) => field.required) ? {} : { 'application/json': { schema: body } };
  return {
    required: true,
    content: { ...json, 'multipart/form-data': { schema: z.object({ ...(body === null ? {} : { data: body }), ...fields }) } },
  };
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const headers: Record<string, z.ZodType> = {};
  if (route.method === 'post')
    headers['Idempotency-Key'] = z.string().min(8).max(200).meta({ description: '重试时用同一个键 The same for each retry' });
  if (route.editable) headers['If-Match'] = z.string().meta({ description: '读取时得到的 ETag The ETag that was read' });
  const { params, query } = route.schemas;
  const body = bodyOf(route);
  return {
    operationId: operationId(route),
    tags: [TAGS[route.tag]],
    summary: route.title,
    ...(route.about === null ? {} : { description: route.about }),
    ...(route.access === 'anyone' ? { security: [] } : {}),
    requestParams: {
      ...(params instanceof z.ZodObject ? { path: params } : {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
      ...(Object.keys(headers).length === 0 ? {} : { header: z.object(headers) }),
    },
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(route),
  };
}

/** `get /campaigns/{campaign}` is `getCampaignsByCampaign`. */
export function operationId(route: Pick<Route, 'method' | 'path'>): string {
  const words = route.path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      const name = part.replace(/^\{(.+?)(\.\.\.)?\}$/, 'by-$1').replace(/[^A-Za-z]+(.)/g, (_, letter: string) => letter.toUpperCase());
      return name.charAt(0).toUpperCase() + name.slice(1);
    });
  return route.method + words.join('');
}

/** The OpenAPI 3.1 document of the routes, from the schemas that check their requests. */
export function openApi(routes: readonly Route[], version: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replace('...}', '}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: '督办 Duban API',
      version,
      description:
        '错误一律为 RFC 9457 问题文档；每个 POST 须带 Idempotency-Key；列表只含调用者管辖的单位。Errors are RFC 9457 problem documents; every POST needs an Idempotency-Key; lists are limited to the caller’s units. Ids with slashes are percent-encoded.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ bearer: [] }, { cookie: [] }],
    tags: Object.values(TAGS).map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'duban_session' },
      },
    },
  });
}
