// Consumes with a kafkajs consumer group, and fixes its start positions before the run.

import type { Admin, Consumer, EachBatchPayload, TopicPartitionOffset } from 'kafkajs';
import { AppError, ignoreFault } from '../../../core/errors.ts';
import type { ConsumerOptions, OnBatch, Io, TrafficConsumer } from '../../driver.ts';
import type { KafkaCluster } from '../client.ts';
import { coordinatorErrors, onceCoordinated } from '../coordinator-wait.ts';
import { limitStarts } from '../../latest-starts.ts';
import { kafkaErrorOf, rebalanceErrors, toAppError } from '../errors.ts';
import { defaultTimeouts } from '../wire/connections.ts';
import { createKafkajs, withinLeaveTimeout } from './connect.ts';

/** Retries while a coordinator is elected; 10 of at most 1 s. */
const consumerRetries = 10;
const commitIntervalMs = 1000;
const fetchWaitMs = 500;
/** kafkajs sends heartbeats only between batches, but a callback may take longer than a session. */
const heartbeatIntervalMs = 1000;

export async function createConsumer(
  { name, config }: KafkaCluster,
  options: ConsumerOptions,
): Promise<TrafficConsumer> {
  const { group, topic, readCommitted = false } = options;
  const kafka = createKafkajs(config, defaultTimeouts, consumerRetries);
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: heartbeatIntervalMs,
    readUncommitted: !readCommitted,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    retry: {
      retries: consumerRetries,
      initialRetryTime: 100,
      maxRetryTime: 1000,
      restartOnFailure: async (cause) => coordinatorErrors.has(kafkaErrorOf(cause)?.name ?? ''),
    },
  });
  const admin = kafka.admin();
  const action = `consume ${topic} as group ${group}`;
  try {
    await Promise.all([consumer.connect(), admin.connect()]);
    await consumer.subscribe({ topics: [topic], fromBeginning: false });
  } catch (cause) {
    throw toAppError(cause, { action: `${action} in cluster ${name}` });
  }
  return {
    async run(onBatch, io) {
      try {
        await runUntilAborted(consumer, admin, options, onBatch, io);
      } catch (cause) {
        if (!io.signal.aborted) throw toAppError(cause, { action });
      }
    },
    async [Symbol.asyncDispose]() {
      await withinLeaveTimeout(Promise.all([consumer.disconnect(), admin.disconnect()]));
    },
  };
}

async function runUntilAborted(
  consumer: Consumer,
  admin: Admin,
  options: ConsumerOptions,
  onBatch: OnBatch,
  { signal, onAssigned }: Io & { onAssigned?: () => void },
): Promise<void> {
  const { topic, commits = 'each-second', withKeys = false } = options;
  const positions = new Map<number, string>();
  const startOf = limitStarts(options.notAfter);
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let announce = onAssigned;
  const forget = [
    consumer.on(consumer.events.CRASH, ({ payload: { restart, error } }) => {
      if (!restart) reject(error);
    }),
    // kafkajs would send requests to a stopped broker again and again, ten seconds each.
    consumer.on(consumer.events.REQUEST_TIMEOUT, ({ payload: { broker } }) =>
      reject(new AppError('broker-unreachable', `cannot consume ${topic} on ${broker}: no answer in time`)),
    ),
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const assigned = payload.memberAssignment[topic] ?? [];
      const isKept = (partition: number) => commits === 'never' && assigned.includes(partition);
      for (const partition of positions.keys()) if (!isKept(partition)) positions.delete(partition);
      // Seek before the first fetch: kafkajs would use commits, or the end of the log.
      for (const [partition, offset] of positions) consumer.seek({ topic, partition, offset });
      const others = assigned.filter((partition) => !positions.has(partition));
      onceCoordinated({ signal }, () => startAtLogEnds(consumer, admin, options, startOf, others)).then(
        (starts) => {
          // Without commits, a rebalance would lose the positions.
          if (commits === 'never') for (const { partition, offset } of starts) positions.set(partition, offset);
          announce?.();
          announce = undefined;
        },
        (cause: unknown) => {
          // The group rebalanced in the meantime; its next GROUP_JOIN runs this again.
          if (!rebalanceErrors.has(kafkaErrorOf(cause)?.name ?? '')) reject(cause);
        },
      );
    }),
  ];
  signal.addEventListener('abort', () => resolve(), { once: true });
  try {
    signal.throwIfAborted();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    await consumer.run({
      // With the default of one, a slow batch would delay all other partitions, even those of other brokers.
      partitionsConsumedConcurrently: Math.max(1, topics[0]?.partitions.length ?? 1),
      autoCommit: commits === 'each-second',
      autoCommitInterval: commitIntervalMs,
      // kafkajs would commit a batch that arrives while the consumer leaves, and that is not passed on.
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, heartbeat, resolveOffset }: EachBatchPayload) => {
        if (signal.aborted) return;
        const { partition, messages } = batch;
        const values = messages.map(({ value }) => value ?? Buffer.alloc(0));
        const offsets = messages.map(({ offset }) => Number(offset));
        const keys = withKeys ? { keys: messages.map(({ key }) => key ?? undefined) } : {};
        await whileBeating(heartbeat, async () => onBatch({ topic, partition, values, offsets, ...keys }));
        resolveOffset(batch.lastOffset());
        const offset = String(BigInt(batch.lastOffset()) + 1n);
        positions.set(partition, offset);
        if (commits === 'each-batch') await consumer.commitOffsets([{ topic, partition, offset }]);
      },
    });
    await ended;
  } finally {
    for (const unsubscribe of forget) unsubscribe();
    if (commits === 'never') positions.clear();
    await withinLeaveTimeout(leaveGroup(consumer, topic, positions));
  }
}

