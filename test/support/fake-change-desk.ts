// Simulates brokers and name servers of RocketMQ for changes with faults.

import type { AclRule } from '../../brokers/acl-rule.ts';
import type { BrokerUser } from '../../brokers/rocketmq/protocol/access-requests.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { LiteLag } from '../../brokers/rocketmq/details.ts';
import { type TopicDefinition, encodeUpdateTopic } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import { encodeGroupDefinition } from '../../brokers/rocketmq/protocol/group-requests.ts';
import type { StoredMessage } from '../../brokers/rocketmq/protocol/message.ts';
import { AppError } from '../../core/errors.ts';
import { topicOf } from './defined-topic.ts';

export interface FakeBroker {
  brokerName: string;
  brokerId: number;
  isUp: boolean;
  settings: Map<string, string>;
  topics: Map<string, TopicDefinition>;
  groups: Map<string, string>;
  users: BrokerUser[];
  rules: AclRule[];
  /** End offsets by `topic queueId`. */
  ends: Map<string, bigint>;
  commits: { topic: string; group: string; byQueue: Map<number, bigint> }[];
  /** By group. */
  liteLags: Map<string, LiteLag>;
  /** By topic of type LITE. */
  liteTopics: Map<string, { liteTopics: number; groups: string[] }>;
  runtime: Map<string, string>;
  online: Map<string, { clients: string[]; topics: string[]; isBroadcast?: boolean }>;
  messages: StoredMessage[];
  /** Groups of clients that read in order. */
  orderly: Set<string>;
}

export interface FakeCluster {
  desk: ChangeDesk;
  /** Brokers by address. */
  brokers: Map<string, FakeBroker>;
  /** Name servers that respond. */
  servers: Set<string>;
  /** Differences between a name server and the registrations of brokers. */
  wiped: Set<string>;
  /** Order configuration by `server topic`. */
  orders: Map<string, string>;
  /** Addresses that accept connections but send no response. */
  silent: Set<string>;
  asked: string[];
  /** Called before each request; it may throw the error to return. */
  fault: (question: string) => void;
}

export function fakeBroker(brokerName: string, over: Partial<FakeBroker> = {}): FakeBroker {
  return {
    brokerName,
    brokerId: 0,
    isUp: true,
    settings: new Map([
      ['brokerPermission', '6'],
      ['fileReservedTime', '72'],
      ['messageDelayLevel', '1s 5s 10s'],
      ['namesrvAddr', 'ns1:9876'],
    ]),
    topics: new Map([['orders', topicOf('orders')]]),
    groups: new Map([['billing', '{"groupName":"billing"}']]),
    users: [],
    rules: [],
    ends: new Map(),
    commits: [],
    liteLags: new Map(),
    liteTopics: new Map(),
    runtime: new Map(),
    online: new Map(),
    messages: [],
    orderly: new Set(),
    ...over,
  };
}

