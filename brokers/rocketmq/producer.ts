// Sends values to queues with concurrent requests and without retry.

import { AppError } from '../../core/errors.ts';
import type { Io, OutgoingBatch, ProducerOptions, SendIo, TrafficProducer } from '../driver.ts';
import { ask, closedTopicHint } from './ask.ts';
import { lacksTimers, timersHint } from './delay-levels.ts';
import { createInTurn } from './in-turn.ts';
import { createPlainSends, type Sends } from './plain-sends.ts';
import { busyIn } from './protocol/busy.ts';
import { encodeGetBrokerRuntimeInfo } from './protocol/broker-requests.ts';
import type { RemotingClient } from './protocol/frame.ts';
import type { SeriesClient } from './protocol/request-series.ts';
import { parseRuntimeInfo } from './runtime-info.ts';
import { closeUnlisted, type TopicQueue, type TopicQueues } from './topic-queues.ts';
import { createTransactionalSends } from './transactions.ts';
import { refuseUnsupported } from '../unsupported.ts';

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
      throw new AppError(
        'broker-refused',
        `cannot ${action}: ${queue?.brokerName ?? 'no broker'} accepts no messages for this queue now`,
        {
          hint: closedTopicHint(topic),
        },
      );
    }
    try {
      if (delay !== undefined && 'untilMilliseconds' in delay) await timers.check(queue.address, action, io);
      await sends.put(queue, { action, address: queue.address }, batch, io);
    } catch (cause) {
      io.signal.throwIfAborted();
      closeUnlisted([queue], cause);
      // Throw the failure unchanged; the next batch reads the route again.
      const busy = busyIn(cause);
      if (busy === undefined) queues.forget(topic);
      // A master that became a slave rejects, too; sends to a busy one must not wait for name servers.
      else if (busy === 'request-rejected') queues.renew(topic);
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
export function createTimerSupport(client: RemotingClient) {
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

/** Lists queues that are writable now or were at first, so that sends to a queue that closes during a run fail. */
export function createOpenQueues() {
  const seen = new Map<
    string,
    { first: ReadonlySet<number>; queues: readonly TopicQueue[]; open: readonly number[] }
  >();
  return {
    /** @param queues queues of the topic, with stable numbers */
    see(topic: string, queues: readonly TopicQueue[]): void {
      const before = seen.get(topic);
      if (before?.queues === queues) return;
      const first = before?.first ?? new Set(openAtFirst(queues));
      const open = numbersOf(queues.filter(({ isWritable, partition }) => isWritable || first.has(partition)));
      const isSame = before?.open.length === open.length && before.open.every((one, index) => one === open[index]);
      seen.set(topic, { first, queues, open: isSame ? before.open : open });
    },
    /** Returns queue numbers, the same array until they change; undefined before the topic was seen. */
    of: (topic: string) => seen.get(topic)?.open,
  };
}

/** Returns all queues if none is open, so that sends fail with the reason. */
function openAtFirst(queues: readonly TopicQueue[]): number[] {
  const open = queues.filter(({ isWritable }) => isWritable);
  return numbersOf(open.length === 0 ? queues : open);
}

const numbersOf = (queues: readonly TopicQueue[]) => queues.map(({ partition }) => partition);

const oneByOne = 'send each message in a separate request (requests: single)';

/** @throws AppError unsupported-broker */
function checkOptions({ acks, idempotent, compression = 'none', requests, transactions }: ProducerOptions): void {
  if (idempotent === true) {
    refuseUnsupported('RocketMQ cannot distinguish a resent message from a new one', 'remove `idempotent`');
  }
  if (transactions !== undefined && requests === 'batch') {
    refuseUnsupported('every RocketMQ message is a separate transaction and cannot be batched', oneByOne);
  }
  if (transactions !== undefined && acks === 'none') {
    refuseUnsupported('a RocketMQ transaction ends with the response to its message', 'choose acks leader or all');
  }
  if (transactions === undefined && compression !== 'none' && requests !== 'single') {
    refuseUnsupported('RocketMQ compresses single messages, not batches', `${oneByOne}, or leave \`compression\` away`);
  }
}

/** @throws AppError unsupported-broker */
function checkDelay(action: string, { delay }: OutgoingBatch, { requests, transactions }: ProducerOptions): void {
  if (delay === undefined) return;
  if (transactions !== undefined) {
    refuseUnsupported(
      `cannot ${action}: RocketMQ cannot delay messages of a transaction`,
      'remove the delay or the transactions',
    );
  }
  if (requests !== 'single') refuseUnsupported(`cannot ${action}: RocketMQ cannot delay batches`, oneByOne);
}
