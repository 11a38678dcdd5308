// Reads and writes a RocketMQ cluster for changes, each request sent to an explicit address.

import { AppError, faultOf } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import { shownValue } from '../../../core/secret-settings.ts';
import { ask } from '../ask.ts';
import { forNameServer } from '../name-servers.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import { isRefusedConnection } from '../../network-errors.ts';
import { pipelined } from '../../pipelined.ts';
import { encodeListUsers, encodeListAcls } from '../protocol/access-requests.ts';
import {
  encodeDeleteKvConfig,
  encodeGetKvConfig,
  encodePutKvConfig,
  encodeGetClusterInfo,
  type ListedBroker,
  encodeGetRoute,
  encodeGetAllTopicsOfNameServer,
} from '../protocol/name-server-requests.ts';
import type { RemotingClient, Response, TypedRequest } from '../protocol/frame.ts';
import { encodeGetLiteGroupInfo, encodeGetParentTopicInfo } from '../protocol/lite-requests.ts';
import { encodeGetAllConsumerOffset, encodeGetMaxOffset, encodeGetMinOffset } from '../protocol/offset-requests.ts';
import {
  encodeGetAllProducers,
  encodeGetConsumerConnections,
  encodeGetConsumerRunningInfo,
} from '../protocol/client-requests.ts';
import { encodeGetAllSubscriptionGroup, encodeGroupDefinition } from '../protocol/group-requests.ts';
import { encodeGetAllTopicConfig, type TopicDefinition, encodeUpdateTopic } from '../protocol/topic-requests.ts';
import {
  encodeGetBrokerConfig,
  encodeGetBrokerHaStatus,
  encodeGetBrokerRuntimeInfo,
  encodeUpdateBrokerConfig,
} from '../protocol/broker-requests.ts';
import { standardJson } from '../protocol/loose-json.ts';
import { readStoredMessages } from '../protocol/message.ts';
import { encodeReadQueue } from '../protocol/message-requests.ts';
import { readPages } from '../protocol/read-pages.ts';
import { createRemotingClient } from '../protocol/remoting-client.ts';

export interface QueueRef {
  topic: string;
  queueId: number;
}

/** `definition` is what the broker sent, in standard JSON, so that fields of unknown versions are kept. */
export interface GroupDefinition {
  name: string;
  definition: string;
}

/** Brokers that one name server lists, or the `reason` why it did not answer. */
export interface ServerListing {
  server: string;
  brokers?: readonly ListedBroker[];
  reason?: string;
}

export type ChangeDesk = ReturnType<typeof openChangeDesk>;

/** `refused`: the host is up, and no process listens at the address. */
type Reach = 'answers' | 'refused' | 'silent';

/** Timeout, after which a process counts as silent. */
const within = seconds(10);
/** Concurrent requests to a broker, as in the inspector: its pool has 16 threads and a queue of 10,000. */
const atOnce = 64;
const notSupported = 3;
/** For a group without a binding. */
const invalidParameter = 29;
/** NamesrvUtil.NAMESPACE_ORDER_TOPIC_CONFIG. */
const orders = 'ORDER_TOPIC_CONFIG';

/** @returns a function that sends one request to an address, and names the action in errors */
export const askingThrough =
  (client: RemotingClient) =>
  <Answer>(address: string, action: string, request: TypedRequest<Answer>, { signal }: Io): Promise<Answer> =>
    ask(client, { action, address }, request, { signal, within });

