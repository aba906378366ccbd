import { StoreError } from './errors.js';

/** `user@host:port/database` of a URL, without its password. */
function placeOf(url: string): string {
  const { username, hostname, port, pathname } = new URL(url);
  return `${decodeURIComponent(username)}@${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
}

type Texts = { readonly zh: string; readonly en: string };

/** By PostgreSQL's and Node's codes: what is wrong and where to look. */
const KNOWN: readonly (readonly [RegExp, 'database-refused' | 'database-missing' | 'database-unreachable', Texts])[] = [
  [/^28P01$/, 'database-refused', { zh: '口令不对', en: 'the password is wrong' }],
  [
    /^28000$/,
    'database-refused',
    {
      zh: '不接受这个用户：角色不存在、不能登录，或 pg_hba.conf 不允许从这里（或不加密）连接',
      en: 'the user is not accepted: no such role, no login, or pg_hba.conf does not allow it from here (or unencrypted)',
    },
  ],
  [
    /^3D000$/,
    'database-missing',
    {
      zh: "没有这个数据库，请建立：create database 名称 owner 所有者 encoding 'UTF8' template template0",
      en: "there is no such database; make it: create database NAME owner OWNER encoding 'UTF8' template template0",
    },
  ],
  [
    /^42501$/,
    'database-refused',
    { zh: '没有连接权限（grant connect on database ...）', en: 'no right to connect (grant connect on database ...)' },
  ],
  [/^53300$/, 'database-unreachable', { zh: '连接数已满（max_connections）', en: 'too many connections (max_connections)' }],
  [/^57P0[1-3]$/, 'database-unreachable', { zh: '服务器正在启动或停止', en: 'the server is starting or stopping' }],
  [/^ECONNREFUSED$/, 'database-unreachable', { zh: '没有程序在这个端口上', en: 'nothing listens there' }],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'database-unreachable', { zh: '主机名查不到', en: 'the host is not known' }],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    'database-unreachable',
    { zh: '没有应答，请检查网络和防火墙', en: 'no answer: check network and firewall' },
  ],
];

/** Says why the server behind `url` cannot be worked with; an error of the store's own stays as it is. */
export function databaseProblem(cause: unknown, url: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const [code, message] = codeAndMessage(cause);
  const [, name, why] = KNOWN.find(([pattern]) => pattern.test(code)) ?? [
    null,
    'database-unreachable' as const,
    { zh: message, en: message },
  ];
  const place = placeOf(url);
  return new StoreError(name, `数据库 ${place} 用不了：${why.zh}`, `The database ${place} cannot be used: ${why.en}`, { place }, { cause });
}

/** Not `instanceof`: errors of Node itself are of another realm where code runs in a context of its own. A host of two addresses fails with two errors. */
function codeAndMessage(error: unknown): readonly [code: string, message: string] {
  if (typeof error !== 'object' || error === null) return ['', String(error)];
  const inner: readonly unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  const own = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (own === '' && inner.length > 0) return codeAndMessage(inner[0]);
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  // The pool's own words for a server that does not answer at all.
  return [own === '' && /timeout/i.test(message) ? 'ETIMEDOUT' : own, message === '' ? own : message];
}
