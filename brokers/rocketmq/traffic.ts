// Opens RocketMQ producers, consumers and administration for load tests.

import type { Io, TrafficAccess, TrafficDriver } from '../driver.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { createConsumer } from './consumer.ts';
import { connectNameServers } from './masters.ts';
import { createProducer } from './producer.ts';
import { createRemotingClient } from './protocol/remoting-client.ts';
import { createTopicQueues } from './topic-queues.ts';
import { createEcho } from './echo.ts';

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
