// Consumes through a proxy: receives with an invisible time (POP) and acknowledges each message.

import { seconds, systemClock } from '../../../core/clock.ts';
import { AppError, endOfWait, ignoreFault } from '../../../core/errors.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import {
  type ConsumerOptions,
  type IncomingBatch,
  type Io,
  type OnBatch,
  type TrafficConsumer,
  unknownPartition,
} from '../../driver.ts';
import { refuseUnsupported } from '../../unsupported.ts';
import { createGroupMember } from '../group-member.ts';
import type { RemotingClient } from '../protocol/frame.ts';
import { isPassing, pullRetryPause, throwIfGone, untilLeft } from '../queue-pulls.ts';
import { keyOf, type TopicQueues } from '../topic-queues.ts';
import { byTag, methods, numberOf, type Message, type Settings } from './messages.ts';
import type { ProxyClient } from './proxy-client.ts';
import { createSession, heartbeatInterval } from './session.ts';
import { checkStatus, codes, faultOfStatus } from './status.ts';

const everything = { type: byTag, expression: '*' };
/** Invisible time of received messages; the proxy renews it while the client is connected. */
const invisible = { seconds: 60 };
/** How long a proxy holds an empty request, as with remoting pulls. Proxies of 5.x accept 5 s to 20 s. */
const longPolling = { seconds: 15 };
const receiveWithin = seconds(25);
/** Default batch size of proxies of 5.x, for proxies that send none. */
const usualBatchSize = 32;
/** Concurrent acknowledgements of one member. */
const mostAcks = 16;
const ackAttempts = 3;
/** Time limit for leaving, which must not delay a stop. */
const leaveWithin = seconds(1.5);

interface ConsumerParts {
  /** Client used only by this consumer, and closed with it. */
  client: ProxyClient;
  /** For queue numbers and the start of a group: through a proxy, a new group can only start at the end. */
  remoting: RemotingClient;
  queues: TopicQueues;
}

