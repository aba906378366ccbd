import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { EngineConnectionOptions } from '../../config.js';
import { messageOf, systemCode } from '../problem.js';

/** Why a server cannot be spoken to, in one sentence with what to look at. */
export type Why = { readonly zh: string; readonly en: string };

const PATIENCE_MS = 3_000;
/** A server that refuses our certificate says so only after the handshake; one that takes it sends its settings at once. */
const AFTER_HANDSHAKE_MS = 1_500;

/**
 * Looks at what the library only calls "failed to connect": name, port, TLS or none, authority, server's name, our certificate. Asks nothing of
 * the server but a handshake. Null: none of these is wrong.
 */
export async function whyUnreachable(to: EngineConnectionOptions): Promise<Why | null> {
  const [host = '', port = ''] = to.address.split(/:(?=\d+$)/);
  const plain = await outcome(connectPlain({ host, port: Number(port) }), 'connect');
  if (plain !== null) return whyNoConnection(plain, host);
  if (to.tls === undefined || to.tls === false) {
    const secure = await outcome(
      connectTls({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
      'secureConnect',
    );
    return secure === null ? NEEDS_TLS : null;
  }
  const { serverNameOverride, serverRootCACertificate: ca, clientCertPair: pair } = to.tls === true ? {} : to.tls;
  const options = {
    host,
    port: Number(port),
    ALPNProtocols: ['h2'],
    ...(serverNameOverride === undefined ? {} : { servername: serverNameOverride }),
    ...(ca === undefined ? {} : { ca }),
    ...(pair === undefined ? {} : { cert: pair.crt, key: pair.key }),
  };
  try {
    const failed = await outcome(connectTls(options), 'secureConnect', AFTER_HANDSHAKE_MS);
    return failed === null ? null : whyNoHandshake(failed);
  } catch (error) {
    // A certificate or key that is none.
    return { zh: `客户端证书或私钥读不懂（${messageOf(error)}）`, en: `client certificate or key cannot be read (${messageOf(error)})` };
  }
}

/** Null when `event` came, and within `listenMs` after it no error; else what went wrong. */
function outcome(socket: Socket, event: 'connect' | 'secureConnect', listenMs = 0): Promise<unknown> {
  return new Promise((done) => {
    const end = (result: unknown): void => {
      socket.destroy();
      done(result);
    };
    socket.once('error', end);
    socket.setTimeout(PATIENCE_MS, () => end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    socket.once(event, () => {
      if (listenMs === 0) return end(null);
      socket.once('data', () => end(null));
      socket.once('close', () => end(null));
      setTimeout(() => end(null), listenMs);
    });
  });
}

const NEEDS_TLS: Why = {
  zh: '服务端要求 TLS，而设置里没有（temporal.yaml 的 engine.tls，或 TEMPORAL_TLS=true）',
  en: 'the server speaks TLS, the settings do not (engine.tls in temporal.yaml, or TEMPORAL_TLS=true)',
};
export const NOT_TEMPORAL: Why = {
  zh: '端口有应答，但不是 Temporal 的前端服务（应是 frontend 的 gRPC 端口，通常是 7233，不是网页端口）',
  en: 'something answers, but not a Temporal frontend (its gRPC port is wanted, usually 7233, not that of the web page)',
};

function whyNoConnection(error: unknown, host: string): Why {
  switch (systemCode(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { zh: `域名 ${host} 查不到`, en: `the name ${host} is not known` };
    case 'ECONNREFUSED':
      return { zh: '没有程序在这个端口上', en: 'nothing listens there' };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { zh: '连接超时，请检查网络和防火墙', en: 'no answer: check network and firewall' };
    default:
      return { zh: messageOf(error), en: messageOf(error) };
  }
}

const CERTIFICATES: readonly (readonly [RegExp, Why])[] = [
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|ECONNRESET/,
    { zh: '服务端不用 TLS，请去掉 engine.tls', en: 'the server does not speak TLS: remove engine.tls' },
  ],
  [
    /ALTNAME_INVALID/,
    {
      zh: '服务端证书上的名字与地址不符，请设 engine.tls.serverName',
      en: 'the certificate is for another name: set engine.tls.serverName',
    },
  ],
  [
    /^CERT_HAS_EXPIRED|^CERT_NOT_YET_VALID/,
    {
      zh: '服务端证书已过期或尚未生效，请核对两边的时钟',
      en: "the server's certificate has expired or is not yet valid; check both clocks",
    },
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|^CERT_/,
    {
      zh: '服务端证书不是 engine.tls.ca 中的机构签发的',
      en: "the server's certificate is not of the authority in engine.tls.ca",
    },
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED/,
    { zh: '服务端要求客户端证书，请设 engine.tls.cert 和 key', en: 'a client certificate is wanted: set engine.tls.cert and key' },
  ],
  [/ALERT_CERTIFICATE_EXPIRED/, { zh: '客户端证书（engine.tls.cert）已过期', en: 'the client certificate (engine.tls.cert) has expired' }],
  [
    /ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|HANDSHAKE_FAILURE|ACCESS_DENIED|DECRYPT_ERROR)/,
    { zh: '服务端不接受客户端证书（engine.tls.cert）', en: 'the server does not accept the client certificate (engine.tls.cert)' },
  ],
];

function whyNoHandshake(error: unknown): Why {
  const code = systemCode(error) ?? messageOf(error);
  const known = CERTIFICATES.find(([pattern]) => pattern.test(code))?.[1];
  return known === undefined
    ? { zh: `TLS 握手失败（${code}）`, en: `the TLS handshake failed (${code})` }
    : { zh: `${known.zh}（${code}）`, en: `${known.en} (${code})` };
}
