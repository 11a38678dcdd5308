// Provides snapshots of troubled RocketMQ clusters from real runtime info.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { RocketmqBroker, RocketmqDetails, RocketmqTopic } from '../../brokers/rocketmq/details.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Partition, PartitionOffsets, Topic } from '../../core/cluster.ts';

const Runtime = z.record(z.string(), z.string());
const recorded = (version: string) =>
  Runtime.parse(
    JSON.parse(readFileSync(new URL(`../fixtures/rocketmq/runtime-${version}.json`, import.meta.url), 'utf8')),
  );

/** @param version of the broker that sent the unchanged values */
export function runtimeWith(version: '4.9.7' | '5.3.3', changed: Readonly<Record<string, string>> = {}) {
  return new Map(Object.entries({ ...recorded(version), ...changed }));
}

export function brokerWith(over: Partial<RocketmqBroker> & { id: string }): RocketmqBroker {
  const [brokerName = '', brokerId = ''] = over.id.split(':');
  return {
    brokerName,
    brokerId: Number(brokerId),
    address: `10.0.0.${brokerName.charCodeAt(brokerName.length - 1)}:${10911 + 10 * Number(brokerId)}`,
    role: brokerId === '0' ? 'master' : 'slave',
    ...over,
  };
}

export const noDetails: RocketmqDetails = {
  brokers: [],
  nameServers: [],
  topics: [],
  groups: [],
  orphanedGroups: [],
  liteLags: [],
  topicTraffic: [],
  groupTraffic: [],
  disagreements: [],
  syncStateSets: [],
  nativeMetrics: [],
};

export function snapshotWith(
  details: Partial<RocketmqDetails>,
  rest: Partial<Omit<ClusterSnapshot, 'rocketmq'>> = {},
): ClusterSnapshot {
  return {
    cluster: {
      name: 'trade',
      kind: 'rocketmq',
      brokers: (details.brokers ?? []).map(({ id, address }) => ({ id, address })),
    },
    topics: [],
    offsets: [],
    groups: [],
    sections: [],
    ...rest,
    rocketmq: { ...noDetails, ...details },
  };
}

/** Makes a topic with as many queues on each broker name as it has offsets there; `undefined` is an unreadable queue. */
export function topicWith(
  name: string,
  queues: Readonly<Record<string, readonly ([start: bigint, end: bigint] | undefined)[]>>,
): { topic: Topic; offsets: PartitionOffsets[] } {
  const partitions: Partition[] = [];
  const offsets: PartitionOffsets[] = [];
  for (const [brokerName, ranges] of Object.entries(queues)) {
    for (const [partition, range] of ranges.entries()) {
      partitions.push({ topic: name, partition, brokerName, replicas: [], inSyncReplicas: [] });
      if (range !== undefined) offsets.push({ topic: name, partition, brokerName, start: range[0], end: range[1] });
    }
  }
  return { topic: { name, internal: false, partitions }, offsets };
}

const queues = [
  topicWith('orders', {
    'broker-a': [
      [0n, 9_007_199_254_740_993n],
      [5n, 40n],
    ],
    'broker-b': [undefined],
  }),
  topicWith('payments', { 'broker-a': [[0n, 100n]] }),
  topicWith('%RETRY%billing', { 'broker-a': [[0n, 12n]], 'broker-b': [[0n, 3n]] }),
  topicWith('%DLQ%billing', { 'broker-a': [[1n, 4n]] }),
  topicWith('SCHEDULE_TOPIC_XXXX', { 'broker-a': [[0n, 20n]] }),
  topicWith('RMQ_SYS_TRANS_HALF_TOPIC', { 'broker-a': [[0n, 8n]] }),
];

const route = { brokerName: 'broker-a', readQueues: 2, writeQueues: 2, permission: 'rw' } as const;
const topics: RocketmqTopic[] = [
  {
    name: 'orders',
    kind: 'normal',
    messageType: 'NORMAL',
    routes: [route, { brokerName: 'broker-b', readQueues: 1, writeQueues: 1, permission: 'r' }],
  },
  { name: 'payments', kind: 'normal', routes: [{ ...route, readQueues: 1, writeQueues: 2 }] },
  { name: '%RETRY%billing', kind: 'retry', routes: [{ ...route, readQueues: 1, writeQueues: 1 }] },
  { name: '%DLQ%billing', kind: 'dead-letter', routes: [{ ...route, readQueues: 1, writeQueues: 1, permission: 'w' }] },
  { name: 'SCHEDULE_TOPIC_XXXX', kind: 'delayed', routes: [route] },
  { name: 'RMQ_SYS_TRANS_HALF_TOPIC', kind: 'transactional', routes: [route] },
];

