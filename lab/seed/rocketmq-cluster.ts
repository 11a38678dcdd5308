// Fills a RocketMQ cluster with the driver's producer, and commits offsets like a group member.

import { AppError } from '../../core/errors.ts';
import { createRocketmqAdmin } from '../../brokers/rocketmq/admin.ts';
import { ask } from '../../brokers/rocketmq/ask.ts';
import type { Io } from '../../brokers/driver.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { encodeGetMaxOffset, encodeUpdateConsumerOffset } from '../../brokers/rocketmq/protocol/offset-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { encodeUpdateSubscriptionGroup } from '../../brokers/rocketmq/protocol/group-requests.ts';
import { createTopicQueues, type TopicQueue, type TopicQueues } from '../../brokers/rocketmq/topic-queues.ts';
import { createRocketmqTraffic } from '../../brokers/rocketmq/traffic.ts';
import type { Seeded, SeededCluster, SeededTopic, SeedIo } from './seeded-cluster.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { scheduleTopic } from '../../brokers/rocketmq/delay-levels.ts';
import { encodeConsumerSendBack, encodeSendMessageV2 } from '../../brokers/rocketmq/protocol/send-message.ts';
import type { RemotingClient, TypedRequest } from '../../brokers/rocketmq/protocol/frame.ts';
import { encodeGetBrokerRuntimeInfo } from '../../brokers/rocketmq/protocol/broker-requests.ts';
import { encodeOffsetMessageId } from '../../brokers/rocketmq/protocol/message-id.ts';
import { encodeProperties, propertyNames } from '../../brokers/rocketmq/protocol/message-properties.ts';
import { readStoredMessages } from '../../brokers/rocketmq/protocol/message.ts';
import { encodePullMessage } from '../../brokers/rocketmq/protocol/message-requests.ts';
import { splitAddress } from '../../brokers/address.ts';
import { type SeedTopic, seedValue } from './plan.ts';
import { fillTopic } from './fill-topic.ts';

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

const returns: SeedTopic = { name: 'seed-returns', partitions: 1, messagesPerPartition: 20 };
const retrying = 'seed-retrying';
const retryTopic = `%RETRY%${retrying}`;
const givingUp = 'seed-giving-up';
const broadcasting = 'seed-prices';

const later = 'seed-reminders';
const halves = 'seed-transactions';
const each = 10;

/** Two hours with the brokers' default levels (messageDelayLevel). */
const longestDelayLevel = 18;
const timerDelaySeconds = 2 * 60 * 60;
/** TRANSACTION_PREPARED_TYPE. */
const preparedFlag = 0x4;

/** Topics in which the broker stores messages that consumers must not see yet. */
const timerTopic = 'rmq_sys_wheel_timer';
const halfTopic = 'RMQ_SYS_TRANS_HALF_TOPIC';

interface Reach {
  client: RemotingClient;
  queues: TopicQueues;
  makeGroup(group: string, address: string, broadcast: boolean, io: Io): Promise<void>;
}

