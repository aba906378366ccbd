import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { MulterError } from 'multer';
import type { Logger } from 'pino';
import { ImportRefusal, type ImportRefusalCode } from '../../activities/imports/index.js';
import { CycleRefusal } from '../../activities/deductions/refusal.js';
import { StoreError } from '../../store/errors.js';
import { EngineError } from '../engine/errors.js';
import type { Metrics } from './metrics.js';
import { papersWanted } from './papers.js';
import { languageOf, Problem, problemDocument } from './problems.js';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Errors of the body parser, the uploader, the router and the store, as problems; anything else is ours (`internal-error`). */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreError) return storeProblem(error);
  if (error instanceof ImportRefusal) return refusalProblem(error);
  if (error instanceof CycleRefusal) return cycleProblem(error);
  if (error instanceof EngineError && error.code === 'engine-busy')
    return new Problem('engine-busy', { headers: { 'Retry-After': '1' }, cause: error });
  if (error instanceof MulterError) {
    return error.code === 'LIMIT_FILE_SIZE' || error.code === 'LIMIT_FIELD_VALUE'
      ? new Problem('upload-too-large')
      : new Problem('upload-refused', {
          errors: [{ in: 'file', path: error.field ?? '', code: 'bad-value', zh: '不是可接受的文件字段', en: error.message }],
        });
  }
  if (error instanceof URIError) return new Problem('not-found');
  const type = isRecord(error) ? error['type'] : undefined;
  if (type === 'entity.too.large') return new Problem('body-too-large');
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') return new Problem('wrong-media-type');
  if (typeof type === 'string' && (type.startsWith('entity.') || type.startsWith('request.') || type === 'stream.not.readable'))
    return new Problem('not-json');
  return new Problem('internal-error', { cause: error });
}

/** A file, or an act about money or people, that is refused as a whole. */
function refusalProblem({ code, zh, en, params }: ImportRefusal): Problem {
  const missing = code.startsWith('unknown-') && code !== 'unknown-profile';
  const kind = missing ? 'not-found' : ACT_REFUSALS.has(code) ? 'act-refused' : 'import-refused';
  return new Problem(kind, { zh, en, members: { refusal: { code, params } } });
}

/** An act about a deduction that is refused. */
function cycleProblem({ code, zh, en, params }: CycleRefusal): Problem {
  if (code === 'unknown-deduction' || code === 'unknown-batch') return new Problem('not-found');
  return new Problem('act-refused', { zh, en, wayOut: papersWanted(params), members: { refusal: { code, zh, en, params } } });
}

const ACT_REFUSALS: ReadonlySet<string> = new Set<ImportRefusalCode>([
  'rule-broken',
  'already-paid',
  'with-bank',
  'too-much-for-due',
  'other-insurance',
  'suspense-settled',
  'receipt-not-issued',
  'receipt-used',
  'slip-used',
  'receipt-overlap',
  'bad-receipt-range',
  'bad-amount',
  'bad-date',
]);

function storeProblem(error: StoreError): Problem {
  const texts = { zh: error.zh, en: error.en, cause: error };
  switch (error.code) {
    case 'idempotency-other-body':
      return new Problem('idempotency-key-reused');
    case 'idempotency-in-progress':
      return new Problem('request-in-progress', { headers: { 'Retry-After': '1' } });
    case 'definition-differs':
      return new Problem('definition-released', texts);
    case 'world-is-real':
      return new Problem('world-is-real', texts);
    case 'world-backwards':
      return new Problem('world-backwards', texts);
    case 'bad-cursor':
      return new Problem('invalid-request', { errors: [{ in: 'query', path: 'cursor', code: 'bad-value', zh: error.zh, en: error.en }] });
    case 'order-missing':
    case 'process-missing':
    case 'world-missing':
      return new Problem('not-found');
    default:
      return new Problem('internal-error', { cause: error });
  }
}

/** Answers an error as `application/problem+json`. The log gets code and instance, never what was sent. */
export function answerProblem(metrics: Metrics, log: Logger) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error);
    const instance = `urn:uuid:${randomUUID()}`;
    metrics.problems.inc({ code: problem.code });
    if (problem.status >= 500) log.error({ code: problem.code, instance, err: problem.cause ?? problem }, 'request failed');
    for (const [name, value] of Object.entries(problem.extras.headers ?? {})) response.setHeader(name, value);
    response
      .status(problem.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(problem, languageOf(request.headers['accept-language']), instance)));
  };
}
