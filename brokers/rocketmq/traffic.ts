// Opens RocketMQ producers, consumers and administration for load tests.

import type { Io, TrafficDriver } from '../driver.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { createConsumer } from './consumer.ts';
import { createEcho } from './echo.ts';
import { connectNameServers } from './masters.ts';
import { createProducer } from './producer.ts';
import { createRemotingClient } from './protocol/remoting-client.ts';
import { createTopicQueues } from './topic-queues.ts';

/** @throws AppError broker-unreachable when no name server answers */
export async function createRocketmqTraffic(
  name: string,
  config: RocketmqClusterConfig,
  io: Io,
): Promise<TrafficDriver> {
  const nameServers = await connectNameServers(name, config, io);
  return {
    async producer(options) {
      const client = createRemotingClient({ name, config });
      const queues = createTopicQueues({ ...nameServers, client });
      return createProducer(client, queues, options);
    },
    async consumer(options) {
      const own = createRemotingClient({ name, config });
      return createConsumer(own, createTopicQueues({ ...nameServers, client: own }), options);
    },
    echo: async ({ topic }) => createEcho(createRemotingClient({ name, config }), nameServers, topic),
    [Symbol.asyncDispose]: () => nameServers.client[Symbol.asyncDispose](),
  };
}