/** A saturated broker with a full disk, except as overridden. */
const inTrouble = {
  putTps: '812.4 790.2 640.9',
  getTransferredTps: '410.3 405.1 398.6',
  getFoundTps: '40.1 39.8 39.5',
  getMissTps: '45.5 42.3 44.0',
  getTotalTps: '85.6 82.1 83.5',
  remainTransientStoreBufferNumbs: '1',
  pageCacheLockTimeMills: '1240',
  sendThreadPoolQueueSize: '9988',
  sendThreadPoolQueueHeadWaitTimeMills: '850',
  dispatchBehindBytes: '73400320',
  remainHowManyDataToFlush: '1.5 MiB',
  commitLogDiskRatio: '0.91',
  'commitLogDiskRatio_/var/lib/rocketmq/store/commitlog': '0.91',
  commitLogMaxOffset: '9007199254740993',
  putMessageFailedTimes: '17',
  putLatency99: '210.00',
  putLatency999: '1840.50',
  putMessageDistributeTime:
    '[<=0ms]:40231 [0~10ms]:5120 [10~50ms]:311 [50~100ms]:90 [100~200ms]:24 [200~500ms]:12 [500ms~1s]:5 [1~2s]:2 ' +
    '[2~3s]:0 [3~4s]:0 [4~5s]:0 [5~10s]:0 [10s~]:1 ',
  scheduleMessageOffset_3: '700,1900',
  timerReadBehind: '42',
  timerOffsetBehind: '8',
  timerCongestNum: '15000',
};

const dledger = (self: string) =>
  new Map([
    ['enableDLegerCommitLog', 'true'],
    ['dLegerSelfId', self],
  ]);

/** A saturated master with a lagging slave, a DLedger group without one member, name servers that differ, inconsistent groups. */
const silent = { kind: 'missing', durationSeconds: 0.01, isUnreachable: true } as const;

