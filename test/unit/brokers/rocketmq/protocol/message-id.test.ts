import { expect, test } from 'vitest';
import {
  createUniqueKeys,
  decodeOffsetMessageId,
  encodeOffsetMessageId,
} from '../../../../../brokers/rocketmq/protocol/message-id.ts';

test('decodes where a message is stored', () => {
  // The response of a 4.9.7 broker on 127.0.0.1:22811 to a send.
  const place = { host: '127.0.0.1', port: 22_811, physicalOffset: 181n };
  expect(decodeOffsetMessageId('7F0000010000591B00000000000000B5')).toEqual(place);
  expect(encodeOffsetMessageId(place)).toBe('7F0000010000591B00000000000000B5');
});

test('decodes the longer id of a broker on IPv6', () => {
  const id = encodeOffsetMessageId({ host: 'fe80::1', port: 10_911, physicalOffset: 2n ** 40n });
  expect(id).toHaveLength(56);
  expect(decodeOffsetMessageId(id)).toEqual({ host: 'fe80:0:0:0:0:0:0:1', port: 10_911, physicalOffset: 2n ** 40n });
});

test.each(['', 'order-17', '7F000001', `${'F'.repeat(8)}FFFF0000${'0'.repeat(16)}`])('finds no place in %j', (text) => {
  expect(decodeOffsetMessageId(text)).toBeUndefined();
});

test('creates a distinct key for every message in the format of Java clients', () => {
  const now = new Date(2026, 5, 1, 0, 0, 1);
  const next = createUniqueKeys({ now: () => now, monotonic: () => 0 as never, sleep: async () => undefined });
  const keys = Array.from({ length: 65_536 }, next);
  expect(new Set(keys).size).toBe(65_536);
  expect(keys[0]).toMatch(/^[\dA-F]{32}$/);
  // One second into the month, in milliseconds.
  expect(Number.parseInt(keys[0]?.slice(20, 28) ?? '', 16)).toBe(1000);
});
