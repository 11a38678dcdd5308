import { expect } from 'vitest';
import type { ClusterConfig } from '../../../brokers/config.ts';
import { driverOf } from '../../../brokers/registry.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { seedLab } from '../../../lab/seed/seed-lab.ts';
import { startKafka } from '../../support/kafka.ts';
import { requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000), progress: () => undefined });

async function snapshotOf(config: ClusterConfig): Promise<ClusterSnapshot> {
  await using inspector = await driverOf(config).inspect('lab', config, io());
  return await inspector.snapshot(io());
}

/** Messages behind, by partition; absent where the group never committed. */
const lagsOf = ({ groups }: ClusterSnapshot, group: string, topic: string) =>
  [...(groups.find(({ name }) => name === group)?.partitions ?? [])]
    .filter((each) => each.topic === topic && each.committed !== undefined)
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ end, committed = 0n }) => Number(end - committed));

function expectStates(seen: ClusterSnapshot): void {
  expect(lagsOf(seen, 'seed-shipping', 'seed-orders')).toEqual([0, 0, 0, 0]);
  expect(lagsOf(seen, 'seed-billing', 'seed-orders')).toEqual([50, 100, 150, 200]);
  expect(lagsOf(seen, 'seed-billing', 'seed-payments')).toEqual([20, 40]);
  expect(lagsOf(seen, 'seed-audit', 'seed-orders')).toEqual([0]);
  expect(lagsOf(seen, 'seed-archive', 'seed-idle')).toEqual([0, 0]);
}

/** Twice: the second time there is nothing to add, and all stands as before. */
async function seedTwice(config: ClusterConfig) {
  const first = await seedLab('lab', config, io());
  const second = await seedLab('lab', config, io());
  expect(second.topics.map(({ added }) => added)).toEqual(second.topics.map(() => 0));
  expect(second.groups).toEqual(first.groups);
  return first;
}

requires('java', 'maven').test('fills a Kafka lab so that groups stand in every state', async () => {
  await using kafka = await startKafka();
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  await seedTwice(config);
  const seen = await snapshotOf(config);
  expectStates(seen);
  const [lost] = seen.groups.find(({ name }) => name === 'seed-late')?.partitions ?? [];
  expect(lost).toMatchObject({ committed: 20n, end: 100n });
  expect(seen.offsets.find(({ topic }) => topic === 'seed-expired')).toMatchObject({ start: 60n });
});

requires('java', 'maven').test('fills a RocketMQ lab with what only RocketMQ has, too', async () => {
  await using rocketmq = await startRocketmq();
  const { topics } = await seedTwice(rocketmq.config);
  expect(Object.fromEntries(topics.map(({ name, added }) => [name, added]))).toMatchObject({
    '%RETRY%seed-retrying': 20,
    '%DLQ%seed-giving-up': 20,
    SCHEDULE_TOPIC_XXXX: 10,
    rmq_sys_wheel_timer: 10,
    RMQ_SYS_TRANS_HALF_TOPIC: 10,
  });
  const seen = await snapshotOf(rocketmq.config);
  expectStates(seen);
  expect(lagsOf(seen, 'seed-retrying', '%RETRY%seed-retrying')).toEqual([15]);
  expect(lagsOf(seen, 'seed-prices', 'seed-orders') ?? []).toEqual([]);
});
