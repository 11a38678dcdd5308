// Sends values to queues with concurrent requests and without retry.

import { AppError } from '../../core/errors.ts';
import type { Io, OutgoingBatch, ProducerOptions, SendIo, TrafficProducer } from '../driver.ts';
import { ask } from './ask.ts';
import { lacksTimers, timersHint } from './delay-levels.ts';
import { createInTurn } from './in-turn.ts';
import { createOpenQueues } from './open-queues.ts';
import { createPlainSends, type Sends } from './plain-sends.ts';
import { checkDelay, checkOptions } from './producer-options.ts';
import { encodeGetBrokerRuntimeInfo } from './protocol/get-broker-runtime-info.ts';
import type { SeriesClient } from './protocol/request-series.ts';
import { parseRuntimeInfo } from './runtime-info.ts';
import type { TopicQueue, TopicQueues } from './topic-queues.ts';
import { createTransactionalSends } from './transactions.ts';

const plainGroup = 'plimsoll';

/**
 * Acks `all`: as durable as the broker group is configured, with flush and slaves. `leader`: stored by the master; WAIT
 * is false. `none`: one way. Brokers have many send threads, so concurrent sends to a queue may be stored in any order.
 *
 * @param client used only by this producer, and closed with it
 * @throws AppError unsupported-broker for options that RocketMQ does not have
 */
export function createProducer(client: SeriesClient, queues: TopicQueues, options: ProducerOptions): TrafficProducer {
  checkOptions(options);
  const timers = createTimerSupport(client);
  const sends = sendsOf(client, options);
  const inTurn = options.ordered === true ? createInTurn() : undefined;
  const open = createOpenQueues();

  async function look(topic: string, io: Io): Promise<readonly TopicQueue[]> {
    const all = await queues.of(topic, io);
    open.see(topic, all);
    return all;
  }

  async function send(batch: OutgoingBatch, io: SendIo): Promise<void> {
    const { topic, partition, delay } = batch;
    io.signal.throwIfAborted();
    const action = `send to ${topic}-${partition}`;
    checkDelay(action, batch, options);
    const queue = (await look(topic, io))[partition];
    if (queue?.isWritable !== true) {
      queues.forget(topic);
      throw new AppError('broker-refused', `cannot ${action}: no broker accepts messages for this queue now`);
    }
    try {
      if (delay !== undefined && 'untilMilliseconds' in delay) await timers.check(queue.address, action, io);
      await sends.put(queue, { action, address: queue.address }, batch, io);
    } catch (cause) {
      io.signal.throwIfAborted();
      // Throw the failure unchanged; the next batch reads the route again.
      if (!(cause instanceof AppError) || cause.code !== 'broker-busy') queues.forget(topic);
      throw cause;
    }
  }

  return {
    send: (batch, io) =>
      inTurn === undefined ? send(batch, io) : inTurn(`${batch.topic} ${batch.partition}`, () => send(batch, io)),
    prepare: async (topics, io) => void (await Promise.all(topics.map((topic) => look(topic, io)))),
    partitions: open.of,
    async [Symbol.asyncDispose]() {
      await sends[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}

function sendsOf(client: SeriesClient, options: ProducerOptions): Sends {
  const { acks, requests = 'batch', compression = 'none', ordered = false, transactions } = options;
  const isCompressed = compression !== 'none';
  if (transactions === undefined) {
    return createPlainSends(client, { producerGroup: plainGroup, acks, requests, isCompressed, ordered });
  }
  const { id, leftToCheck = 0 } = transactions;
  return createTransactionalSends(client, { group: id, acks, isCompressed, ordered, leftToCheck });
}

/** Reads the version of each broker once. */
function createTimerSupport(client: SeriesClient) {
  const known = new Map<string, string>();
  return {
    /** @throws AppError unsupported-broker */
    async check(address: string, action: string, io: Io): Promise<void> {
      let version = known.get(address);
      if (version === undefined) {
        const request = encodeGetBrokerRuntimeInfo();
        const table = await ask(client, { action, address }, request, io);
        version = parseRuntimeInfo(table).version ?? 'unknown';
        known.set(address, version);
      }
      if (!lacksTimers(version)) return;
      throw new AppError('unsupported-broker', `cannot ${action} on ${address}: its version ${version} has no timers`, {
        hint: timersHint,
      });
    },
  };
}
