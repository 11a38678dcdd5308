import { expect, test } from 'vitest';
import { batchItemBytes } from '../../../../brokers/rocketmq/protocol/message-batch.ts';
import { split } from '../../../../brokers/rocketmq/producer.ts';

const item = (bytes: number) => ({ body: Buffer.alloc(bytes), properties: '' });
const sizes = (...bytes: readonly number[]) =>
  [...split(bytes.map(item))].map((part) => part.map(({ body }) => body.length));

const most = 4 * 1024 * 1024;
const overhead = batchItemBytes(item(0));

test('keeps together what a broker takes at once', () => {
  const half = most / 2 - overhead;
  expect(sizes(half, half)).toEqual([[half, half]]);
  expect(sizes(half, half + 1)).toEqual([[half], [half + 1]]);
});

test('keeps the order, and lets the broker judge what is too large by itself', () => {
  expect(sizes(1, most + 1, 2, 3)).toEqual([[1], [most + 1], [2, 3]]);
});

test('makes nothing of nothing', () => expect(sizes()).toEqual([]));