/**
 * kafkajs reads the end of the log at its first fetch, so messages written between joining and that fetch would be
 * lost. The current end is committed, so that a rebalance cannot move it, and then sought.
 *
 * @returns the sought positions
 */
async function startAtLogEnds(
  consumer: Consumer,
  admin: Admin,
  { group, topic, from = 'end', commits }: ConsumerOptions,
  startOf: ReturnType<typeof limitStarts>,
  partitions: readonly number[],
): Promise<TopicPartitionOffset[]> {
  if (partitions.length === 0) return [];
  const [known] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const committed = (known?.partitions ?? [])
    .filter(({ partition, offset }) => partitions.includes(partition) && BigInt(offset) >= 0n)
    .map(({ partition, offset }) => ({ topic, partition, offset }));
  const fresh = partitions.filter((partition) => !committed.some((one) => one.partition === partition));
  const log = fresh.length === 0 ? [] : await admin.fetchTopicOffsets(topic);
  const ends = new Map(log.map(({ partition, low, high }) => [partition, from === 'start' ? low : high]));
  const starts = fresh.map((partition) => {
    const offset = ends.get(partition);
    if (offset !== undefined) return { topic, partition, offset };
    throw new AppError(
      'broker-refused',
      `cannot read the ${from} of ${topic}-${partition}: the broker did not report it`,
    );
  });
  if (commits !== 'never' && starts.length > 0) await consumer.commitOffsets(starts);
  const sought = [...starts, ...committed].flatMap(({ partition, offset }) => {
    const from = String(startOf(partition, BigInt(offset)));
    return fresh.includes(partition) || from !== offset ? [{ topic, partition, offset: from }] : [];
  });
  for (const start of sought) consumer.seek(start);
  return sought;
}

/** Sends heartbeats during the work; kafkajs handles a rebalance after the batch. */
async function whileBeating(heartbeat: () => Promise<void>, work: () => Promise<void>): Promise<void> {
  const timer = setInterval(
    () => void heartbeat().catch(ignoreFault('kafkajs meets the new generation after the batch')),
    heartbeatIntervalMs,
  );
  await work().finally(() => clearInterval(timer));
}

async function leaveGroup(consumer: Consumer, topic: string, positions: ReadonlyMap<number, string>): Promise<void> {
  const offsets = [...positions].map(([partition, offset]) => ({ topic, partition, offset }));
  if (offsets.length > 0)
    await consumer.commitOffsets(offsets).catch(ignoreFault('uncommitted messages are redelivered'));
  await consumer.stop();
}
