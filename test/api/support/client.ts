import { randomUUID } from 'node:crypto';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  /** Parsed JSON, or the text when it is none. */
  readonly body: Json;
}

/** JSON as tests read it: members are looked up by path, a missing one is undefined. */
export class Json {
  constructor(readonly value: unknown) {}

  at(...path: readonly (string | number)[]): Json {
    return new Json(
      path.reduce<unknown>(
        (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
        this.value,
      ),
    );
  }
  get text(): string {
    return String(this.value);
  }
  get list(): readonly Json[] {
    return Array.isArray(this.value) ? this.value.map((item) => new Json(item)) : [];
  }
}

export interface Sent {
  readonly body?: unknown;
  readonly form?: FormData;
  readonly raw?: { readonly text: string; readonly type: string };
  readonly key?: string | null;
  readonly ifMatch?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API as one user; `token` null = nobody. Every POST gets a key of its own unless the test gives one. */
export class As {
  constructor(
    readonly url: string,
    readonly token: string | null,
  ) {}

  get(path: string, sent: Sent = {}): Promise<Answer> {
    return this.call('GET', path, sent);
  }
  post(path: string, body?: unknown, sent: Sent = {}): Promise<Answer> {
    return this.call('POST', path, { ...(body === undefined ? {} : { body }), ...sent });
  }
  patch(path: string, body: unknown, ifMatch?: string): Promise<Answer> {
    return this.call('PATCH', path, { body, ...(ifMatch === undefined ? {} : { ifMatch }) });
  }
  delete(path: string): Promise<Answer> {
    return this.call('DELETE', path, {});
  }

  async call(method: string, path: string, sent: Sent): Promise<Answer> {
    const headers = new Headers(sent.headers);
    if (this.token !== null) headers.set('authorization', `Bearer ${this.token}`);
    if (method === 'POST' && sent.key !== null) headers.set('idempotency-key', sent.key ?? randomUUID());
    if (sent.ifMatch !== undefined) headers.set('if-match', sent.ifMatch);
    if (sent.body !== undefined) headers.set('content-type', 'application/json');
    if (sent.raw !== undefined) headers.set('content-type', sent.raw.type);
    const body = sent.form ?? sent.raw?.text ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
    const response = await fetch(
      `${this.url}${path.startsWith('/healthz') || path.startsWith('/readyz') || path.startsWith('/metrics') ? '' : '/api/v1'}${path}`,
      {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      },
    );
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      headers: response.headers,
      body: new Json(parse(text)),
    };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