export const troubledRocketmqSnapshot = snapshotWith(
  {
    brokers: [
      brokerWith({
        id: 'broker-a:0',
        runtime: runtimeWith('5.3.3', inTrouble),
        ha: {
          masterCommitLogMaxOffset: 9_007_199_254_740_993n,
          inSyncSlaves: 0,
          slaves: [
            {
              address: '10.0.0.97:40122',
              ackOffset: 9_007_199_000_000_000n,
              behindBytes: 254_740_993n,
              inSync: false,
              bytesPerSecond: 4096,
            },
          ],
        },
        config: new Map([['flushDiskType', 'ASYNC_FLUSH']]),
      }),
      brokerWith({ id: 'broker-a:1', runtime: runtimeWith('5.3.3', { commitLogMaxOffset: '9007199000000000' }) }),
      brokerWith({ id: 'broker-b:0', runtime: runtimeWith('4.9.7'), config: dledger('n1') }),
      brokerWith({
        id: 'broker-b:1',
        runtime: runtimeWith('4.9.7', { commitLogMaxOffset: '143000' }),
        config: dledger('n0'),
      }),
      brokerWith({ id: 'broker-b:3', config: dledger('n2') }),
    ],
    nameServers: [
      { address: '10.0.1.1:9876', reachable: true, brokers: ['broker-a:0', 'broker-a:1', 'broker-b:0'] },
      { address: '10.0.1.2:9876', reachable: true, brokers: ['broker-a:0'] },
      { address: '10.0.1.3:9876', reachable: false },
    ],
    topics,
    groups: [
      {
        name: 'billing',
        consumeType: 'push',
        messageModel: 'clustering',
        clients: 3,
        clientVersions: ['V4_9_7', 'V5_3_3'],
        subscriptionConflicts: ['orders'],
      },
      {
        name: 'audit',
        consumeType: 'push',
        messageModel: 'broadcasting',
        clients: 4,
        clientVersions: ['V5_3_3'],
        subscriptionConflicts: [],
      },
      { name: 'nightly', clients: 0, clientVersions: [], subscriptionConflicts: [] },
      { name: 'unread', clientVersions: [], subscriptionConflicts: [] },
    ],
    orphanedGroups: [
      { brokerName: 'broker-a', groups: 1 },
      { brokerName: 'broker-b', groups: 0 },
    ],
    liteLags: [
      { group: 'agents', topic: 'orders', messages: 12, seconds: 34.5 },
      { group: 'agents', topic: 'orders', messages: 0, seconds: 0 },
    ],
    topicTraffic: [{ broker: 'broker-a:0', topic: 'orders', messagesPerSecond: 812.5, bytesPerSecond: 416_000 }],
    groupTraffic: [
      {
        broker: 'broker-a:0',
        group: 'billing',
        topic: 'orders',
        messagesPerSecond: 410.25,
        bytesPerSecond: 210_048,
        sendBackPerSecond: 1.5,
      },
    ],
    disagreements: [
      {
        of: 'name-server-brokers',
        subject: 'broker-b:0',
        sides: { '10.0.1.1:9876': '10.0.0.98:10911', '10.0.1.2:9876': 'not listed' },
      },
      {
        of: 'broker-config',
        subject: 'flushDiskType',
        sides: { 'broker-a:0': 'ASYNC_FLUSH', 'broker-b:0': 'SYNC_FLUSH' },
      },
    ],
    syncStateSets: [
      { brokerName: 'broker-a', masterEpoch: 7, replicas: [], inSync: ['broker-a:0'], notInSync: ['broker-a:1'] },
    ],
    nativeMetrics: [
      {
        broker: 'broker-a:0',
        metric: 'rocketmq_consumer_inflight_messages',
        labels: {
          cluster: 'trade',
          node_id: 'broker-a',
          consumer_group: 'shipping',
          topic: 'orders',
          is_retry: 'false',
        },
        value: 37,
      },
      {
        broker: 'broker-a:0',
        metric: 'rocketmq_consumer_lag_latency_milliseconds',
        labels: {
          cluster: 'trade',
          node_id: 'broker-a',
          consumer_group: 'shipping',
          topic: 'orders',
          is_retry: 'false',
        },
        value: 61_500,
      },
      { broker: 'broker-a:0', metric: 'rocketmq_rpc_latency_count', labels: { request_code: 'x' }, value: 12 },
    ],
  },
  {
    cluster: {
      name: 'trade',
      kind: 'rocketmq',
      clusterId: 'TradeCluster',
      brokers: ['broker-a:0', 'broker-a:1', 'broker-b:0', 'broker-b:1', 'broker-b:3'].map((id) => {
        const { address } = brokerWith({ id });
        return { id, address };
      }),
    },
    topics: queues.map(({ topic }) => topic),
    offsets: queues.flatMap(({ offsets }) => offsets),
    groups: [
      {
        name: 'billing',
        kind: 'clustering',
        members: 3,
        partitions: [
          {
            topic: 'orders',
            partition: 0,
            brokerName: 'broker-a',
            end: 9_007_199_254_740_993n,
            committed: 9_007_199_254_740_990n,
          },
          { topic: 'orders', partition: 1, brokerName: 'broker-a', end: 40n },
          { topic: 'payments', partition: 0, brokerName: 'broker-a', end: 100n, committed: 250n },
          { topic: '%RETRY%billing', partition: 0, brokerName: 'broker-a', end: 12n, committed: 2n },
          { topic: '%RETRY%billing', partition: 0, brokerName: 'broker-b', end: 3n, committed: 3n },
        ],
      },
      {
        name: 'audit',
        kind: 'broadcasting',
        members: 4,
        partitions: [{ topic: 'payments', partition: 0, brokerName: 'broker-a', end: 100n, committed: 1n }],
      },
      {
        name: 'shipping',
        kind: 'clustering',
        partitions: [{ topic: 'payments', partition: 0, brokerName: 'broker-a', end: 100n, committed: 90n }],
      },
    ],
    sections: [
      { section: 'controller', broker: '10.0.0.9:9878', kind: 'fresh', durationSeconds: 0.01, ageSeconds: 0 },
      { section: 'sync-state', kind: 'fresh', durationSeconds: 0.01, ageSeconds: 0 },
      { section: 'runtime', broker: 'broker-a:0', kind: 'fresh', durationSeconds: 0.02, ageSeconds: 0 },
      { ...silent, section: 'runtime', broker: 'broker-b:3', reason: 'connection refused' },
    ],
  },
);
