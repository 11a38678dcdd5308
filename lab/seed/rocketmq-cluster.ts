// Fills a RocketMQ cluster with the driver's producer, and commits offsets like a group member.

import { AppError } from '../../core/errors.ts';
import { createRocketmqAdmin } from '../../brokers/rocketmq/admin.ts';
import { ask } from '../../brokers/rocketmq/ask.ts';
import type { Io } from '../../brokers/driver.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { encodeGetMaxOffset } from '../../brokers/rocketmq/protocol/queue-ends.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { encodeUpdateConsumerOffset } from '../../brokers/rocketmq/protocol/update-consumer-offset.ts';
import { encodeUpdateSubscriptionGroup } from '../../brokers/rocketmq/protocol/update-subscription-group.ts';
import { createTopicQueues } from '../../brokers/rocketmq/topic-queues.ts';
import { createRocketmqTraffic } from '../../brokers/rocketmq/traffic.ts';
import { seedRocketmqKinds } from './rocketmq-kinds.ts';
import type { SeededCluster } from './seeded-cluster.ts';

export async function openRocketmq(name: string, config: RocketmqClusterConfig, io: Io): Promise<SeededCluster> {
  await using opened = new AsyncDisposableStack();
  const admin = opened.use(await createRocketmqAdmin(name, config, io));
  const traffic = opened.use(await createRocketmqTraffic(name, config, io));
  const producer = opened.use(await traffic.producer({ acks: 'leader' }));
  const client = opened.use(createRemotingClient({ name, config }));
  const queues = createTopicQueues({ cluster: name, client, namesrv: config.namesrv });
  const made = new Set<string>();
  const held = opened.move();

  /** Creates the group first: brokers of 5.x accept no commits for an unknown group. */
  async function makeGroup(group: string, address: string, broadcast: boolean, { signal }: Io): Promise<void> {
    if (made.has(`${group} ${address}`)) return;
    const request = encodeUpdateSubscriptionGroup({ group, broadcast, maxRetries: 16 });
    await ask(client, { action: `make group ${group}`, address }, request, { signal });
    made.add(`${group} ${address}`);
  }

  const cluster: SeededCluster = {
    async ensureTopic(topic, partitions, { signal }) {
      try {
        await admin.createTopic({ name: topic, partitions, replicationFactor: 1 }, { signal });
      } catch (cause) {
        if (!(cause instanceof AppError) || cause.code !== 'topic-conflict') throw cause;
      }
    },

    async ends(topic, partitions, { signal }) {
      const found = (await queues.of(topic, { signal })).slice(0, partitions);
      return Promise.all(
        found.map(({ queueId, address, partition }) => {
          const attempt = { action: `read the end of ${topic}-${partition}`, address };
          return ask(client, attempt, encodeGetMaxOffset({ topic, queueId }), { signal });
        }),
      );
    },

    send: (topic, partition, values, { signal }) => producer.send({ topic, partition, values }, { signal }),

    async commit(group, topic, offsets, { signal }) {
      for (const { partition, queueId, address } of await queues.of(topic, { signal })) {
        const offset = offsets.get(partition);
        if (offset === undefined) continue;
        await makeGroup(group, address, false, { signal });
        const request = encodeUpdateConsumerOffset({ consumerGroup: group, topic, queueId, offset });
        const attempt = { action: `commit for group ${group}`, address };
        await ask(client, attempt, request, { signal });
      }
    },

    seedOwn: (seedIo) => seedRocketmqKinds(cluster, { client, queues, makeGroup }, seedIo),

    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
  return cluster;
}
