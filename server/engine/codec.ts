import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { CannotOpen, open, seal, type KeyRing } from '../../store/sealing.js';
import { EngineError } from './errors.js';

const ENCODING = 'binary/encrypted';
/** Settings and carried state shrink to about a tenth; small payloads are not worth it. */
const PACK_FROM_BYTES = 4096;
/** A payload is at most 2 MiB packed; nothing of ours comes near this unpacked. */
const UNPACKED_LIMIT = 64 * 1024 * 1024;

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const text = (data: Uint8Array | null | undefined): string => (data ? Buffer.from(data).toString('utf8') : '');

/**
 * Seals every payload before it leaves for the engine, so that histories hold nothing readable. The key's id stands in the metadata: new payloads
 * use the active key, old ones stay readable as long as their key is in the ring. The key id and the packing are authenticated with the content.
 * Errors: `payload-key-missing`, `payload-not-encrypted`, `payload-damaged`.
 */
export function payloadCodec(ring: KeyRing): PayloadCodec {
  const encode = (payload: Payload): Payload => {
    const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
    const packing = plain.length >= PACK_FROM_BYTES ? 'deflate' : 'none';
    const { key, sealed } = seal(ring, packing === 'deflate' ? deflateRawSync(plain, { level: 3 }) : plain, packing);
    return { metadata: { encoding: bytes(ENCODING), 'encryption-key-id': bytes(key), packing: bytes(packing) }, data: sealed };
  };

  const decode = (payload: Payload): Payload => {
    if (text(payload.metadata?.['encoding']) !== ENCODING) throw new EngineError('payload-not-encrypted', {});
    const id = text(payload.metadata?.['encryption-key-id']);
    const packing = text(payload.metadata?.['packing']);
    try {
      const content = open(ring, id, Buffer.from(payload.data ?? []), packing);
      const plain = packing === 'deflate' ? inflateRawSync(content, { maxOutputLength: UNPACKED_LIMIT }) : content;
      return proto.temporal.api.common.v1.Payload.decode(plain);
    } catch (cause) {
      const missing = cause instanceof CannotOpen && cause.code === 'key-missing';
      throw new EngineError(missing ? 'payload-key-missing' : 'payload-damaged', { key: id }, { cause });
    }
  };

  return {
    encode: (payloads) => Promise.resolve(payloads.map(encode)),
    decode: (payloads) => Promise.resolve(payloads.map(decode)),
  };
}

/** The one data converter: the client's and the worker's must be the same. */
export function dataConverter(ring: KeyRing): DataConverter {
  return { payloadCodecs: [payloadCodec(ring)] };
}
