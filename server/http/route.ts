import { z } from 'zod';
import type { Trx } from '../../store/connection.js';
import type { Caller } from './caller.js';
import type { Operation } from './idempotency.js';
import type { Services } from './services.js';
import { faultsOf } from './faults.js';
import { Problem, type Fault, type Language } from './problems.js';
import type { ProblemCode } from './problem-codes.js';

export const TAGS = {
  sessions: '登录 Sign-in',
  users: '用户与职责 Users and roles',
  units: '单位 Units',
  definitions: '定义 Definitions',
  campaigns: '工作 Campaigns',
  obligations: '应办事项 Obligations',
  cases: '办件 Cases',
  data: '数据 Data',
  deductions: '代扣 Deductions',
  ledger: '账目 Ledger',
  reports: '报表 Reports',
  notices: '通知 Notices',
  worlds: '时间 Worlds',
  operations: '运行 Operations',
} as const;
export type Tag = keyof typeof TAGS;

/**
 * Who may call: anyone; the operator of the machine (setup only); whoever is signed in, inside its units; an administrator; or somebody who reads all for
 * administration or audit. Finer rights (the leading role) are asked inside.
 */
export type Access = 'anyone' | 'operator' | 'signedIn' | 'admin' | 'adminOrAuditor';

/** A file sent in a multipart body, in memory (small files) or as a path on disk (imports). */
export interface Uploaded {
  readonly field: string;
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Throws `not-signed-in` in routes open to anyone. */
  readonly caller: Caller;
  /** Hash of the session in use; null in routes open to anyone. */
  readonly session: string | null;
  readonly services: Services;
  readonly language: Language;
  readonly files: readonly Uploaded[];
  /** Version asked for by If-Match; throws `precondition-required` when absent. */
  version(): number;
  /** Stable id of this operation, hash(user, route, Idempotency-Key), and what it is called. POST only, else null. */
  readonly operation: Operation | null;
  readonly secure: boolean;
  /** The transaction of a route whose effects are in one; everything it changes, its audit record and its answer are kept together. */
  readonly trx: Trx;
}

export interface Reply<R> {
  readonly body: R;
  readonly status?: 200 | 201 | 202 | 204;
  /** Version of what is shown, sent as ETag. */
  readonly version?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is kept for a repeat of the same POST, when it differs: secrets are shown once. */
  readonly repeat?: R;
  /** A dry run: the transaction is undone and nothing is kept. */
  readonly undo?: boolean;
}

export interface FileField {
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
}

/** Files of a multipart body. `more`: files in further fields are taken too. */
export interface FilesSpec {
  readonly fields: readonly FileField[];
  readonly more?: boolean;
  readonly maxBytes: number;
}

interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** `/campaigns/{campaign}`; `{id...}` takes the rest of the path, slashes included. */
  readonly path: `/${string}`;
  readonly tag: Tag;
  readonly title: string;
  readonly about?: string;
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Multipart: `body` is then sent as the JSON text of the field `data`. */
  readonly files?: FilesSpec;
  readonly reply: R;
  readonly status?: 200 | 201 | 202 | 204;
  /** Media type when the reply is not JSON. */
  readonly media?: string;
  /** Default: `none` for GET, else `transaction`. */
  readonly effects?: Effects;
  /** Edits by If-Match. */
  readonly editable?: boolean;
  /** Works before the first password is changed. */
  readonly beforePasswordChange?: boolean;
  /** Problems special to this route; the common ones are added. */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Reply<z.input<R>>>;
  /** Work that follows the committed change and is safe to repeat; done again when the request is repeated. */
  readonly afterwards?: (services: Services, caller: Caller, reply: z.output<R>) => Promise<void>;
}

/**
 * Where a route's effect lies. `transaction`: all in the one given transaction, which also keeps the answer for a repeat. `elsewhere`: in the engine or in several
 * transactions, made safe to repeat by the operation's id. `none`: nothing worth keeping (sign-in: its answer is a secret).
 */
export type Effects = 'transaction' | 'elsewhere' | 'none';

/** A route with its types closed over: what is mounted and what is published. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: `/${string}`;
  readonly tag: Tag;
  readonly title: string;
  readonly about: string | null;
  readonly access: Access;
  readonly schemas: {
    readonly params: z.ZodType | null;
    readonly query: z.ZodType | null;
    readonly body: z.ZodType | null;
    readonly reply: z.ZodType;
  };
  readonly files: FilesSpec | null;
  readonly status: 200 | 201 | 202 | 204;
  readonly media: string | null;
  readonly effects: Effects;
  readonly editable: boolean;
  readonly beforePasswordChange: boolean;
  readonly problems: readonly ProblemCode[];
  /** Checks the request and carries it out; `trx` is null when the route's effects are not in one transaction. */
  run(raw: RawCall, trx: Trx | null): Promise<Reply<unknown>>;
  afterwards(raw: RawCall, reply: unknown): Promise<void>;
}

export type RawCall = Omit<Call<unknown, unknown, unknown>, 'caller' | 'trx'> & { readonly caller: Caller | null };

const nothing = z.strictObject({});
type Nothing = typeof nothing;
const noBody = z.undefined();

/** Declares a route once: the schemas that check a request are the ones published. */
export function route<
  R extends z.ZodType,
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(spec: RouteSpec<P, Q, B, R>): Route {
  return {
    method: spec.method,
    path: spec.path,
    tag: spec.tag,
    title: spec.title,
    about: spec.about ?? null,
    access: spec.access,
    schemas: { params: spec.params ?? null, query: spec.query ?? null, body: spec.body ?? null, reply: spec.reply },
    files: spec.files ?? null,
    status: spec.status ?? (spec.method === 'post' ? 201 : 200),
    media: spec.media ?? null,
    effects: spec.effects ?? (spec.method === 'get' ? 'none' : 'transaction'),
    editable: spec.editable ?? false,
    beforePasswordChange: spec.beforePasswordChange ?? false,
    problems: spec.problems ?? [],
    run: (raw, trx) => spec.handle(checkCall(spec, raw, trx)),
    afterwards: async (raw, reply) => {
      if (spec.afterwards !== undefined && raw.caller !== null) await spec.afterwards(raw.services, raw.caller, spec.reply.parse(reply));
    },
  };
}

function checkCall<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  spec: RouteSpec<P, Q, B, R>,
  raw: RawCall,
  trx: Trx | null,
): Call<z.output<P>, z.output<Q>, z.output<B>> {
  const faults: Fault[] = [];
  const read = <S extends z.ZodType>(where: Fault['in'], schema: S | undefined, otherwise: z.ZodType, value: unknown): z.output<S> => {
    const parsed = (schema ?? (otherwise as S)).safeParse(value, { reportInput: true });
    if (parsed.success) return parsed.data;
    faults.push(...faultsOf(where, parsed.error.issues));
    return undefined as z.output<S>;
  };
  const params = read('path', spec.params, nothing, raw.params);
  const query = read('query', spec.query, nothing, raw.query);
  const body = read('body', spec.body, noBody, raw.body);
  if (faults.some((fault) => fault.in !== 'path')) throw new Problem('invalid-request', { errors: faults });
  // An id that cannot exist is simply not found.
  if (faults.length > 0) throw new Problem('not-found');
  return {
    ...raw,
    params,
    query,
    body,
    get caller() {
      if (raw.caller === null) throw new Problem('not-signed-in');
      return raw.caller;
    },
    get trx() {
      if (trx === null) throw new Error(`${spec.method} ${spec.path} has no transaction`);
      return trx;
    },
  };
}
