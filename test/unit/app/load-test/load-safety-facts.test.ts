import { expect, test } from 'vitest';
import { readBrokerLimits } from '../../../../app/load-test/broker-settings.ts';
import { loadSafetyFacts } from '../../../../app/load-test/load-safety-facts.ts';
import { packedSizeOf } from '../../../../brokers/packed-size.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { createPlan } from '../../../../loadgen/plan/plan.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';
import { examplePolicy } from '../../../support/example-policy.ts';

const steady = { kind: 'constant', rate: 100, duration: '10s' };

async function factsOf(profile: object, over: object = {}, topic: { version?: string; topicMinInSync?: number } = {}) {
  const packedSize = await packedSizeOf('kafka', 'gzip');
  const plan = createPlan({
    packedSize,
    id: 'r1',
    directory: 'runs/r1',
    cluster: { name: 'lab', broker: 'kafka', config: {} },
    workload: completeWorkload(WorkloadFile.parse({ messageSize: '1KiB', profile, ...over }), {}),
    keepTopic: false,
    policy: examplePolicy(),
  });
  // Broker 2 does not answer.
  const values = new Map([
    ['log.retention.check.interval.ms', '10000'],
    ['log.segment.delete.delay.ms', '5000'],
    ['min.insync.replicas', '3'],
  ]);
  const lookup = {
    settings: async () => ({ processes: [{ of: 'broker', id: '1', values }], differences: [], notices: [] }),
  } as unknown as ClusterLookup;
  return loadSafetyFacts({
    plan,
    replicationFactor: 1,
    brokers: ['1', '2'].map((id) => ({ id, address: `b${id}:9092` })),
    coverages: [],
    limits: await readBrokerLimits(lookup, { signal: new AbortController().signal }),
    freeDiskShare: 0.05,
    maxNicShare: 1,
    ...topic,
  });
}

test('each broker deletes as late as its settings allow, or as the defaults of Kafka', async () => {
  const { brokers, mostTps } = await factsOf({
    kind: 'spike',
    base: 100,
    peak: 900,
    before: '10s',
    hold: '10s',
    after: '10s',
  });
  expect(brokers.map(({ deletionSeconds }) => deletionSeconds)).toEqual([15, 360]);
  expect(mostTps).toBe(900);
});

test('the highest rate of a search is known where its bound is given, and its messages never are', async () => {
  const bounded = await factsOf({ kind: 'find-safe', start: 100, highest: 5000 });
  expect(bounded).toMatchObject({ mostTps: 5000 });
  expect(bounded).not.toHaveProperty('messages');
  expect(bounded).not.toHaveProperty('peakTps');
  expect(await factsOf({ kind: 'find-safe', start: 100 })).not.toHaveProperty('mostTps');
});

test('keys take room on disks and links beside the values', async () => {
  const bare = await factsOf(steady);
  const keyed = await factsOf(steady, { keys: { kind: 'uniform', distinct: 9, size: 128 } });
  expect(keyed.storedMessageBytes - bare.storedMessageBytes).toBe(128);
  expect(keyed.wireMessageBytes - bare.wireMessageBytes).toBeGreaterThanOrEqual(128);
  expect(keyed.wireMessageBytes - bare.wireMessageBytes).toBeLessThan(140);
  expect(keyed.largestMessageBytes).toBe(1024);
});

test('messages take as much of disks and links as their compression leaves', async () => {
  const plain = await factsOf(steady);
  const packed = await factsOf(steady, { compression: 'gzip', compressionRatio: 4 });
  expect(plain.storedMessageBytes - packed.storedMessageBytes).toBe(768);
  expect(plain.wireMessageBytes - packed.wireMessageBytes).toBeGreaterThanOrEqual(768);
  expect(packed.largestMessageBytes).toBe(1024);
});

test('from Kafka 3.7 on a topic with one replica takes messages with acks all, whatever min.insync.replicas says', async () => {
  const neededFor = async (topic: object) => (await factsOf(steady, {}, topic)).minInSyncReplicas;
  expect(await neededFor({ version: '3.6' })).toBe(3);
  expect(await neededFor({ version: '3.9' })).toBe(1);
  expect(await neededFor({ version: '3.6', topicMinInSync: 2 })).toBe(2);
});
