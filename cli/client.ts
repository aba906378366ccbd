import { randomUUID } from 'node:crypto';
import { textIn } from './errors.js';
import { EXIT, Failure } from './failure.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Call {
  readonly query?: Query;
  readonly json?: unknown;
  /** Multipart body, for files. */
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds until the call is given up; long for imports and for moving a world's clock. */
  readonly seconds?: number;
}

/** What the API sent, not yet looked at. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/**
 * The API as this command sees it. Every POST carries an Idempotency-Key: the same command repeated with the same key has one effect.
 * Errors: `Failure` with exit 3 when nobody answers or the answer says to repeat, exit 1 for every refusal.
 */
export class Client {
  private posts = 0;

  constructor(
    private readonly url: string,
    private readonly token: string | null,
    /** Key of this command; further POSTs of one command get it with a running number behind it. */
    readonly key: string = randomUUID(),
  ) {}

  async get(path: string, query: Query = {}): Promise<unknown> {
    return json(await this.call('GET', path, { query }));
  }

  async post(path: string, body: unknown, call: Call = {}): Promise<unknown> {
    return json(await this.call('POST', path, { ...call, json: body }));
  }

  async call(method: Method, path: string, call: Call = {}): Promise<Answer> {
    const target = new URL(`/api/v1${path}`, this.url);
    for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) target.searchParams.set(name, String(value));
    const headers = new Headers({ accept: 'application/json', 'accept-language': 'zh', ...call.headers });
    if (this.token !== null) headers.set('authorization', `Bearer ${this.token}`);
    if (method === 'POST' && !headers.has('idempotency-key')) headers.set('idempotency-key', this.nextKey());
    if (call.json !== undefined) headers.set('content-type', 'application/json');
    const body = call.form ?? (call.json === undefined ? undefined : JSON.stringify(call.json));
    const answer = await this.send(target, {
      method,
      headers,
      signal: AbortSignal.timeout((call.seconds ?? 60) * 1000),
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 400) throw refusal(answer, this.key);
    return answer;
  }

  private nextKey(): string {
    this.posts += 1;
    return this.posts === 1 ? this.key : `${this.key}-${this.posts}`;
  }

  private async send(target: URL, init: RequestInit): Promise<Answer> {
    try {
      const response = await fetch(target, init);
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        headers: response.headers,
        bytes: Buffer.from(await response.arrayBuffer()),
      };
    } catch (cause) {
      throw unreachable(this.url, cause, init.method === 'POST' ? this.key : null);
    }
  }
}

/** The body as JSON; an empty body is null. Error: `answer-not-json`. */
export function json(answer: Answer): unknown {
  if (answer.bytes.length === 0) return null;
  try {
    return JSON.parse(answer.bytes.toString('utf8'));
  } catch {
    throw new Failure(
      EXIT.unreachable,
      'answer-not-json',
      { zh: '对方的回答不是督办接口的格式。', en: 'The answer is not one of the Duban API.' },
      { zh: '请核对地址（DUBAN_API_URL）。', en: 'Check the address (DUBAN_API_URL).' },
    );
  }
}

const repeat = (key: string): { zh: string; en: string } => ({
  zh: `加上 --key ${key} 重做同一命令，不会重复办理`,
  en: `repeat the same command with --key ${key}: it has one effect`,
});

function unreachable(url: string, cause: unknown, key: string | null): Failure {
  const timedOut = textIn(cause, 'name') === 'TimeoutError';
  const again = key === null ? { zh: '', en: '' } : { zh: `；${repeat(key).zh}`, en: `; ${repeat(key).en}` };
  return new Failure(
    EXIT.unreachable,
    timedOut ? 'no-answer-in-time' : 'not-reachable',
    timedOut
      ? { zh: `${url} 没有按时回答。`, en: `No answer in time from ${url}.` }
      : { zh: `连接不上 ${url}。`, en: `${url} cannot be reached.` },
    { zh: `看看是否健康：npx duban doctor；启动：npx duban up${again.zh}`, en: `See npx duban doctor; start with npx duban up${again.en}` },
  );
}

function refusal(answer: Answer, key: string): Failure {
  const problem = documentOf(answer);
  const text = (language: 'zh' | 'en', name: string): string => {
    const texts = problem[language];
    const value: unknown = typeof texts === 'object' && texts !== null ? Reflect.get(texts, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const code = typeof problem['code'] === 'string' ? problem['code'] : `http-${answer.status}`;
  const plain = typeof problem['detail'] === 'string' ? problem['detail'] : `HTTP ${answer.status}`;
  const wayOut = { zh: text('zh', 'wayOut'), en: text('en', 'wayOut') };
  if (answer.status === 503) {
    wayOut.zh += `${wayOut.zh === '' ? '' : '；'}${repeat(key).zh}`;
    wayOut.en += `${wayOut.en === '' ? '' : '; '}${repeat(key).en}`;
  }
  const refused = asRecord(problem['refusal']);
  if (refused['code'] === 'evidence-missing') {
    wayOut.zh += "；命令行写进 --data '…'，扫描件用 --file 材料编号=文件";
    wayOut.en += "; on the command line with --data '...', a scan with --file PAPER=FILE";
  }
  if (asRecord(refused['params'])['because'] === 'evidence-missing') {
    wayOut.zh += "；命令行写进 --data '…'";
    wayOut.en += "; on the command line with --data '...'";
  }
  if (answer.status === 401) {
    wayOut.zh = '请先登录：npx duban login 用户名；脚本可用环境变量 DUBAN_TOKEN';
    wayOut.en = 'Sign in: npx duban login NAME; scripts use DUBAN_TOKEN';
  }
  if (code === 'password-change-required') {
    wayOut.zh = '请先修改密码：npx duban password';
    wayOut.en = 'Change the password first: npx duban password';
  }
  return new Failure(
    answer.status === 503 ? EXIT.unreachable : EXIT.refused,
    code,
    { zh: text('zh', 'detail') || text('zh', 'title') || plain, en: text('en', 'detail') || text('en', 'title') || plain },
    wayOut.zh === '' ? null : wayOut,
    problem,
  );
}

function documentOf(answer: Answer): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(answer.bytes.toString('utf8')));
  } catch {
    return {};
  }
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
