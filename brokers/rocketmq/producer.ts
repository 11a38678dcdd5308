// How are values stored in a queue without one send waiting for another? Requests in flight together, no retry.

import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Acks, TrafficProducer } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient, Request } from './protocol/frame.ts';
import { batchItemBytes, type BatchItem } from './protocol/message-batch.ts';
import { createUniqueKeys } from './protocol/message-id.ts';
import { encodeProperties, propertyNames } from './protocol/message-properties.ts';
import { encodeSendBatchMessage } from './protocol/send-batch-message.ts';
import { encodeSendMessageV2 } from './protocol/send-message-v2.ts';
import { parseSendReceipt, type SendReceipt } from './protocol/send-message.ts';
import type { TopicQueue, TopicQueues } from './topic-queues.ts';

const producerGroup = 'plimsoll';

/** Brokers refuse bodies over maxMessageSize, 4 MiB unless set. */
const largestBody = 4 * 1024 * 1024;

/**
 * Acks `all`: what the broker group is set to, flush and slaves included. `leader`: the master has it, WAIT is false.
 * `none`: one way. Several sends to one queue at once may be stored in any order: brokers have many send threads.
 */
export function createProducer(client: RemotingClient, queues: TopicQueues, acks: Acks): TrafficProducer {
  const nextKey = createUniqueKeys(systemClock);
  const shared = acks === 'leader' ? encodeProperties(new Map([[propertyNames.wait, 'false']])) : '';
  const itemOf = (body: Buffer): BatchItem => ({
    body,
    properties: encodeProperties(new Map([[propertyNames.uniqueKey, nextKey()]])),
  });

  function encode({ topic, queueId }: TopicQueue, items: readonly BatchItem[]): Request {
    const message = { producerGroup, topic, queueId, sysFlag: 0, bornAtMs: Date.now() };
    const [first] = items;
    // Brokers of 5.x refuse a single message without a body, and take it in a batch.
    return first !== undefined && items.length === 1 && first.body.length > 0
      ? encodeSendMessageV2({ ...message, properties: first.properties + shared, body: first.body })
      : encodeSendBatchMessage({ ...message, properties: shared, items });
  }

  return {
    async send({ topic, partition, values }, io) {
      io.signal.throwIfAborted();
      const action = `send to ${topic}-${partition}`;
      const queue = (await queues.of(topic, io))[partition];
      if (queue?.isWritable !== true) {
        queues.forget(topic);
        throw new AppError('broker-refused', `cannot ${action}: no broker takes messages for this queue now`);
      }
      const attempt = { action, address: queue.address };
      try {
        // One after the other: they are of one queue, in order.
        for (const items of split(values.map(itemOf))) {
          const request = encode(queue, items);
          if (acks === 'none') await client.tell(queue.address, request, io);
          else checkStored(await ask(client, attempt, request, parseSendReceipt, io), attempt, acks);
        }
      } catch (cause) {
        io.signal.throwIfAborted();
        // The failure is told as it is; only the batch after it asks anew where the queue is.
        if (!(cause instanceof AppError) || cause.code !== 'broker-busy') queues.forget(topic);
        throw cause;
      }
    },
    async [Symbol.asyncDispose]() {
      // The connections are the driver's.
    },
  };
}

/** @throws AppError broker-refused when it was stored, and less safely than the broker is set to */
export function checkStored(
  { kind }: SendReceipt,
  { action, address }: { action: string; address: string },
  acks: Acks,
): void {
  if (kind === 'stored' || acks !== 'all') return;
  throw new AppError(
    'broker-refused',
    `cannot ${action} on ${address} with acks all: stored there, but ${words[kind]}`,
  );
}

const words = {
  'flush-disk-timeout': 'the disk did not have it in time (FLUSH_DISK_TIMEOUT)',
  'slave-not-available': 'there is no slave to take it (SLAVE_NOT_AVAILABLE)',
  'flush-slave-timeout': 'the slave did not have it in time (FLUSH_SLAVE_TIMEOUT)',
} as const;

/** In order, each part as large as a broker takes it. */
export function* split(items: readonly BatchItem[]): Iterable<readonly BatchItem[]> {
  let part: BatchItem[] = [];
  let size = 0;
  for (const item of items) {
    const itemBytes = batchItemBytes(item);
    if (part.length > 0 && size + itemBytes > largestBody) {
      yield part;
      [part, size] = [[], 0];
    }
    part.push(item);
    size += itemBytes;
  }
  if (part.length > 0) yield part;
}
