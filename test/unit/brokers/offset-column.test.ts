import { expect, test } from 'vitest';
import { lagColumn, offsetColumn, sumOf } from '../../../brokers/offset-column.ts';

const column = (...offsets: bigint[]) => offsetColumn(BigInt64Array.from(offsets));
const last = 2n ** 53n - 1n;

test('offsets up to the last exact number are stored as numbers', () =>
  expect(column(0n, 7n, last)).toEqual([0, 7, Number(last)]));

test('one offset beyond the exact range stores the whole column as BigInt', () => {
  expect(column(7n, last + 1n)).toEqual([7n, last + 1n]);
  expect(column(-1n)).toEqual([-1n]);
});

test('a subarray of a column has only its part', () =>
  expect(offsetColumn(BigInt64Array.of(1n, 2n, 3n, 4n).subarray(1, 3))).toEqual([2, 3]));

test('an empty column has no offsets, no lag and a sum of 0', () => {
  expect(column()).toEqual([]);
  expect(lagColumn(column(), column())).toEqual([]);
  expect(sumOf(column())).toBe(0n);
});

test('lag is never below zero', () => {
  expect(lagColumn(column(10n, 5n), column(4n, 9n))).toEqual([6, 0]);
  expect(lagColumn(column(last + 2n, 5n), column(4n, 9n))).toEqual([last - 2n, 0n]);
});

test('a sum beyond the exact range is exact', () => expect(sumOf(column(last, last))).toBe(2n * last));