/** Uses only the first queue's broker; each kind is counted where the broker stores it, and filled up to the plan. */
export async function seedRocketmqKinds(
  cluster: SeededCluster,
  { client, queues, makeGroup }: Reach,
  io: SeedIo,
): Promise<Seeded> {
  const filled = await fillTopic(cluster, returns, io);
  const [home] = await queues.of(returns.name, io);
  if (home === undefined) throw new AppError('broker-refused', `topic ${returns.name} has no queue`);
  const { address } = home;

  const put = <Answer>(action: string, request: TypedRequest<Answer>) => ask(client, { action, address }, request, io);

  const endOf = (topic: string, queueId: number) =>
    put(`read the end of ${topic}`, encodeGetMaxOffset({ topic, queueId })).then(Number);

  /**
   * Returns messages like a consumer that cannot process them; a negative level sends them to the dead letter queue at
   * once.
   */
  async function sendBack(from: TopicQueue, group: string, kept: string, delayLevel: number): Promise<SeededTopic> {
    io.progress(`group ${group} sends messages back to ${kept}`);
    await makeGroup(group, address, false, io);
    const before = await endOf(kept, 0);
    // A broker acknowledges a message before readers find it, and messages that are not found are not sent back.
    await untilEnd(from.topic, returns.messagesPerPartition);
    for (const message of (await storedIn(from, group)).slice(before)) {
      const { topic, physicalOffset } = message;
      const messageId = encodeOffsetMessageId({ ...splitAddress(message.storeHost), physicalOffset });
      const back = { consumerGroup: group, topic, physicalOffset, messageId, delayLevel, maxRetries: 16 };
      await put(`send back for group ${group}`, encodeConsumerSendBack(back));
    }
    await untilEnd(kept, returns.messagesPerPartition);
    return { name: kept, messages: returns.messagesPerPartition, added: returns.messagesPerPartition - before };
  }

  async function storedIn({ topic, queueId }: TopicQueue, group: string) {
    const pull = {
      consumerGroup: group,
      topic,
      queueId,
      offset: 0n,
      maxMessages: returns.messagesPerPartition,
      waitMs: 0,
    };
    const pulled = await put(`read ${topic}`, encodePullMessage(pull));
    return pulled.kind === 'found' ? [...readStoredMessages(pulled.messages)] : [];
  }

  /** Returned messages reach the retry topic after a second; a busy broker retries 10 s later. */
  async function untilEnd(topic: string, end: number): Promise<void> {
    for (let tries = 0; (await endOf(topic, 0)) < end; tries++) {
      if (tries === 600) {
        throw new AppError('broker-refused', `${topic} has fewer than ${end} messages after 120 s`, {
          hint: 'this machine may be overloaded: run `plimsoll lab seed` again',
        });
      }
      await systemClock.sleep(seconds(0.2), io);
    }
  }

  /** @param kept topic and queue in which the broker stores the messages until their delivery time */
  async function sendLater(
    topic: string,
    kept: { topic: string; queueId: number },
    properties: ReadonlyMap<string, string>,
    sysFlag = 0,
  ): Promise<SeededTopic> {
    io.progress(`topic ${topic}, kept in ${kept.topic}`);
    await cluster.ensureTopic(topic, 1, io);
    const [queue] = await queues.of(topic, io);
    const before = await endOf(kept.topic, kept.queueId);
    for (let index = before; index < each; index++) {
      const message = { producerGroup: 'plimsoll', topic, queueId: queue?.queueId ?? 0, sysFlag, bornAtMs: Date.now() };
      const request = encodeSendMessageV2({
        ...message,
        properties: encodeProperties(properties),
        body: seedValue(topic, 0, index),
      });
      await put(`send to ${topic}`, request);
    }
    return { name: kept.topic, messages: Math.max(before, each), added: Math.max(0, each - before) };
  }

  const topics = [filled, await sendBack(home, retrying, retryTopic, 1)];
  topics.push(await sendBack(home, givingUp, `%DLQ%${givingUp}`, -1));
  // A quarter of the returned messages was processed on the second attempt.
  await cluster.commit(retrying, retryTopic, new Map([[0, BigInt(returns.messagesPerPartition / 4)]]), io);
  for (const group of [retrying, givingUp])
    await cluster.commit(group, returns.name, new Map([[0, BigInt(returns.messagesPerPartition)]]), io);

  const byLevel = new Map([[propertyNames.delayLevel, String(longestDelayLevel)]]);
  topics.push(await sendLater(later, { topic: scheduleTopic, queueId: longestDelayLevel - 1 }, byLevel));
  const hasTimers = (await put('read runtime information', encodeGetBrokerRuntimeInfo())).has('timerReadBehind');
  const byTime = new Map([[propertyNames.timerDelaySeconds, String(timerDelaySeconds)]]);
  if (hasTimers) topics.push(await sendLater(later, { topic: timerTopic, queueId: 0 }, byTime));
  const prepared = new Map([
    [propertyNames.transactionPrepared, 'true'],
    [propertyNames.producerGroup, 'plimsoll'],
  ]);
  topics.push(await sendLater(halves, { topic: halfTopic, queueId: 0 }, prepared, preparedFlag));

  io.progress(`group ${broadcasting}, broadcasting`);
  await makeGroup(broadcasting, address, true, io);
  return {
    topics,
    groups: [
      { name: retrying, state: 'retrying' },
      { name: givingUp, state: 'giving-up' },
      { name: broadcasting, state: 'broadcasting' },
    ],
  };
}
