import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { payloadCodec } from '../../server/engine/codec.js';
import { fixedRing, type KeyRing } from '../../store/sealing.js';

const key = (): string => randomBytes(32).toString('base64');
const ring = (active: string, keys: Record<string, string>): KeyRing => fixedRing({ active, keys });
const old = key();

async function roundTrip(value: unknown, write: KeyRing, read: KeyRing): Promise<unknown> {
  const encoded = await payloadCodec(write).encode([defaultPayloadConverter.toPayload(value)]);
  const [decoded] = await payloadCodec(read).decode(encoded);
  if (decoded === undefined) throw new Error('nothing came back');
  return defaultPayloadConverter.fromPayload(decoded);
}

test('what is encrypted comes back the same, small or large', async () => {
  const one = ring('k1', { k1: old });
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.nat({ max: 3 }), async (value, copies) => {
      const given = { value, padding: '征缴'.repeat(copies * 4000) };
      expect(await roundTrip(given, one, one)).toEqual(JSON.parse(JSON.stringify(given)));
    }),
    { numRuns: 50, seed: 40 },
  );
});

test('after a rotation new payloads use the new key, and old ones are still read', async () => {
  const rotated = ring('k2', { k1: old, k2: key() });
  expect(await roundTrip('旧', ring('k1', { k1: old }), rotated)).toBe('旧');
  const [payload] = await payloadCodec(rotated).encode([defaultPayloadConverter.toPayload('新')]);
  expect(Buffer.from(payload?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('k2');
});

test('a payload whose key is gone, that was changed, or that is not encrypted is refused', async () => {
  const codec = payloadCodec(ring('k1', { k1: old }));
  const plain = defaultPayloadConverter.toPayload('x');
  const [payload] = await codec.encode([plain]);
  if (payload?.data === undefined || payload.data === null) throw new Error('nothing encrypted');
  await expect(async () => payloadCodec(ring('k2', { k2: key() })).decode([payload])).rejects.toMatchObject({
    code: 'payload-key-missing',
  });
  const changed = Buffer.from(payload.data);
  changed[20] = (changed[20] ?? 0) ^ 1;
  await expect(async () => codec.decode([{ ...payload, data: changed }])).rejects.toMatchObject({ code: 'payload-damaged' });
  const relabelled = { ...payload.metadata, packing: Buffer.from('deflate') };
  await expect(async () => codec.decode([{ ...payload, metadata: relabelled }])).rejects.toMatchObject({ code: 'payload-damaged' });
  await expect(async () => codec.decode([plain])).rejects.toMatchObject({ code: 'payload-not-encrypted' });
});

test('the same content is never encrypted alike twice, and nothing of it can be read', async () => {
  const codec = payloadCodec(ring('k1', { k1: old }));
  const plain = defaultPayloadConverter.toPayload('某某镇');
  const [first] = await codec.encode([plain]);
  const [second] = await codec.encode([plain]);
  expect(Buffer.from(first?.data ?? []).equals(Buffer.from(second?.data ?? []))).toBe(false);
  expect(Buffer.from(first?.data ?? []).includes(Buffer.from('某某镇'))).toBe(false);
});
