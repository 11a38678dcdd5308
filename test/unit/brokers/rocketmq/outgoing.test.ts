import { expect, test } from 'vitest';
import { parts } from '../../../../brokers/rocketmq/outgoing.ts';

const most = 4 * 1024 * 1024;
const sizes = (...bytes: readonly number[]) => [...parts(bytes)].map(({ from, to }) => bytes.slice(from, to));

test('groups messages up to the size that a broker accepts at once', () => {
  expect(sizes(most / 2, most / 2)).toEqual([[most / 2, most / 2]]);
  expect(sizes(most / 2, most / 2 + 1)).toEqual([[most / 2], [most / 2 + 1]]);
});

test('keeps the order, and sends an oversized message alone so that the broker decides', () => {
  expect(sizes(1, most + 1, 2, 3)).toEqual([[1], [most + 1], [2, 3]]);
});

test('no messages make no batches', () => expect(sizes()).toEqual([]));
