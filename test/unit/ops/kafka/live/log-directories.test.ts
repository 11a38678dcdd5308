import { expect, test } from 'vitest';
import { overfilled } from '../../../../../ops/kafka/live/log-directories.ts';

const directories = [
  { usableBytes: 100, partitions: 2 },
  { usableBytes: 12, partitions: 1 },
];

test.each<[readonly number[], object | undefined]>([
  // The directory with the fewest partitions gets the first, and perhaps the second.
  [[10, 2], undefined],
  [[10, 8], { needed: 18, usableBytes: 12 }],
  [[], undefined],
])('replicas of %j bytes may overfill %o', (sizes, expected) => {
  expect(overfilled(directories, sizes)).toEqual(expected);
});

test('a nearly full directory with the most partitions gets no replica', () => {
  expect(overfilled([{ usableBytes: 1, partitions: 9 }, ...directories], [10])).toBeUndefined();
  expect(overfilled([], [10])).toBeUndefined();
});
