import { expect, test } from 'vitest';
import { partitioners, placesOf } from '../../../../../loadgen/execute/workers/outgoing.ts';

test('a key goes to the partition that clients of its broker choose', () => {
  // "foobar".hashCode() is -1268878963 in Java.
  expect(partitioners.rocketmq(Buffer.from('foobar'), 1000)).toBe(963);
  expect(partitioners.kafka(Buffer.from('foobar'), 1000)).toBe((-790332482 & 0x7fffffff) % 1000);
});

const placesIn = (...open: number[][]) => {
  const { all, rows } = placesOf(['a', 'b'], open);
  const names = (places: typeof all) => places.map(({ topic, partition }) => `${topic}${partition}`).join(' ');
  return { all: names(all), rows: rows.map(names) };
};

test('topics alternate', () => expect(placesIn([0, 1], [0, 1]).all).toBe('a0 b0 a1 b1'));

test('a key has a partition in every topic, whichever of their partitions are writable', () =>
  expect(placesIn([2, 3, 4], [0, 1])).toEqual({ all: 'a2 b0 a3 b1 a4', rows: ['a2 b0', 'a3 b1'] }));