export function fakeCluster(
  brokers: Record<string, FakeBroker>,
  servers: readonly string[] = ['ns1:9876'],
): FakeCluster {
  const fake: FakeCluster = {
    brokers: new Map(Object.entries(brokers)),
    servers: new Set(servers),
    wiped: new Set(),
    orders: new Map(),
    silent: new Set(),
    asked: [],
    fault: () => {},
    desk: undefined as never,
  };
  const at = (question: string, address: string): FakeBroker => {
    fake.asked.push(`${question} ${address}`);
    fake.fault(`${question} ${address}`);
    const broker = fake.brokers.get(address);
    if (broker?.isUp === true) return broker;
    throw new AppError('broker-unreachable', `cannot reach ${address}: connection refused`);
  };
  const permissionOf = ({ settings }: FakeBroker) => Number(settings.get('brokerPermission'));
  const words = { 0: 'none', 2: 'w', 4: 'r', 6: 'rw' } as const;
  const ids = () => [...fake.brokers].filter(([, { isUp }]) => isUp);
  const clusterOf = ({ settings }: FakeBroker) => settings.get('brokerClusterName') ?? 'lab';
  const knows = (server: string, { settings }: FakeBroker) =>
    settings.get('namesrvAddr')?.split(';').includes(server) === true;

  fake.desk = {
    cluster: 'lab',
    namesrv: [...servers],
    async listings(_, of = servers) {
      return of.map((server) => {
        if (!fake.servers.has(server)) return { server, reason: `cannot reach ${server}: connection refused` };
        const seen = ids().filter(([, broker]) => knows(server, broker));
        // Like a name server: the first member that registers sets the cluster name of the group.
        const clusters = new Map(seen.toReversed().map(([, broker]) => [broker.brokerName, clusterOf(broker)]));
        const names = [...new Set(seen.map(([, { brokerName }]) => brokerName))];
        return {
          server,
          brokers: names.map((brokerName) => ({
            brokerName,
            cluster: clusters.get(brokerName) ?? '',
            addresses: new Map(
              seen
                .filter(([, broker]) => broker.brokerName === brokerName)
                .map(([address, { brokerId }]) => [brokerId, address]),
            ),
          })),
        };
      });
    },
    async topicsOf() {
      return [...new Set(ids().flatMap(([, { topics }]) => [...topics.keys()]))];
    },
    async route(server, topic) {
      if (!fake.servers.has(server)) {
        throw new AppError('broker-unreachable', `cannot reach ${server}: connection refused`);
      }
      const holders = ids().filter(
        ([, broker]) => broker.brokerId === 0 && broker.topics.has(topic) && knows(server, broker),
      );
      if (holders.length === 0) return undefined;
      return {
        queues: holders.map(([, broker]) => {
          const { readQueues, writeQueues, permission } = broker.topics.get(topic) ?? topicOf(topic);
          const wiped = fake.wiped.has(broker.brokerName) ? 4 : 6;
          const permitted = (permission & permissionOf(broker) & wiped) as keyof typeof words;
          return { brokerName: broker.brokerName, readQueues, writeQueues, permission: words[permitted] };
        }),
        brokers: holders.map(([address, broker]) => ({
          cluster: clusterOf(broker),
          brokerName: broker.brokerName,
          addresses: new Map([[0, address]]),
        })),
      };
    },
    async settings(address) {
      const { settings, brokerName } = at('settings', address);
      return new Map([...settings, ['brokerName', brokerName]]);
    },
    async set(address, settings) {
      const broker = at('set', address);
      for (const [key, value] of Object.entries(settings)) broker.settings.set(key, value);
      fake.wiped.delete(broker.brokerName);
    },
    orderOf: async (server, topic) => fake.orders.get(`${server} ${topic}`),
    async setOrder(server, topic, order) {
      if (order === undefined) fake.orders.delete(`${server} ${topic}`);
      else fake.orders.set(`${server} ${topic}`, order);
    },
    topics: async (address) => [...at('topics', address).topics.values()],
    async defineTopic(address, topic, now) {
      const broker = at('defineTopic', address);
      const { attributes: sent = '' } = encodeUpdateTopic(topic, now).fields as { attributes?: string };
      const attributes = alteredAttributes(broker.topics.get(topic.name)?.attributes, sent);
      broker.topics.set(topic.name, { ...topic, attributes });
      fake.wiped.delete(broker.brokerName);
    },
    groups: async (address) => Array.from(at('groups', address).groups, ([name, definition]) => ({ name, definition })),
    async defineGroup(address, { name, definition }, now) {
      const { groups } = at('defineGroup', address);
      const stored = groups.get(name);
      const current = stored === undefined ? undefined : (groupFields(stored).attributes ?? {});
      const { attributes: sent = {}, ...fields } = groupFields(String(encodeGroupDefinition(definition, now).body));
      const signed = Object.entries(sent).map(([key, value]) => `${key}=${value}`);
      const attributes = alteredAttributes(current, signed.join(','));
      groups.set(name, JSON.stringify({ ...fields, ...(Object.keys(attributes).length > 0 && { attributes }) }));
    },
    users: async (address) => at('users', address).users,
    acls: async (address) => at('acls', address).rules,
    runtime: async (address) => at('runtime', address).runtime,
    replication: async () => undefined,
    commits: async (address) => at('commits', address).commits,
    async liteLag(address, group) {
      const { groups, liteLags } = at('liteLag', address);
      // As autoCreateSubscriptionGroup does by default.
      if (!groups.has(group)) groups.set(group, '{}');
      return liteLags.get(group);
    },
    liteTopics: async (address, topic) =>
      at('liteTopics', address).liteTopics.get(topic) ?? { liteTopics: 0, groups: [] },
    async ends(address, queues) {
      const { ends } = at('ends', address);
      return queues.map(({ topic, queueId }) => ends.get(`${topic} ${queueId}`) ?? 0n);
    },
    async starts(address, queues) {
      at('starts', address);
      return queues.map(() => 0n);
    },
    async producers(address) {
      at('producers', address);
      return [{ group: 'shop', clients: [{ clientId: '10.0.0.9@7', address: '10.0.0.9:40001' }] }];
    },
    async connections(address, group) {
      const online = at('connections', address).online.get(group);
      if (online === undefined) return { kind: 'offline' };
      return {
        kind: 'online',
        clients: online.clients.map((clientId) => ({ clientId })),
        messageModel: online.isBroadcast === true ? 'broadcasting' : 'clustering',
        subscriptions: Object.fromEntries(online.topics.map((topic) => [topic, '*'])),
      };
    },
    isOrderly: async (address, group) => at('isOrderly', address).orderly.has(group),
    async messages(address, { topic, queueId, offset }) {
      return at('messages', address).messages.filter(
        (message) => message.topic === topic && message.queueId === queueId && message.queueOffset >= offset,
      );
    },
    async reach(address) {
      if (fake.silent.has(address)) return 'silent';
      return fake.brokers.get(address)?.isUp === true ? 'answers' : 'refused';
    },
    async [Symbol.asyncDispose]() {},
  };
  return fake;
}

