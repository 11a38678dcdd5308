import { expect, test } from 'vitest';
import type { ClusterLoad } from '../../../../core/wire/cluster-load.ts';
import { expectedBytes } from '../../../../core/wire/expected-bytes.ts';

const common = { replicas: 1, groups: 1, bodyBytes: 500, topicBytes: 10, groupBytes: 19 };
const rocketmq: ClusterLoad = { broker: 'rocketmq', mode: 'single', ...common };
const kafka: ClusterLoad = { broker: 'kafka', mode: 'kraft', recordsPerBatch: 5, ...common };
const out = (load: ClusterLoad) => expectedBytes(load, { of: 'card', as: 'counter' }).out;

test('a known minimum of messages per pull narrows the expected bytes of RocketMQ', () => {
  const [unknown, seen] = [out(rocketmq), out({ ...rocketmq, fewestPerPull: 8 })];
  expect(seen.low).toBe(unknown.low);
  expect(seen.high).toBe(out({ ...rocketmq, messagesPerPull: 8 }).high);
  // A header of 234 bytes and frames per eight messages instead of per message.
  expect(unknown.high - seen.high).toBeGreaterThan(200);
});

test('a known minimum of messages per fetch narrows the expected bytes of Kafka', () => {
  expect(out({ ...kafka, fewestPerPull: 50 }).high).toBeLessThan(out(kafka).high);
  expect(out({ ...kafka, fewestPerPull: 50 }).low).toBe(out(kafka).low);
});

test('a Kafka fetch response with one message needs three segments, and one ACK returns', () => {
  const one = { ...kafka, replicas: 3, topicBytes: 12, recordsPerBatch: 1.015 };
  const { in: into, out: from } = expectedBytes(one, { of: 'card', as: 'counter' });
  // Counted on the card of the leader: 200 msg/s, Kafka 2.8.2 and 4.3.1, three nodes, one group.
  for (const [measured, expected] of [
    [1417, into.high],
    [1433, into.high],
    [2663, from.high],
    [2651, from.high],
  ] as const) {
    expect(Math.abs(measured / expected - 1)).toBeLessThan(0.02);
  }
});
