// Opens RocketMQ producers, consumers and echoes.

import type { Io, TrafficAccess, TrafficDriver, Echo, EchoPosition } from '../driver.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { createConsumer } from './consumer.ts';
import { connectNameServers } from './masters.ts';
import { createProducer } from './producer.ts';
import { createRemotingClient } from './protocol/remoting-client.ts';
import { createTopicQueues, NotRouted, queuesOf, type TopicQueue } from './topic-queues.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { ask, checkStored } from './ask.ts';
import { type NameServers, readMergedRoute } from './name-servers.ts';
import { readPulledBodies } from './protocol/message.ts';
import { createUniqueKeys } from './protocol/message-id.ts';
import { encodeProperties, propertyNames } from './protocol/message-properties.ts';
import { encodePullMessage, toolsGroup } from './protocol/message-requests.ts';
import { encodeSendMessageV2 } from './protocol/send-message.ts';
import type { RemotingClient } from './protocol/frame.ts';

/** @throws AppError broker-unreachable when no name server answers */
export async function createRocketmqTraffic(
  name: string,
  config: RocketmqClusterConfig,
  io: Io,
  { throughProxy = false }: TrafficAccess = {},
): Promise<TrafficDriver> {
  const nameServers = await connectNameServers(name, config, io);
  const { proxy } = config;
  // Loaded on demand, because most commands use only remoting.
  const proxied =
    throughProxy && proxy !== undefined
      ? (await import('./grpc/traffic.ts')).createProxyTraffic({ name, config, proxy, nameServers })
      : undefined;
  const leaving: Promise<void>[] = [];
  return {
    async producer(options) {
      const client = createRemotingClient({ name, config });
      const queues = createTopicQueues({ ...nameServers, client });
      return createProducer(client, queues, options);
    },
    async consumer(options) {
      const own = createRemotingClient({ name, config });
      const consumer = createConsumer(own, createTopicQueues({ ...nameServers, client: own }), options);
      // A consumer that joins again does not wait for pulls that brokers still hold.
      const leave = async () => consumer[Symbol.asyncDispose]();
      return { ...consumer, [Symbol.asyncDispose]: async () => void leaving.push(leave()) };
    },
    echo: async ({ topic }) => createEcho(createRemotingClient({ name, config }), nameServers, topic),
    ...proxied,
    async [Symbol.asyncDispose]() {
      await Promise.all(leaving);
      await nameServers.client[Symbol.asyncDispose]();
    },
  };
}

const producerGroup = 'plimsoll-canary';

/** Safety limit, since the caller sets the deadline; a process silent for this long counts as unreachable. */
const within = seconds(120);
/** How long the broker may hold a pull until the message is in the queue. */
const waitMs = 5000;
/** Pause before the next pull: a queue that lags behind the commit log refuses later offsets at once. */
const aheadPause = seconds(0.05);

/** @param own client used only by the echo, and closed with it */
function createEcho(own: RemotingClient, nameServers: NameServers, topic: string): Echo {
  const nextKey = createUniqueKeys(systemClock);
  let queues: ReadonlyMap<number, TopicQueue> = new Map();

  const queueOf = ({ partition, broker }: EchoPosition, action: string): TopicQueue => {
    const queue = queues.get(partition);
    if (queue?.brokerName === broker) return queue;
    throw new AppError('broker-refused', `cannot ${action}: the queue is no longer on ${broker}`);
  };

  return {
    async places(io) {
      const route = await readMergedRoute({ ...nameServers, client: own }, topic, io);
      if (route === undefined) throw new NotRouted(topic, nameServers.cluster);
      queues = new Map(queuesOf(topic, route).map((queue) => [queue.partition, queue]));
      return [...queues.values()]
        .filter(({ isWritable, isReadable }) => isWritable && isReadable)
        .map(({ partition, brokerName }) => ({ partition, broker: brokerName }));
    },

    async send(place, value, io) {
      const action = `send to ${topic}-${place.partition}`;
      const { address, queueId } = queueOf(place, action);
      const properties = encodeProperties(new Map([[propertyNames.uniqueKey, nextKey()]]));
      const message = { producerGroup, topic, queueId, sysFlag: 0, bornAtMs: Date.now(), properties, body: value };
      const request = encodeSendMessageV2(message);
      const receipt = await ask(own, { action, address }, request, { ...io, within });
      checkStored(receipt, { action, address }, 'all');
      return receipt.queueOffset;
    },

    async read(place, offset, io) {
      const action = `read ${topic}-${place.partition} at ${offset}`;
      const { address, queueId } = queueOf(place, action);
      const pull = { consumerGroup: toolsGroup, topic, queueId, offset, maxMessages: 1, waitMs };
      for (;;) {
        const request = encodePullMessage(pull);
        const pulled = await ask(own, { action, address }, request, { ...io, within });
        if (pulled.kind === 'found') {
          const [value] = readPulledBodies(pulled.messages, offset).values;
          return value && Buffer.from(value);
        }
        if (pulled.next > offset) return undefined;
        await systemClock.sleep(aheadPause, io);
      }
    },

    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}
