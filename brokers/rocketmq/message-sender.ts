// Sends single messages with their properties to a queue of a master.

import { seconds, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import type { MessageSender, OutgoingMessage } from '../message-sender.ts';
import { ask, checkStored, closedTopicHint } from './ask.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { connectNameServers } from './masters.ts';
import { createUniqueKeys } from './protocol/message-id.ts';
import { encodeProperties, isDelayed, propertyNames, timerNames } from './protocol/message-properties.ts';
import { encodeSendMessageV2 } from './protocol/send-message.ts';
import { createTimerSupport } from './producer.ts';
import { closeUnlisted, createTopicQueues } from './topic-queues.ts';

const producerGroup = 'plimsoll-resend';
/** Timeout of a send, which waits for slaves and disks up to 5 s by default (syncFlushTimeout). */
const within = seconds(15);

/** @throws AppError broker-unreachable when no name server answers */
export async function openRocketmqSender(name: string, config: RocketmqClusterConfig, io: Io): Promise<MessageSender> {
  const nameServers = await connectNameServers(name, config, io);
  const routes = createTopicQueues(nameServers);
  const timers = createTimerSupport(nameServers.client);
  const nextKey = createUniqueKeys(systemClock);
  /** Adds a missing unique key, as Apache's clients do: tools need it, and brokers add it in 5.x but not in 4.x. */
  const withUniqueKey = (given: OutgoingMessage['properties']) => {
    const properties = new Map(given.map(([key, content]) => [key, content.toString('utf8')]));
    if (!properties.has(propertyNames.uniqueKey)) properties.set(propertyNames.uniqueKey, nextKey());
    return properties;
  };
  const writable = async (topic: string, within: Io) =>
    (await routes.of(topic, within)).filter(({ isWritable }) => isWritable);

  return {
    async places(topic, within) {
      const queues = await writable(topic, within);
      return queues.map(({ queueId, brokerName }) => ({ topic, partition: queueId, brokerName }));
    },

    async send({ topic, partition, brokerName, value, properties }, { signal }) {
      const action = `send to ${topic} ${brokerName}:${partition}`;
      const queues = await writable(topic, { signal });
      const queue = queues.find((each) => each.brokerName === brokerName && each.queueId === partition);
      if (queue === undefined) {
        routes.forget(topic);
        throw new AppError('broker-unreachable', `cannot ${action}: the queue accepts no messages now`, {
          hint: closedTopicHint(topic),
        });
      }
      const { address, queueId } = queue;
      const sent = withUniqueKey(properties);
      if (timerNames.some((each) => sent.has(each))) await timers.check(address, action, { signal });
      const request = encodeSendMessageV2({
        producerGroup,
        topic,
        queueId,
        sysFlag: 0,
        bornAtMs: Date.now(),
        properties: encodeProperties(sent),
        body: value ?? Buffer.alloc(0),
      });
      try {
        const receipt = await ask(nameServers.client, { action, address }, request, {
          signal,
          within,
        });
        checkStored(receipt, { action, address }, 'all');
        // Of a delayed message it is the offset in a system topic.
        return isDelayed(sent, Date.now()) ? undefined : receipt.queueOffset;
      } catch (cause) {
        closeUnlisted([queue], cause);
        routes.forget(topic);
        throw cause;
      }
    },

    [Symbol.asyncDispose]: () => nameServers.client[Symbol.asyncDispose](),
  };
}