const groupFields = (definition: string) => JSON.parse(definition) as { attributes?: Record<string, string> };

/** TopicAttributes.ALL and SubscriptionGroupAttributes.ALL of 5.x: whether each attribute may be changed after creation. */
const changeable: Readonly<Record<string, boolean>> = {
  'queue.type': false,
  'cleanup.policy': false,
  'message.type': true,
  'reserve.time': true,
  'priority.factor': true,
};

/** Reimplements AttributeUtil.alterCurrentAttributes. @param sent `+name=value` and `-name` joined by commas */
function alteredAttributes(current: Readonly<Record<string, string>> | undefined, sent: string) {
  const altered = { ...current };
  for (const each of sent.split(',').filter(Boolean)) {
    const [key = '', value] = each.slice(1).split('=');
    const isNew = current === undefined;
    const refuse = (why: string) => new AppError('broker-refused', `definition refused: ${why}: ${key}`);
    if (!Object.hasOwn(changeable, key)) throw refuse('unsupported key');
    if (!isNew && changeable[key] !== true) throw refuse('attempt to update an unchangeable attribute. key');
    if (each.startsWith('+') && value !== undefined) altered[key] = value;
    else if (!isNew && each.startsWith('-') && Object.hasOwn(current, key)) delete altered[key];
    else throw refuse('attempt to delete a nonexistent key');
  }
  return altered;
}

/** Adds a message to a queue, by default sent by a client. */
export function store(broker: FakeBroker, topic: string, over: Partial<StoredMessage> = {}): void {
  const queueId = over.queueId ?? 0;
  const key = `${topic} ${queueId}`;
  const queueOffset = broker.ends.get(key) ?? 0n;
  broker.ends.set(key, queueOffset + 1n);
  broker.messages.push({
    topic,
    queueId,
    queueOffset,
    bornHost: '10.0.0.9:40001',
    transaction: 'none',
    properties: Buffer.alloc(0),
    ...over,
  } as StoredMessage);
}
