import { expect, test } from 'vitest';
import type { ClusterLoad } from '../../../../core/wire/cluster-load.ts';
import { expectedBytes } from '../../../../core/wire/expected-bytes.ts';

const common = { replicas: 1, groups: 1, bodyBytes: 500, topicBytes: 10, groupBytes: 19 };
const rocketmq: ClusterLoad = { broker: 'rocketmq', mode: 'single', ...common };
const kafka: ClusterLoad = { broker: 'kafka', mode: 'kraft', recordsPerBatch: 5, ...common };
const out = (load: ClusterLoad) => expectedBytes(load, { of: 'card', as: 'counter' }).out;

test('where the fewest messages of a pull were seen, a span ends there and not at one', () => {
  const [unknown, seen] = [out(rocketmq), out({ ...rocketmq, fewestPerPull: 8 })];
  expect(seen.low).toBe(unknown.low);
  expect(seen.high).toBe(out({ ...rocketmq, messagesPerPull: 8 }).high);
  // A header of 234 and frames around one message in eight, and not around each.
  expect(unknown.high - seen.high).toBeGreaterThan(200);
});

test('so it is of Kafka, whose answers hold a batch at least', () => {
  expect(out({ ...kafka, fewestPerPull: 50 }).high).toBeLessThan(out(kafka).high);
  expect(out({ ...kafka, fewestPerPull: 50 }).low).toBe(out(kafka).low);
});

test('requests of one message each may be acknowledged by segments of their own', () => {
  const viewpoint = { of: 'card', as: 'wire' } as const;
  const [riding, bare] = [
    expectedBytes({ ...kafka, recordsPerBatch: 1 }, viewpoint),
    expectedBytes({ ...kafka, recordsPerBatch: 1 }, { ...viewpoint, acknowledgements: 'bare' }),
  ];
  // A request and an answer of the producer, a fetch and its answer: two bare segments of 90 bytes each way.
  expect(bare.out.high - riding.out.high).toBeCloseTo(180, 9);
  expect(bare.in.high - riding.in.high).toBeCloseTo(180, 9);
  expect(bare.out.low).toBe(riding.out.low);
  expect(bare.in.low).toBe(riding.in.low);
});
