import { expect, test } from 'vitest';
import { parts } from '../../../../brokers/rocketmq/outgoing.ts';

const most = 4 * 1024 * 1024;
const sizes = (...bytes: readonly number[]) => [...parts(bytes)].map(({ from, to }) => bytes.slice(from, to));

test('keeps together what a broker takes at once', () => {
  expect(sizes(most / 2, most / 2)).toEqual([[most / 2, most / 2]]);
  expect(sizes(most / 2, most / 2 + 1)).toEqual([[most / 2], [most / 2 + 1]]);
});

test('keeps the order, and lets the broker judge what is too large by itself', () => {
  expect(sizes(1, most + 1, 2, 3)).toEqual([[1], [most + 1], [2, 3]]);
});

test('makes nothing of nothing', () => expect(sizes()).toEqual([]));
