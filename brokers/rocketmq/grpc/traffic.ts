// Opens producers and consumers that go through the gRPC proxy of a cluster.

import type { Io, TrafficDriver } from '../../driver.ts';
import type { ProxyConfig, RocketmqClusterConfig } from '../config.ts';
import type { NameServers } from '../name-servers.ts';
import { createRemotingClient } from '../protocol/remoting-client.ts';
import { createTopicQueues } from '../topic-queues.ts';
import { createProxyConsumer } from './consumer.ts';
import { clientTypes, methods } from './messages.ts';
import { createProxyClient, type ProxyClient } from './proxy-client.ts';
import { codes, faultOfStatus } from './status.ts';
import { createProxyProducer } from './producer.ts';

interface ProxiedCluster {
  name: string;
  config: RocketmqClusterConfig;
  proxy: ProxyConfig;
  nameServers: NameServers;
}

export function createProxyTraffic({
  name,
  config,
  proxy,
  nameServers,
}: ProxiedCluster): Pick<TrafficDriver, 'producer' | 'consumer'> {
  async function connected(): Promise<ProxyClient> {
    const client = createProxyClient(name, config, proxy);
    try {
      await checkIsProxy(client, { signal: new AbortController().signal });
      return client;
    } catch (cause) {
      client[Symbol.dispose]();
      throw cause;
    }
  }

  return {
    producer: async (options) => createProxyProducer(await connected(), options),
    async consumer(options) {
      const client = await connected();
      const remoting = createRemotingClient({ name, config });
      return createProxyConsumer(
        { client, remoting, queues: createTopicQueues({ ...nameServers, client: remoting }) },
        options,
      );
    },
  };
}

/** Sends a heartbeat of an unknown client, which every proxy answers, to detect a wrong address or key early. */
async function checkIsProxy(client: ProxyClient, io: Io): Promise<void> {
  const action = 'reach the brokers';
  const { status } = await client.call(methods.heartbeat, { clientType: clientTypes.producer }, { ...io, action });
  if (status === null || ![codes.ok, codes.unrecognizedClient].some((code) => code === status.code)) {
    throw faultOfStatus(status, { action, proxy: client.where });
  }
}