/** @param client closed with the desk */
export function openChangeDesk(
  cluster: string,
  config: RocketmqClusterConfig,
  client: RemotingClient = createRemotingClient({ name: cluster, config }),
) {
  const of = askingThrough(client);
  const settingsOf = (address: string, io: Io) => of(address, 'read the settings', encodeGetBrokerConfig(), io);

  return {
    /** Name of the cluster in the config. */
    cluster,
    namesrv: config.namesrv,

    /** @param servers name servers to read instead of the cluster's */
    listings: (io: Io, servers: readonly string[] = config.namesrv) =>
      Promise.all(
        servers.map(async (server): Promise<ServerListing> => {
          try {
            const request = forNameServer(encodeGetClusterInfo());
            return { server, brokers: await of(server, 'list the brokers', request, io) };
          } catch (cause) {
            return { server, reason: faultOf(cause, io).message };
          }
        }),
      ),

    /** Lists all topics of a name server, including those of brokers that are gone. */
    topicsOf: (server: string, io: Io) => of(server, 'list the topics', encodeGetAllTopicsOfNameServer(), io),
    /** @returns undefined when that name server does not have the topic */
    route: (server: string, topic: string, io: Io) =>
      of(server, `ask where ${topic} is`, encodeGetRoute({ topic }), io),
    settings: settingsOf,

    /** Changes settings and reads them back. @throws AppError broker-refused if a value differs afterwards */
    async set(address: string, settings: Readonly<Record<string, string>>, io: Io) {
      const what = Object.entries(settings).map(([key, value]) => `${key}=${shownValue(key, value)}`);
      const request = encodeUpdateBrokerConfig(settings);
      await of(address, `set ${what.join(', ')}`, request, io);
      const now = await settingsOf(address, io);
      for (const [key, value] of Object.entries(settings)) {
        if (now.get(key) === value) continue;
        const current = now.get(key);
        const running = current === undefined ? 'no such setting' : shownValue(key, current);
        throw new AppError(
          'broker-refused',
          `${address} took ${key}=${shownValue(key, value)} and runs with ${running}`,
        );
      }
    },

    /** @returns queues by broker of an ordered topic, `broker-a:4;broker-b:4`; undefined if the name server has none */
    orderOf: (server: string, topic: string, io: Io) =>
      of(server, `read the order configuration of ${topic}`, encodeGetKvConfig({ namespace: orders, key: topic }), io),
    /** @param order undefined removes it */
    async setOrder(server: string, topic: string, order: string | undefined, io: Io) {
      const action = `set the order configuration of ${topic}`;
      const key = { namespace: orders, key: topic };
      if (order === undefined) await of(server, action, encodeDeleteKvConfig(key), io);
      else await of(server, action, encodePutKvConfig({ ...key, value: order }), io);
    },

    topics: (address: string, io: Io) =>
      readPages((page) => of(address, 'read the topics', encodeGetAllTopicConfig(page), io)),
    /** @param now the topic as the broker has it, whose equal attributes are not sent; undefined creates the topic */
    defineTopic: (address: string, topic: TopicDefinition, now: TopicDefinition | undefined, io: Io) =>
      of(address, `define topic ${topic.name}`, encodeUpdateTopic(topic, now), io),
    async groups(address: string, io: Io) {
      const rows = await readPages((page) => of(address, 'read the groups', encodeGetAllSubscriptionGroup(page), io));
      return rows.map(({ name, config }) => ({ name, definition: standardJson(config) }));
    },
    /** @param now the group as the broker has it, which keeps its attributes; undefined creates it */
    defineGroup: (address: string, { name, definition }: GroupDefinition, now: string | undefined, io: Io) =>
      of(address, `define group ${name}`, encodeGroupDefinition(definition, now), io),

    /** @returns undefined if the broker has no ACL 2.0 (RocketMQ 5.3) */
    users: (address: string, io: Io) => of(address, 'list the users', encodeListUsers(), io),
    /** Returns as `users`. */
    acls: (address: string, io: Io) => of(address, 'list the access control rules', encodeListAcls(), io),

    runtime: (address: string, io: Io) => of(address, 'read the runtime figures', encodeGetBrokerRuntimeInfo(), io),
    /** @returns undefined when the broker is a slave */
    replication: (address: string, io: Io) => of(address, 'read the replication status', encodeGetBrokerHaStatus(), io),
    commits: (address: string, io: Io) => of(address, 'read the commits', encodeGetAllConsumerOffset(), io),
    /** @returns what a group has not consumed in lite topics (5.5); undefined if it is not bound to a topic with them */
    liteLag(address: string, group: string, io: Io) {
      const request = encodeGetLiteGroupInfo(group, new Date());
      const parse = (answer: Response) => (answer.code === invalidParameter ? undefined : request.parse(answer));
      return of(address, `read the lag of ${group} in lite topics`, { ...request, parse }, io);
    },
    /** Counts the lite topics of a topic of type LITE, also those with expired messages only, and lists the groups bound to it. */
    liteTopics: (address: string, topic: string, io: Io) =>
      of(address, `read the lite topics of ${topic}`, encodeGetParentTopicInfo(topic), io),
    /** Reads the offset after the last message of each queue. */
    ends: (address: string, queues: readonly QueueRef[], io: Io) =>
      pipelined(queues, atOnce, (queue) => of(address, 'read the end of a queue', encodeGetMaxOffset(queue), io)),
    starts: (address: string, queues: readonly QueueRef[], io: Io) =>
      pipelined(queues, atOnce, (queue) => of(address, 'read the start of a queue', encodeGetMinOffset(queue), io)),

    /** Lists the producers; empty for a broker before 4.9.4, which does not report them. */
    producers(address: string, io: Io) {
      const request = encodeGetAllProducers();
      const parse: typeof request.parse = (answer) => (answer.code === notSupported ? [] : request.parse(answer));
      return of(address, 'list the producers', { ...request, parse }, io);
    },
    connections: (address: string, group: string, io: Io) =>
      of(address, `list the clients of ${group}`, encodeGetConsumerConnections(group), io),

    /** Whether a client of a group reads each queue in order; undefined if it does not report that, or has left. */
    async isOrderly(address: string, group: string, clientId: string, io: Io): Promise<boolean | undefined> {
      try {
        const request = encodeGetConsumerRunningInfo({ group, clientId });
        return (await of(address, `query a client of ${group}`, request, io)).isOrderly;
      } catch (cause) {
        faultOf(cause, io);
        return undefined;
      }
    },

    /** Reads messages from an offset on, 32 at most. */
    async messages(address: string, { topic, queueId, offset }: QueueRef & { offset: bigint }, io: Io) {
      const request = encodeReadQueue({ topic, queueId, offset, maxMessages: 32 });
      const pulled = await of(address, `read ${topic}`, request, io);
      return pulled.kind === 'found' ? [...readStoredMessages(pulled.messages)] : [];
    },

    /** Checks an address. A process that hangs or starves is silent, so silence does not prove that it has ended. */
    async reach(address: string, io: Io): Promise<Reach> {
      try {
        await of(address, 'ask', encodeGetBrokerRuntimeInfo(), io);
        return 'answers';
      } catch (cause) {
        const fault = faultOf(cause, io);
        if (fault.code !== 'broker-unreachable') return 'answers';
        return isRefusedConnection(fault) ? 'refused' : 'silent';
      }
    },

    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
