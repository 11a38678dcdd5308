// Provides last readings for pages: RocketMQ with a slave, and Kafka with a silent broker.

import { conflictingTopics } from '../../brokers/rocketmq/inspect/group-clients.ts';
import type { ClientCounts, ProducerSample, SampledProducer } from '../../brokers/client-use.ts';
import {
  conflictNotice,
  type ClusterLookup,
  type FoundMessage,
  type GroupMember,
  type LookupAnswer,
} from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { BrokerKind, Topic } from '../../core/cluster.ts';
import { rememberBrokers } from '../../service/clusters/broker-presence.ts';
import type { ClusterTraffic } from '../../service/clusters/traffic.ts';
import type { ServedCluster } from '../../service/parts.ts';
import { brokerWith, runtimeWith, snapshotWith } from './rocketmq-snapshot.ts';

const at = new Date('2026-11-10T12:00:00.000Z');

/** Traffic of a cluster, which its recorded readings end with. */
interface Carried {
  topics: Readonly<Record<string, { partitions: number; produceTps: number }>>;
  /** Topic and lag of each group. */
  groups: Readonly<Record<string, { topic: string; lag: bigint; consumeTps: number }>>;
}

/** Time lag at the last reading. */
export const lagSecondsOf = { billing: 0.4, warehouse: 122 } as const;

/** @param produceTps of the cluster */
export function carriedAt(produceTps: number, hostile: string): Carried {
  const [created, paid, returned] = [0.46, 0.42, 0.1].map((share) => share * (produceTps - 3)) as [
    number,
    number,
    number,
  ];
  return {
    topics: {
      'order-created': { partitions: 8, produceTps: created },
      'order-paid': { partitions: 8, produceTps: paid },
      'order-returned': { partitions: 4, produceTps: returned },
      订单取消: { partitions: 4, produceTps: produceTps - 3 - created - paid - returned },
      [hostile]: { partitions: 4, produceTps: 3 },
    },
    groups: {
      billing: { topic: 'order-paid', lag: BigInt(Math.round(lagSecondsOf.billing * paid)), consumeTps: paid },
      warehouse: {
        topic: 'order-created',
        lag: BigInt(Math.round(lagSecondsOf.warehouse * created)),
        consumeTps: 0.98 * created,
      },
      [hostile]: { topic: hostile, lag: 0n, consumeTps: 3 },
    },
  };
}

/** Without broker 3 of Kafka, which does not respond. */
const leadersOf = { kafka: ['1', '2'], rocketmq: ['broker-a:0', 'broker-b:0'] } as const;
const kafkaBrokers = ['1', '2', '3'] as const;

function partsOf(
  { topics, groups }: Carried,
  broker: BrokerKind,
): Pick<ClusterSnapshot, 'topics' | 'offsets' | 'groups'> {
  const leaders = leadersOf[broker];
  const all = Object.entries(topics).map(([name, { partitions }]): Topic => ({
    name,
    internal: false,
    partitions: Array.from({ length: partitions }, (_, index) => {
      const leader = leaders[index % leaders.length] ?? '';
      return broker === 'kafka'
        ? { topic: name, partition: index, leader, replicas: ['1', '2', '3'], inSyncReplicas: ['1', '2'] }
        : {
            topic: name,
            partition: Math.floor(index / leaders.length),
            brokerName: leader.split(':')[0] ?? '',
            leader,
            replicas: [leader],
            inSyncReplicas: [leader],
          };
    }),
  }));
  return {
    topics: all,
    offsets: all.flatMap(({ partitions }) =>
      partitions.map(({ topic, partition, brokerName }) => ({
        topic,
        partition,
        ...(brokerName !== undefined && { brokerName }),
        start: 120_000n,
        end: 4_400_000n,
      })),
    ),
    groups: Object.entries(groups).map(([name, { topic, lag }]) => ({
      name,
      members: 2,
      ...(broker === 'kafka' ? { kind: 'classic' as const, state: 'Stable' } : { kind: 'clustering' as const }),
      partitions: (all.find((each) => each.name === topic)?.partitions ?? []).map(
        ({ partition, brokerName }, index) => ({
          topic,
          partition,
          ...(brokerName !== undefined && { brokerName }),
          end: 4_400_000n,
          committed: 4_400_000n - (index === 0 ? lag : 0n),
        }),
      ),
    })),
  };
}

