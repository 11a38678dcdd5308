import { expect, test } from 'vitest';
import { readBrokerLimits } from '../../../../app/load-test/broker-settings.ts';
import { copiesOf, filledStores, loadSafetyFacts } from '../../../../app/load-test/load-safety-facts.ts';
import { packedSizeOf } from '../../../../brokers/packed-size.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { retainedBytesOf } from '../../../../loadgen/execute/topic.ts';
import type { BrokerCoverage } from '../../../../loadgen/guard/readiness.ts';
import { findObstacles } from '../../../../loadgen/guard/load-safety.ts';
import { createPlan } from '../../../../loadgen/plan/plan.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';
import { examplePolicy } from '../../../support/example-policy.ts';

const steady = { kind: 'constant', rate: 100, duration: '10s' };

async function factsOf(
  profile: object,
  over: object = {},
  topic: {
    version?: string;
    topicMinInSync?: number;
    topicConfigs?: readonly { topic: string; ownMaxMessageBytes?: number }[];
  } = {},
  coverages: readonly BrokerCoverage[] = [],
) {
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
    ['log.dirs', '/var/lib/kafka/data,/data2/kafka'],
    ['log.retention.check.interval.ms', '10000'],
    ['log.segment.delete.delay.ms', '5000'],
    ['min.insync.replicas', '3'],
    ['message.max.bytes', '1048588'],
  ]);
  const lookup = {
    settings: async () => ({ processes: [{ of: 'broker', id: '1', values }], differences: [], notices: [] }),
  } as unknown as ClusterLookup;
  return loadSafetyFacts({
    plan,
    replicationFactor: 1,
    brokers: ['1', '2'].map((id) => ({ id, address: `b${id}:9092` })),
    coverages,
    limits: await readBrokerLimits(lookup, [], { signal: new AbortController().signal }),
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

test('the highest rate of a search is known if its bound is given, but its message count never is', async () => {
  const bounded = await factsOf({ kind: 'find-safe', start: 100, highest: 5000 });
  expect(bounded).toMatchObject({ mostTps: 5000 });
  expect(bounded).not.toHaveProperty('messages');
  expect(bounded).not.toHaveProperty('peakTps');
  expect(await factsOf({ kind: 'find-safe', start: 100 })).not.toHaveProperty('mostTps');
});

test('message sizes on disks and links include keys', async () => {
  const bare = await factsOf(steady);
  const keyed = await factsOf(steady, { keys: { kind: 'uniform', distinct: 9, size: 128 } });
  expect(keyed.storedMessageBytes - bare.storedMessageBytes).toBe(128);
  expect(keyed.wireMessageBytes - bare.wireMessageBytes).toBeGreaterThanOrEqual(128);
  expect(keyed.wireMessageBytes - bare.wireMessageBytes).toBeLessThan(140);
  expect(keyed.largestMessageBytes).toBe(1024);
});

test('message sizes on disks and links are those after compression', async () => {
  const plain = await factsOf(steady);
  const packed = await factsOf(steady, { compression: 'gzip', compressionRatio: 4 });
  expect(plain.storedMessageBytes - packed.storedMessageBytes).toBe(768);
  expect(plain.wireMessageBytes - packed.wireMessageBytes).toBeGreaterThanOrEqual(768);
  expect(packed.largestMessageBytes).toBe(1024);
});

test('the largest stored size is that of a batch with one record, which a Kafka broker compares with its limit', async () => {
  // Batch header 61; length 2, attributes 1, deltas 1 and 1, null key 1, value length 2, value, headers 1.
  expect((await factsOf(steady)).largestStoredBytes).toBe(1024 + 61 + 9);
  expect(await factsOf(steady, { compression: 'gzip', compressionRatio: 4 })).not.toHaveProperty('largestStoredBytes');
});

test('since Kafka 3.7, a topic with one replica accepts messages with acks=all, whatever min.insync.replicas is', async () => {
  const neededFor = async (topic: object) => (await factsOf(steady, {}, topic)).minInSyncReplicas;
  expect(await neededFor({ version: '3.6' })).toBe(3);
  expect(await neededFor({ version: '3.9' })).toBe(1);
  expect(await neededFor({ version: '3.6', topicMinInSync: 2 })).toBe(2);
});

test('the size check uses the limit set on a topic of the run, otherwise that of the brokers', async () => {
  const limitOf = async (...topicConfigs: { topic: string; ownMaxMessageBytes?: number }[]) => {
    const { mostMessageBytes, messageLimit } = await factsOf(steady, { topic: 'orders' }, { topicConfigs });
    return [mostMessageBytes, messageLimit];
  };
  const own = (topic: string, ownMaxMessageBytes: number) => ({ topic, ownMaxMessageBytes });
  expect(await limitOf({ topic: 'orders' }, own('other', 100))).toEqual([1_048_588, undefined]);
  expect(await limitOf(own('orders', 1000))).toEqual([1000, 'max.message.bytes of topic orders']);
  expect(await limitOf(own('orders', 8e6))).toEqual([8e6, 'max.message.bytes of topic orders']);
  const tooLarge = await factsOf(steady, { topic: 'orders' }, { topicConfigs: [own('orders', 1000)] });
  expect(findObstacles(tooLarge)[0]).toBe(
    'messages have up to 1.02 kB and the brokers take 1 kB (max.message.bytes of topic orders): send smaller ones',
  );
});

test('the free space of a host does not apply to a broker in a container', async () => {
  const size = { totalBytes: 100e9, freeBytes: 90e9, availableBytes: 80e9, files: 1000, filesFree: 900 };
  const mounted = { device: '/dev/sda1', mountpoint: '/', type: 'ext4', isReadOnly: false, size };
  const fileSystems = [mounted, { ...mounted, mountpoint: '/data2', size: { ...size, availableBytes: 85e9 } }];
  const coverage = { broker: '1', host: 'mq-1', ageSeconds: 0, reading: { fileSystems } };
  const facts = await factsOf(steady, {}, {}, [coverage]);
  expect(facts.brokers[0]).toMatchObject({ rooms: [{ freeBytes: 80e9, reserveBytes: 4.5e9 }, { freeBytes: 85e9 }] });
  expect(filledStores(facts)).toEqual([
    { broker: '1', usableBytes: 90e9, usedBytes: 10e9 },
    { broker: '1', usableBytes: 95e9, usedBytes: 10e9 },
  ]);
  const inside = await factsOf(steady, {}, {}, [{ ...coverage, isContained: true }]);
  expect(inside.brokers[0]).toMatchObject({ rooms: [] });
});

test('the retention bounds an existing topic only if an earlier attempt of the run created it', () => {
  const topic = { names: ['t'], keep: false, groups: [] };
  const replicas = ['1'];
  const partition = { topic: 't', partition: 0, leader: '1', replicas, inSyncReplicas: replicas };
  const cluster = { name: 'lab', kind: 'kafka' as const, brokers: [{ id: '1', address: 'b1:9092' }] };
  const topics = [{ name: 't', internal: false, partitions: [partition] }];
  const snapshot = { cluster, topics, offsets: [], groups: [], sections: [] };
  const resumed = copiesOf({ topic: { ...topic, own: ['t'] } }, snapshot);
  expect(resumed).toMatchObject({ isTopicThere: true, retainedBytes: retainedBytesOf(topic) });
  expect(copiesOf({ topic }, snapshot)).not.toHaveProperty('retainedBytes');
});
