import { expect, test } from 'vitest';
import { murmur2, partitioners, placesOf } from '../../../../../loadgen/execute/workers/places.ts';

// UtilsTest.testMurmur2 of Apache Kafka 4.1.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('the hash of %s is that of Kafka', (text, hash) => expect(murmur2(Buffer.from(text))).toBe(hash));

test('a key goes where the clients of its broker send it', () => {
  // "foobar".hashCode() is -1268878963 in Java.
  expect(partitioners.rocketmq(Buffer.from('foobar'), 1000)).toBe(963);
  expect(partitioners.kafka(Buffer.from('foobar'), 1000)).toBe((-790332482 & 0x7fffffff) % 1000);
});

test('topics take turns', () =>
  expect(placesOf(['a', 'b'], 2).all.map(({ topic, partition }) => `${topic}${partition}`)).toEqual([
    'a0',
    'b0',
    'a1',
    'b1',
  ]));