function trafficOf({ topics, groups }: Carried, broker: BrokerKind): ClusterTraffic {
  const produceTps = Object.values(topics).reduce((sum, each) => sum + each.produceTps, 0);
  const consumeTps = Object.values(groups).reduce((sum, each) => sum + each.consumeTps, 0);
  const leaders = leadersOf[broker];
  const consumed = new Map<string, number>();
  for (const { topic, consumeTps: own } of Object.values(groups)) consumed.set(topic, own);
  return {
    at,
    seconds: 15,
    produceTps,
    consumeTps,
    brokers: new Map<string, { produceTps?: number; consumeTps?: number }>([
      ...(broker === 'rocketmq' ? [['broker-a:1', { consumeTps: 0 }] as const] : []),
      ...leaders.map(
        (id) =>
          [
            id,
            {
              produceTps: produceTps / leaders.length,
              ...(broker === 'rocketmq' && { consumeTps: consumeTps / leaders.length }),
            },
          ] as const,
      ),
    ]),
    topics: new Map(
      Object.entries(topics).map(([name, { produceTps: tps }]) => {
        const own = consumed.get(name);
        return [name, { produceTps: tps, ...(own !== undefined && { consumeTps: own }) }];
      }),
    ),
    groups: new Map(
      Object.entries(groups).map(([name, { topic, consumeTps: own }]) => [
        name,
        { consumeTps: own, topics: new Map([[topic, own]]) },
      ]),
    ),
  };
}

function rocketmqSnapshot(carried: Carried, cluster: string): ClusterSnapshot {
  const brokers = ['broker-a:0', 'broker-a:1', 'broker-b:0'].map((id) =>
    brokerWith({
      id,
      // Masters and slaves have separate hosts, as in the inventory of instances.
      ...(id === 'broker-a:1' && { address: '10.0.0.99:10921' }),
      runtime: runtimeWith('5.3.3', {
        msgPutTotalTodayMorning: '0',
        msgPutTotalTodayNow: id.endsWith(':0') ? '412904118' : '0',
        msgGetTotalTodayMorning: '0',
        msgGetTotalTodayNow: id.endsWith(':0') ? '401160577' : '0',
      }),
    }),
  );
  return snapshotWith(
    {
      brokers,
      topics: Object.keys(carried.topics).map((name) => ({ name, kind: 'normal', messageType: 'NORMAL', routes: [] })),
      groups: Object.keys(carried.groups).map((name) => ({
        name,
        clientVersions: ['V5_3_3'],
        subscriptionConflicts: [],
      })),
      topicTraffic: Object.entries(carried.topics).flatMap(([topic, { produceTps }]) => [
        { broker: 'broker-a', topic, messagesPerSecond: produceTps / 2, bytesPerSecond: produceTps * 190 },
        { broker: 'broker-b', topic, messagesPerSecond: produceTps / 2, bytesPerSecond: produceTps * 190 },
      ]),
      disagreements: [
        {
          of: 'broker-config',
          subject: 'flushDiskType',
          sides: { 'broker-a:0': 'ASYNC_FLUSH', 'broker-b:0': 'SYNC_FLUSH' },
        },
      ],
    },
    {
      cluster: { name: cluster, kind: 'rocketmq', brokers: brokers.map(({ id, address }) => ({ id, address })) },
      ...partsOf(carried, 'rocketmq'),
      sections: brokers.map(({ id }) => ({ section: 'runtime', broker: id, kind: 'fresh', ageSeconds: 4 })),
    },
  );
}

function kafkaSnapshot(carried: Carried, cluster: string): ClusterSnapshot {
  return {
    cluster: {
      name: cluster,
      kind: 'kafka',
      version: '4.3',
      controllerId: '1',
      brokers: kafkaBrokers.map((id) => ({ id, address: `kafka-${id}.example:9092`, rack: 'a' })),
    },
    ...partsOf(carried, 'kafka'),
    sections: kafkaBrokers.map((broker) =>
      broker === '3'
        ? {
            section: 'offsets',
            broker,
            kind: 'missing',
            reason: 'connection refused',
            durationSeconds: 0.01,
            isUnreachable: true,
          }
        : { section: 'offsets', broker, kind: 'fresh', ageSeconds: 4, durationSeconds: 0.01 },
    ),
    kafka: {
      logDirectories: leadersOf.kafka.map((broker) => ({
        broker,
        path: '/var/lib/kafka/data',
        totalBytes: 4_000_000_000_000n,
        usableBytes: 1_600_000_000_000n,
      })),
      topicSizes: Object.entries(carried.topics).flatMap(([topic, { partitions }]) =>
        leadersOf.kafka.map((broker) => ({
          broker,
          topic,
          bytes: BigInt(partitions) * 4_280_000n * 612n,
          futureBytes: 0n,
        })),
      ),
      topicConfigs: Object.keys(carried.topics).map((topic) => ({
        topic,
        minInSyncReplicas: 2,
        retentionMs: 7_200_000n,
        cleanupPolicy: 'delete',
      })),
      zooKeeper: [],
      internals: [],
    },
  };
}