/** @throws AppError unsupported-broker for options that a proxy does not support */
export function createProxyConsumer(
  { client, remoting, queues }: ConsumerParts,
  options: ConsumerOptions,
): TrafficConsumer {
  checkOptions(options);
  const { group, topic, withKeys = false } = options;
  const session = createSession(client);
  const member = createGroupMember(remoting, options);
  const held = createInvisible();
  const acks = new Set<Promise<void>>();
  const resources = { group: client.resource(group), topic: client.resource(topic) };
  const started = new Set<string>();
  let settings: Settings | undefined;

  /** Commits the start of queues that are new to the group; a later queue starts at its first message. */
  async function startQueues(io: Io): Promise<void> {
    const all = await queues.of(topic, io);
    const isNew = started.size > 0;
    const fresh = all.filter((queue) => queue.isReadable && !started.has(keyOf(queue)));
    if (fresh.length === 0) return;
    // Brokers create a group with its first heartbeat, and accept no commit of a group that does not exist.
    await member.heartbeat(fresh, io);
    await Promise.all(fresh.map((queue) => member.startOf(queue, io, isNew)));
    await member.leave(fresh, io);
    for (const queue of fresh) started.add(keyOf(queue));
  }

  /** Lists the brokers to receive from. */
  async function assigned(io: Io): Promise<string[]> {
    const action = `ask what group ${group} is assigned`;
    const request = { ...resources, endpoints: client.endpoints };
    const { status, assignments } = await client.call(methods.queryAssignment, request, { ...io, action });
    checkStatus(status, { action, proxy: client.where });
    return [...new Set(assignments.map(({ queue }) => queue.broker.name))];
  }

  async function receive(broker: string, io: Io): Promise<Message[]> {
    const action = `receive from ${topic} on ${broker}`;
    const { batchSize = 0 } = settings?.subscription ?? {};
    const request = {
      group: resources.group,
      queue: { topic: resources.topic, id: -1, broker: { name: broker } },
      filter: everything,
      batchSize: batchSize > 0 ? batchSize : usualBatchSize,
      invisible,
      autoRenew: true,
      longPolling,
    };
    const answers = await client.callMany(methods.receiveMessage, request, { ...io, action, within: receiveWithin });
    const messages: Message[] = [];
    for (const { status, message } of answers) {
      if (message !== null) messages.push(message);
      if (status === null || status.code === codes.ok || status.code === codes.messageNotFound) continue;
      if (messages.length === 0) throw faultOfStatus(status, { action, proxy: client.where });
    }
    return messages;
  }

  /** Groups messages by queue, in the order of their offsets. */
  async function batchesOf(broker: string, messages: readonly Message[], io: Io): Promise<Map<number, Message[]>> {
    let all = await queues.of(topic, io);
    const find = (queueId: number) => all.find((one) => one.brokerName === broker && one.queueId === queueId);
    if (messages.some(({ system }) => find(system.queueId ?? 0) === undefined)) {
      queues.forget(topic);
      all = await queues.of(topic, io);
    }
    const batches = new Map<number, Message[]>();
    for (const message of messages) {
      const { partition, offset } = held.placeOf(message, find(message.system.queueId ?? 0)?.partition);
      message.system.queueOffset = offset;
      getOrMake(batches, partition, () => []).push(message);
    }
    for (const batch of batches.values()) batch.sort((a, b) => offsetOf(a) - offsetOf(b));
    return batches;
  }

  /** Acknowledges messages of a callback that ends soon even while the consumer leaves, to avoid redelivery. */
  async function handOver(broker: string, messages: readonly Message[], onBatch: OnBatch, io: Io): Promise<void> {
    const batches = await batchesOf(broker, messages, io);
    io.signal.throwIfAborted();
    await Promise.all(
      [...batches].map(async ([partition, batch]) => {
        const taken = onBatch(incoming(partition, batch));
        if (taken !== undefined) await untilLeft(taken, io);
        const acking = acknowledge(batch).finally(() => acks.delete(acking));
        acks.add(acking);
      }),
    );
    while (acks.size >= mostAcks) await Promise.race(acks);
  }

  const incoming = (partition: number, batch: readonly Message[]): IncomingBatch => ({
    topic,
    partition,
    values: batch.map(({ body }) => body),
    offsets: batch.map(offsetOf),
    ...(withKeys && { keys: batch.map(({ system: { keys = [] } }) => (keys[0] ? Buffer.from(keys[0]) : undefined)) }),
  });

  /** Messages that cannot be acknowledged are redelivered after their invisible time. */
  async function acknowledge(batch: readonly Message[]): Promise<void> {
    const action = `acknowledge messages of ${topic}`;
    let left = batch.map(({ system: { messageId, receiptHandle = '' } }) => ({ messageId, receiptHandle }));
    for (let attempt = 1; left.length > 0 && attempt <= ackAttempts; attempt++) {
      if (attempt > 1) await systemClock.sleep(pullRetryPause);
      const request = { ...resources, entries: left };
      const io = { signal: new AbortController().signal, action };
      const answer = await client
        .call(methods.ackMessage, request, io)
        .catch(ignoreFault('unacknowledged messages are redelivered'));
      const done = new Set(
        (answer?.entries ?? []).flatMap(({ status, messageId }) => (status?.code === codes.ok ? messageId : [])),
      );
      held.acknowledged(done);
      left = left.filter(({ messageId }) => !done.has(messageId));
    }
  }

  async function read(broker: string, onBatch: OnBatch, io: Io): Promise<void> {
    let answeredAt = systemClock.monotonic();
    while (!io.signal.aborted) {
      try {
        const messages = await receive(broker, io);
        answeredAt = systemClock.monotonic();
        if (messages.length > 0) await handOver(broker, messages, onBatch, io);
        answeredAt = systemClock.monotonic();
      } catch (cause) {
        io.signal.throwIfAborted();
        if (!mayPass(cause)) throw cause;
        throwIfGone(cause, `broker ${broker} has not served group ${group}`, answeredAt);
        await systemClock.sleep(pullRetryPause, io);
        // A restarted proxy does not have the client's settings.
        await session.renew(io).catch(ignoreFault('it is repeated after the next failed request'));
      }
    }
  }

  return {
    async run(onBatch, { signal, onAssigned }) {
      const failed = new AbortController();
      const io = { signal: AbortSignal.any([signal, failed.signal]) };
      const reading = new Map<string, Promise<void>>();
      const readAssigned = async () => {
        await startQueues(io);
        for (const broker of await assigned(io)) {
          if (reading.has(broker)) continue;
          const one = read(broker, onBatch, io).catch((cause: unknown) => {
            if (!io.signal.aborted) failed.abort(cause);
          });
          reading.set(broker, one);
        }
      };
      try {
        await startQueues(io);
        settings = await session.announce({ kind: 'consumer', group, topic, filter: everything }, io);
        await session.renew(io);
        await readAssigned();
        onAssigned?.();
        while (!io.signal.aborted) {
          await systemClock.sleep(heartbeatInterval, io);
          await session.renew(io).then(readAssigned).catch(unlessPassing);
        }
      } catch (cause) {
        if (!signal.aborted) throw failed.signal.aborted ? failed.signal.reason : cause;
      } finally {
        failed.abort(new AppError('aborted', 'the consumer leaves'));
        await Promise.all(reading.values());
        await Promise.race([Promise.allSettled(acks), systemClock.sleep(leaveWithin).catch(endOfWait)]);
        await session[Symbol.asyncDispose]();
      }
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await remoting[Symbol.asyncDispose]();
    },
  };
}

