import { expect, test } from 'vitest';
import type { RocketmqGroup } from '../../../../../brokers/rocketmq/details.ts';
import type { GroupSnapshot } from '../../../../../brokers/snapshot.ts';
import type { ConsumerLag } from '../../../../../core/cluster.ts';
import { rocketmqConsumerClients } from '../../../../../exporter/collectors/rocketmq/consumer-clients.ts';
import { rocketmqConsumerLag } from '../../../../../exporter/collectors/rocketmq/consumer-lag.ts';
import { snapshotWith, topicWith } from '../../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../../support/series-of.ts';

const queue = (partition: number, over: Partial<ConsumerLag> = {}): ConsumerLag => ({
  topic: 'orders',
  partition,
  brokerName: 'a',
  end: 100n,
  committed: 40n,
  ...over,
});

/** Lag series of group billing; both queues of orders were read by default. */
function lags(partitions: readonly ConsumerLag[], over: Partial<GroupSnapshot> = {}, isWhole = true) {
  const orders = topicWith('orders', { a: [[0n, 100n], isWhole ? [0n, 100n] : undefined] });
  const retries = topicWith('%RETRY%billing', { a: [[0n, 9n]], b: [[0n, 9n]] });
  const shown = seriesOf(
    rocketmqConsumerLag,
    snapshotWith(
      {},
      {
        topics: [orders.topic, retries.topic],
        offsets: [...orders.offsets, ...retries.offsets],
        groups: [{ name: 'billing', kind: 'clustering', partitions, ...over }],
      },
    ),
  );
  return Object.fromEntries(
    Object.entries(shown).map(([key, value]) => [
      key.replace('rocketmq_consumergroup_', '').replace(' billing', ''),
      value,
    ]),
  );
}

test('lag is exported by queue and by topic', () => {
  expect(lags([queue(0), queue(1, { committed: 99n })])).toEqual({
    'offset orders a 0': 40n,
    'lag_messages orders a 0': 60n,
    'offset orders a 1': 99n,
    'lag_messages orders a 1': 1n,
    'topic_lag_messages orders': 61n,
  });
});

test('a queue without a commit has neither offset nor lag', () => {
  const { committed: _, ...uncommitted } = queue(1);
  expect(lags([uncommitted])).toEqual({});
});

test('a re-created topic does not cause a negative lag', () => {
  expect(lags([queue(0, { committed: 500n })])).toMatchObject({
    'lag_messages orders a 0': 0n,
    'topic_lag_messages orders': 0n,
  });
});

test('a topic with an unread queue has no sum', () => {
  expect(lags([queue(0)], {}, false)).toEqual({ 'offset orders a 0': 40n, 'lag_messages orders a 0': 60n });
});

test('a broadcasting group has no lag, because the broker does not know it', () => {
  expect(lags([queue(0)], { kind: 'broadcasting' })).toEqual({});
});

test('retry topics are separate, so that the lag of a topic covers only its messages', () => {
  const retry = { topic: '%RETRY%billing', end: 9n, committed: 4n };
  expect(lags([queue(0), queue(0, retry), queue(0, { ...retry, brokerName: 'b' })])).toEqual({
    'offset orders a 0': 40n,
    'lag_messages orders a 0': 60n,
    'topic_lag_messages orders': 60n,
    'retry_lag_messages %RETRY%billing': 10n,
  });
});

const clients = (group: Partial<RocketmqGroup>) =>
  seriesOf(
    rocketmqConsumerClients,
    snapshotWith({ groups: [{ name: 'billing', clientVersions: [], subscriptionConflicts: [], ...group }] }),
  );

test('members with the same version and subscription export 0, so that alerts have a series', () => {
  const group = { clients: 3, clientVersions: ['V4_9_7'], consumeType: 'push', messageModel: 'clustering' } as const;
  expect(clients(group)).toEqual({
    'rocketmq_consumergroup_info billing push clustering': 1,
    'rocketmq_consumergroup_clients billing': 3,
    'rocketmq_consumergroup_client_versions billing': 1,
    'rocketmq_consumergroup_mixed_client_versions billing': 0,
    'rocketmq_consumergroup_subscription_conflicts billing': 0,
  });
});

test('mixed versions and subscription conflicts are exported, conflicts by topic', () => {
  const group = { clients: 3, clientVersions: ['V4_9_7', 'V5_3_3'], subscriptionConflicts: ['orders', 'payments'] };
  expect(clients(group)).toMatchObject({
    'rocketmq_consumergroup_client_versions billing': 2,
    'rocketmq_consumergroup_mixed_client_versions billing': 1,
    'rocketmq_consumergroup_subscription_conflicts billing': 2,
    'rocketmq_consumergroup_subscription_conflict billing orders': 1,
    'rocketmq_consumergroup_subscription_conflict billing payments': 1,
  });
});

test('an offline group has 0 clients and no series about their agreement', () => {
  expect(clients({ clients: 0 })).toEqual({
    'rocketmq_consumergroup_info billing  ': 1,
    'rocketmq_consumergroup_clients billing': 0,
  });
});

test('a group whose clients were not read has no client count', () => {
  expect(clients({})).toEqual({ 'rocketmq_consumergroup_info billing  ': 1 });
});

test('the last conflicts of a group are exported while its clients are unknown', () => {
  expect(clients({ subscriptionConflicts: ['orders'] })).toEqual({
    'rocketmq_consumergroup_info billing  ': 1,
    'rocketmq_consumergroup_subscription_conflicts billing': 1,
    'rocketmq_consumergroup_subscription_conflict billing orders': 1,
  });
});
