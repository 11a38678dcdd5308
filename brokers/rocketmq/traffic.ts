// How is RocketMQ produced to and consumed from?

import type { Io, TrafficDriver } from '../driver.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { createConsumer } from './consumer.ts';
import { createEcho } from './echo.ts';
import { mastersOf } from './masters.ts';
import { createProducer } from './producer.ts';
import { createRemotingClient } from './protocol/remoting-client.ts';
import { createTopicQueues } from './topic-queues.ts';

/** @throws AppError broker-unreachable when no name server answers */
export async function createRocketmqTraffic(
  name: string,
  config: RocketmqClusterConfig,
  io: Io,
): Promise<TrafficDriver> {
  const client = createRemotingClient({ name, config });
  const nameServers = { cluster: name, client, namesrv: config.namesrv };
  try {
    // Asked so that a wrong address shows at once.
    await mastersOf(nameServers, io);
  } catch (cause) {
    await client[Symbol.asyncDispose]();
    throw cause;
  }
  return {
    producer: async ({ acks }) => createProducer(client, createTopicQueues(nameServers), acks),
    async consumer({ group, topic }) {
      const own = createRemotingClient({ name, config });
      return createConsumer(own, createTopicQueues({ ...nameServers, client: own }), group, topic);
    },
    echo: async ({ topic }) => createEcho(createRemotingClient({ name, config }), nameServers, topic),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