function lookupOf(broker: BrokerKind, hostile: string): ClusterLookup {
  const members: GroupMember[] = [
    { id: 'billing-1-7f3a', clientId: 'billing-1', address: '10.2.0.7:51044', subscriptions: { 'order-paid': '*' } },
    { id: hostile, clientId: hostile, address: '10.2.0.8:50210', subscriptions: { [hostile]: 'a || b' } },
  ];
  const conflicts = conflictingTopics(members.map(({ subscriptions = {} }) => subscriptions));
  const own = broker === 'rocketmq' ? { language: 'JAVA', version: 'V5_3_3' } : {};
  const ids = leadersOf[broker];
  const settings = (id: string, index: number) =>
    new Map([
      ['num.io.threads', index === 0 ? '8' : '16'],
      ['log.retention.hours', '168'],
      ['sasl.jaas.config', 'hunter2'],
      ['node.id', id],
    ]);
  const unused = async () => Promise.reject(new Error('pages do not ask for this'));
  return {
    members: async () => ({
      ...(broker === 'kafka' && { assignor: 'range' }),
      members: members.map((each) => ({ ...each, ...own })),
      ...(broker === 'rocketmq' ? { conflicts, notices: [conflictNotice(conflicts)] } : { notices: [] }),
    }),
    producers: async () => ({
      kind: 'answered',
      value: {
        producers: sampledClient(hostile).groups.flatMap((group) =>
          ids.map((id) => ({ ...sampledClient(hostile), group, broker: id, ...own })),
        ),
        notices: [],
      },
    }),
    settings: async () => ({
      processes: ids.map((id, index) => ({ of: 'broker' as const, id, values: settings(id, index) })),
      differences: [
        {
          of: 'broker',
          setting: 'num.io.threads',
          sides: Object.fromEntries(ids.map((id, index) => [id, index === 0 ? '8' : '16'])),
        },
      ],
      notices: ['broker 3 did not answer: connection refused'],
    }),
    async messages(question) {
      if (question.kind === 'key') return { kind: 'found', messages: traceOf(question.key, hostile) };
      const own = storedMessages(broker, hostile);
      const asked = question.kind === 'offset' ? own.find(({ partition }) => partition === question.partition) : own[0];
      return { kind: 'found', messages: asked === undefined ? [] : [asked] };
    },
    partitions: async (topic) => storedMessages(broker, hostile).map((message) => ({ ...message, topic })),
    async stored({ partition, from }) {
      if (from.kind === 'offset' && from.offset >= 4_280_008n) {
        // One more message is stored at each further read.
        const first = storedMessages(broker, hostile).find((message) => message.partition === partition);
        const next = from.offset + 1n;
        return { messages: first === undefined ? [] : [{ ...first, offset: from.offset }], next, end: next };
      }
      const messages = storedMessages(broker, hostile).filter((message) => message.partition === partition);
      return { messages, next: 4_280_008n, end: 4_280_008n };
    },
    routes: unused,
    topicSettings: unused,
    clientQuotas: unused,
    topicSizes: unused,
    sampleProducers: async (topics) => sampleOf(topics, broker, hostile),
    clientCounts: async () => countsOf(broker, hostile),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The connected producer of RocketMQ; the sender of the other sampled messages has left. */
const sampledClient = (hostile: string) => ({
  address: '10.2.0.7:51044',
  clientId: 'checkout-1',
  groups: ['checkout', hostile],
});

/** Producers of each topic: one with full batches, one without batches that started a minute ago, and one without an id. */
function sampleOf(topics: readonly string[], broker: BrokerKind, hostile: string): ProducerSample {
  const producers = topics.flatMap((topic): SampledProducer[] =>
    broker === 'rocketmq'
      ? [
          {
            topic,
            ...sampledClient(hostile),
            messagesPerSecond: 900,
            bytesPerSecond: 333_000,
          },
          { topic, address: '10.2.0.9:40112', messagesPerSecond: 100, bytesPerSecond: 37_000, compressionRatio: 2.4 },
        ]
      : [
          {
            topic,
            producerId: 4000n,
            messagesPerSecond: 800,
            bytesPerSecond: 296_000,
            messagesPerBatch: 120,
            compressionRatio: 3.1,
            activeSeconds: 950_000,
          },
          {
            topic,
            producerId: 7001n,
            messagesPerSecond: 150,
            bytesPerSecond: 55_500,
            messagesPerBatch: 1.3,
            activeSeconds: 64,
          },
          { topic, messagesPerSecond: 50, bytesPerSecond: 18_500, messagesPerBatch: 12 },
        ],
  );
  return { producers, topics, notices: [] };
}

function countsOf(broker: BrokerKind, hostile: string): LookupAnswer<ClientCounts> {
  if (broker === 'rocketmq')
    return { kind: 'unanswered', reason: 'RocketMQ has counters by topic and group, not by client' };
  const clients = leadersOf.kafka.flatMap((id) => [
    { broker: id, clientId: 'checkout', producedBytesPerSecond: 2_040_000, threadSeconds: 0.21 },
    {
      broker: id,
      clientId: hostile,
      fetchedBytesPerSecond: 1_780_000,
      threadSeconds: 0.04,
      isThrottled: true as const,
    },
  ]);
  return { kind: 'answered', value: { clients, notices: [] } };
}

/** A message that was sent, consumed by one group, and rejected by another, whose second attempt has not ended. */
function traceOf(msgId: string, hostile: string): FoundMessage[] {
  const time = String(at.getTime());
  const records = [
    `Pub ${time} R checkout order-paid ${msgId} paid order-4711 10.0.0.1:10911 70 12 0 place true`.split(' '),
    ['SubBefore', time, 'R', 'billing', 'first', msgId, '0', ''],
    ['SubAfter', 'first', msgId, '48', 'true', '', '0'],
    ['SubBefore', time, 'R', 'warehouse', 'second', msgId, '0', ''],
    ['SubAfter', 'second', msgId, '1300', 'false', '', '2'],
    ['SubBefore', time, 'R', hostile, 'third', msgId, '1', ''],
  ];
  const value = Buffer.from(records.map((record) => `${record.join('\u0001')}\u0002`).join(''));
  const place = { topic: 'RMQ_SYS_TRACE_TOPIC', partition: 0, brokerName: 'broker-a', offset: 1n };
  return [{ ...place, value, properties: [], facts: { 'born by': '10.2.0.7:51044' } }];
}

/** Returns a message per partition; the first with hostile text in every field. */
function storedMessages(broker: BrokerKind, hostile: string): FoundMessage[] {
  const own = broker === 'rocketmq' ? { brokerName: 'broker-a' } : { key: Buffer.from('order-4711') };
  return [hostile, 'order-paid', '已支付'].map((text, partition) => ({
    topic: 'order-paid',
    partition,
    offset: 4_280_007n,
    storedAtMs: at.getTime() - 1000 * partition,
    value: Buffer.from(JSON.stringify({ order: '4711', note: text, items: [{ sku: 'A-1', count: 2 }] })),
    properties: [
      ['KEYS', Buffer.from(`order-4711 ${text}`)],
      [text, Buffer.from(text)],
      ...(broker === 'rocketmq' ? [['UNIQ_KEY', Buffer.from(`7F00000100${partition}`)] as const] : []),
    ],
    facts: { 'born by': '10.2.0.7:51044' },
    ...own,
  }));
}

/** @param produceTps 0: the last readings had no rates */
export function shownReading(
  cluster: string,
  broker: BrokerKind,
  hostile: string,
  produceTps = 24_000,
  { isDown = false } = {},
): Pick<ServedCluster, 'last' | 'traffic' | 'lookUp' | 'presence'> {
  const carried = carriedAt(produceTps, hostile);
  const snapshot = broker === 'kafka' ? kafkaSnapshot(carried, cluster) : rocketmqSnapshot(carried, cluster);
  const known = rememberBrokers();
  const beforeMs = at.getTime() - 1_200_000;
  known.note({ ...snapshot, sections: [] }, beforeMs);
  if (isDown) known.noneAnswer();
  else known.note(snapshot, at.getTime());
  return {
    last: () => ({ snapshot, at: isDown ? new Date(beforeMs) : at }),
    presence: () => known.presence(at.getTime()),
    traffic: () => (produceTps === 0 ? undefined : trafficOf(carried, broker)),
    lookUp: async () => lookupOf(broker, hostile),
  };
}
