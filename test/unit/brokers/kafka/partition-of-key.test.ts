import { expect, test } from 'vitest';
import { partitionOfKey } from '../../../../brokers/kafka/partition-of-key.ts';

// UtilsTest.testMurmur2 of Apache Kafka 4.1.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('the hash of the key %s is that of Kafka, without its sign', (text, hash) =>
  expect(partitionOfKey(Buffer.from(text), 2 ** 31)).toBe(hash & 0x7fffffff),
);
