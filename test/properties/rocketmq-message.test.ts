import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { allocateQueues } from '../../brokers/rocketmq/group-member.ts';
import { decodeBatch, encodeBatch } from '../../brokers/rocketmq/protocol/message-batch.ts';
import { decodeOffsetMessageId, encodeOffsetMessageId } from '../../brokers/rocketmq/protocol/message-id.ts';
import { decodeProperties, encodeProperties } from '../../brokers/rocketmq/protocol/message-properties.ts';
import { readPulledBodies, readStoredMessages } from '../../brokers/rocketmq/protocol/message.ts';

const word = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((text) => text.replaceAll('\u0001', '').replaceAll('\u0002', ''));
const properties = fc.dictionary(
  word.filter((text) => text !== ''),
  word,
  { maxKeys: 20 },
);

test('encoded properties decode to the same properties', () => {
  fc.assert(
    fc.property(properties, (sent) => {
      const pairs = new Map(Object.entries(sent));
      expect(decodeProperties(Buffer.from(encodeProperties(pairs)))).toEqual(pairs);
    }),
  );
});

const item = fc.record({
  body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  properties: properties.map((sent) => encodeProperties(new Map(Object.entries(sent)))),
});

test('an encoded batch decodes to the same messages', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 30 }), (items) => {
      expect(decodeBatch(encodeBatch(items))).toEqual(items);
    }),
  );
});

test('a damaged batch is either rejected with an error or read, and never causes a loop or crash', () => {
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.nat(255),
      fc.nat(),
      (items, at, byte, cut) => {
        const batch = encodeBatch(items);
        batch[at % batch.length] = byte;
        refusedInWordsOrRead(() => decodeBatch(batch.subarray(0, batch.length - (cut % batch.length))));
      },
    ),
  );
});

test('an offset message id decodes to its place', () => {
  const place = fc.record({
    host: fc.oneof(
      fc.ipV4(),
      fc
        .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
        .map((groups) => groups.map((group) => group.toString(16)).join(':')),
    ),
    port: fc.nat(65_535),
    physicalOffset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  });
  fc.assert(
    fc.property(place, (stored) => {
      expect(decodeOffsetMessageId(encodeOffsetMessageId(stored))).toEqual(stored);
    }),
  );
});

const captured = ['4.9.7', '5.5.0'].map((version) => {
  const path = new URL(`../fixtures/wire/rocketmq/pull-${version}.json`, import.meta.url);
  return Buffer.from((JSON.parse(readFileSync(path, 'utf8')) as { bodyHex: string }).bodyHex, 'hex');
});

test('a damaged pull is either rejected with an error or read, and never causes a loop or crash', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...captured), damage, fc.nat(), (original, changes, cut) => {
      const answer = Buffer.from(original.subarray(0, original.length - (cut % original.length)));
      for (const [at, byte] of changes) answer[at % answer.length] = byte;
      refusedInWordsOrRead(() => [...readStoredMessages(answer)]);
      refusedInWordsOrRead(() => readPulledBodies(answer, 0n));
    }),
  );
});

test('members share all queues, one member per queue, and shares differ by at most one queue', () => {
  const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.nat(64), members, (count, ids) => {
      const queues = Array.from({ length: count }, (_, index) => index);
      const shares = ids.toSorted((a, b) => (a < b ? -1 : 1)).map((id) => allocateQueues(queues, ids, id));
      expect(shares.flat()).toEqual(queues);
      const lengths = shares.map((share) => share.length);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});

function refusedInWordsOrRead(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
  }
}
