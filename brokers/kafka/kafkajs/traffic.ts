// How does kafkajs produce and consume? Its producer without retries, its consumer group with positions fixed before the run starts.

import { CompressionTypes, type Admin, type Consumer, type EachBatchPayload } from 'kafkajs';
import { AppError } from '../../../core/errors.ts';
import type { Acks, OnBatch, Io, TrafficConsumer, TrafficProducer } from '../../driver.ts';
import type { KafkaCluster } from '../client.ts';
import { coordinatorErrors, onceCoordinated } from '../coordinator-wait.ts';
import { kafkaErrorOf, rebalanceErrors, toAppError } from '../errors.ts';
import { untilAborted } from '../../../core/abort.ts';
import { patient } from '../wire/connections.ts';
import { createKafkajs } from './connect.ts';

const acksOnWire = { all: -1, leader: 1, none: 0 } as const satisfies Record<Acks, number>;
const replicasWaitMs = 8000;

/** A consumer waits for a coordinator to be elected; 10 tries of at most 1 s. */
const consumerRetries = 10;
const commitIntervalMs = 1000;
const fetchWaitMs = 500;
const farewellMs = 1500;

export async function createProducer({ name, config }: KafkaCluster, acks: Acks): Promise<TrafficProducer> {
  const producer = createKafkajs(config, patient, 0).producer({
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  try {
    await producer.connect();
  } catch (cause) {
    throw toAppError(cause, { action: `reach cluster ${name}` });
  }
  return {
    async send({ topic, partition, values }, { signal }) {
      const messages = values.map((value) => ({ key: null, value, partition }));
      const record = {
        topic,
        messages,
        acks: acksOnWire[acks],
        timeout: replicasWaitMs,
        compression: CompressionTypes.None,
      };
      try {
        await untilAborted(producer.send(record), signal);
      } catch (cause) {
        signal.throwIfAborted();
        throw toAppError(cause, { action: `send to ${topic}-${partition}` });
      }
    },
    [Symbol.asyncDispose]: () => withinFarewell(producer.disconnect()),
  };
}

export async function createConsumer(
  { name, config }: KafkaCluster,
  group: string,
  topic: string,
): Promise<TrafficConsumer> {
  const kafka = createKafkajs(config, patient, consumerRetries);
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 1000,
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
        await runUntilAborted(consumer, admin, group, topic, onBatch, io);
      } catch (cause) {
        if (!io.signal.aborted) throw toAppError(cause, { action });
      }
    },
    async [Symbol.asyncDispose]() {
      await withinFarewell(Promise.all([consumer.disconnect(), admin.disconnect()]));
    },
  };
}

async function runUntilAborted(
  consumer: Consumer,
  admin: Admin,
  group: string,
  topic: string,
  onBatch: OnBatch,
  { signal, onAssigned }: Io & { onAssigned?: () => void },
): Promise<void> {
  const positions = new Map<number, string>();
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let announce = onAssigned;
  const forget = [
    consumer.on(consumer.events.CRASH, ({ payload: { restart, error } }) => {
      if (!restart) reject(error);
    }),
    // kafkajs would ask a stopped broker again and again, ten seconds each.
    consumer.on(consumer.events.REQUEST_TIMEOUT, ({ payload: { broker } }) =>
      reject(new AppError('broker-unreachable', `cannot consume ${topic} on ${broker}: no answer in time`)),
    ),
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      positions.clear();
      onceCoordinated({ signal }, () =>
        startAtEnd(consumer, admin, group, topic, payload.memberAssignment[topic] ?? []),
      ).then(
        () => {
          announce?.();
          announce = undefined;
        },
        (cause: unknown) => {
          // The group agreed anew meanwhile; its next GROUP_JOIN comes here again.
          if (!rebalanceErrors.has(kafkaErrorOf(cause)?.name ?? '')) reject(cause);
        },
      );
    }),
  ];
  signal.addEventListener('abort', () => resolve(), { once: true });
  try {
    signal.throwIfAborted();
    await consumer.run({
      autoCommitInterval: commitIntervalMs,
      eachBatch: async ({ batch }: EachBatchPayload) => {
        if (signal.aborted) return;
        const values = batch.messages.map(({ value }) => value ?? Buffer.alloc(0));
        const offsets = batch.messages.map(({ offset }) => Number(offset));
        await onBatch({ topic, partition: batch.partition, values, offsets });
        positions.set(batch.partition, String(BigInt(batch.lastOffset()) + 1n));
      },
    });
    await ended;
  } finally {
    for (const unsubscribe of forget) unsubscribe();
    await withinFarewell(sayGoodbye(consumer, topic, positions));
  }
}

/**
 * kafkajs looks for the end of the log at its first fetch; what was written between joining and that fetch would be lost.
 * The end as it is now is committed, so that a rebalance cannot move it, and then sought.
 */
async function startAtEnd(
  consumer: Consumer,
  admin: Admin,
  group: string,
  topic: string,
  partitions: readonly number[],
): Promise<void> {
  if (partitions.length === 0) return;
  const [commits] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const committed = new Set(
    (commits?.partitions ?? []).filter(({ offset }) => BigInt(offset) >= 0n).map(({ partition }) => partition),
  );
  const fresh = partitions.filter((partition) => !committed.has(partition));
  if (fresh.length === 0) return;
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, high]));
  const starts = fresh.map((partition) => {
    const offset = ends.get(partition);
    if (offset !== undefined) return { topic, partition, offset };
    throw new AppError('broker-refused', `cannot read the end of ${topic}-${partition}: the broker did not say`);
  });
  await consumer.commitOffsets(starts);
  for (const start of starts) consumer.seek(start);
}

async function sayGoodbye(consumer: Consumer, topic: string, positions: ReadonlyMap<number, string>): Promise<void> {
  const offsets = [...positions].map(([partition, offset]) => ({ topic, partition, offset }));
  if (offsets.length > 0) await consumer.commitOffsets(offsets).catch(() => {});
  await consumer.stop();
}

/** A broker that is gone cannot be told; the session times out there. */
async function withinFarewell(farewell: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, farewellMs);
  await Promise.race([farewell.catch(() => {}), late]).finally(() => clearTimeout(timer));
}
