import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Keyring } from '../secrets.js';
import { EngineError } from './errors.js';

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Settings and carried state shrink to about a tenth; small payloads are not worth it. */
const PACK_FROM_BYTES = 4096;
/** A payload is at most 2 MiB packed; nothing of ours comes near this unpacked. */
const UNPACKED_LIMIT = 64 * 1024 * 1024;

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const text = (data: Uint8Array | null | undefined): string => (data ? Buffer.from(data).toString('utf8') : '');

/**
 * Encrypts every payload before it leaves for the engine (AES-256-GCM, a fresh nonce each), so that histories hold nothing readable. The key's id
 * stands in the metadata: new payloads use the active key, old ones stay readable as long as their key is in the ring. The key id and the packing
 * are authenticated with the content. Errors: `payload-key-missing`, `payload-not-encrypted`, `payload-damaged`.
 */
export function payloadCodec(ring: Keyring): PayloadCodec {
  const keys = new Map(Object.entries(ring.keys).map(([id, key]) => [id, Buffer.from(key, 'base64')]));
  const active = keys.get(ring.active);
  if (active === undefined) throw new EngineError('payload-key-missing', { key: ring.active });

  const encode = (payload: Payload): Payload => {
    const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
    const packed = plain.length >= PACK_FROM_BYTES;
    const metadata = { encoding: bytes(ENCODING), 'encryption-key-id': bytes(ring.active), packing: bytes(packed ? 'deflate' : 'none') };
    const nonce = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, active, nonce).setAAD(Buffer.from(`${ring.active}/${packed ? 'deflate' : 'none'}`));
    const content = Buffer.concat([cipher.update(packed ? deflateRawSync(plain, { level: 3 }) : plain), cipher.final()]);
    return { metadata, data: Buffer.concat([nonce, content, cipher.getAuthTag()]) };
  };

  const decode = (payload: Payload): Payload => {
    if (text(payload.metadata?.['encoding']) !== ENCODING) throw new EngineError('payload-not-encrypted', {});
    const id = text(payload.metadata?.['encryption-key-id']);
    const packing = text(payload.metadata?.['packing']);
    const key = keys.get(id);
    if (key === undefined) throw new EngineError('payload-key-missing', { key: id });
    const data = Buffer.from(payload.data ?? []);
    try {
      const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(`${id}/${packing}`))
        .setAuthTag(data.subarray(data.length - TAG_BYTES));
      const content = Buffer.concat([decipher.update(data.subarray(IV_BYTES, data.length - TAG_BYTES)), decipher.final()]);
      const plain = packing === 'deflate' ? inflateRawSync(content, { maxOutputLength: UNPACKED_LIMIT }) : content;
      return proto.temporal.api.common.v1.Payload.decode(plain);
    } catch (cause) {
      throw new EngineError('payload-damaged', { key: id }, { cause });
    }
  };

  return {
    encode: (payloads) => Promise.resolve(payloads.map(encode)),
    decode: (payloads) => Promise.resolve(payloads.map(decode)),
  };
}

/** The one data converter: the client's and the worker's must be the same. */
export function dataConverter(ring: Keyring): DataConverter {
  return { payloadCodecs: [payloadCodec(ring)] };
}