/** A restarted proxy has no settings of the client and rejects its requests until the client announces itself again. */
const mayPass = (cause: unknown) =>
  isPassing(cause) ||
  (cause instanceof AppError && /UNRECOGNIZED_CLIENT_TYPE|INTERNAL_SERVER_ERROR/.test(cause.message));

function unlessPassing(cause: unknown): void {
  if (!mayPass(cause)) throw cause;
}

const offsetOf = ({ system }: Message) => numberOf(system.queueOffset ?? 0);

function checkOptions({ commits, mode }: ConsumerOptions): void {
  if (commits === 'never') refuse('consuming without acknowledgements (commits: never)');
  if (mode === 'pull') refuse('repeated pulls (mode: pull)');
}

function refuse(what: string): never {
  refuseUnsupported(
    `${what} is not supported through a RocketMQ proxy`,
    'remove that option of the group, or remove `proxy` under clusters.<name> to consume over remoting',
  );
}

interface Place {
  partition: number;
  offset: number;
}

/** Limit of received messages that are not acknowledged; a member with more has other problems. */
const mostHeld = 100_000;

/** Remembers the positions of received messages, to recognize redelivered ones. */
export function createInvisible() {
  const held = new Map<string, Place>();
  return {
    /**
     * Returns the position of a message. A message that was not acknowledged in time is delivered from a retry topic,
     * with an offset of that topic. It keeps the position where it was first received; if that is unknown, its
     * partition is unknown.
     *
     * @param partition partition of the queue that the message names; absent when the topic has no such queue
     */
    placeOf({ system }: Message, partition: number | undefined): Place {
      const { messageId, deliveryAttempt = 1, queueOffset = 0 } = system;
      const offset = numberOf(queueOffset);
      if (deliveryAttempt > 1 || partition === undefined) {
        return held.get(messageId) ?? { partition: unknownPartition, offset };
      }
      const place = { partition, offset };
      if (held.size < mostHeld) held.set(messageId, place);
      return place;
    },
    acknowledged(messageIds: Iterable<string>): void {
      for (const id of messageIds) held.delete(id);
    },
  };
}
