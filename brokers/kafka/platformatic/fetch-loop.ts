// Fetches from all leaders concurrently, one connection and long poll each, until the signal aborts.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { seconds, systemClock, untilAborted } from '../../../core/clock.ts';
import type { AnswerListener, ConsumerOptions, Io } from '../../driver.ts';
import { kafkaErrorNamed, refusalOf } from '../errors.ts';
import { ask, askForParts } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';
import type { Deliveries } from './deliveries.ts';
import {
  type FetchedPartition,
  type FetchPosition,
  fetchRecords,
  type FetchAnswer,
  type FetchRequest,
} from './fetch.ts';
import { type Leaders, movedErrors } from './leaders.ts';
import { readRecordBatches } from './record-batch.ts';
import { listOffsetsV6 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';

/** Error for an offset before the start or after the end of the log. */
const outOfRange = 'OFFSET_OUT_OF_RANGE';

const unreachablePause = seconds(1);

interface FetchLoopTools {
  connections: Connections;
  leaders: Leaders;
  deliveries: Deliveries;
  listener?: AnswerListener | undefined;
}

/** @throws AppError for a permanent error of a leader, and what a callback throws synchronously */
export async function fetchAll(
  { connections, leaders, deliveries, listener }: FetchLoopTools,
  options: ConsumerOptions,
  io: Io,
): Promise<void> {
  const { topic, readCommitted = false, withKeys = false } = options;
  const memories = createBufferPool();
  /** Epoch of the leader that stored the last record read, by partition. */
  const epochs = new Map<number, number>();
  while (!io.signal.aborted) {
    const partitions = [...deliveries.positions.keys()];
    const led = [...(await byLeader(leaders, topic, partitions, io))];
    const works = led.map(
      ([address, own]) =>
        (roundIo: Io) =>
          pollWhileReached(address, own, roundIo),
    );
    const isLedWhole = led.reduce((sum, [, own]) => sum + own.length, 0) === partitions.length;
    // A leader that lost a partition ends its poll, and leaders are read again; without a leader, after a short pause.
    if (!isLedWhole) works.push((roundIo) => systemClock.sleep(electionPause, roundIo));
    await untilFirstEnds(works, io);
    leaders.forget(topic);
    await systemClock.sleep(electionPause, io);
  }

  /**
   * Polls a leader. If it is unreachable, the others are polled until leaders are read again, which fails if no broker
   * answers.
   */
  async function pollWhileReached(address: string, own: readonly number[], within: Io): Promise<void> {
    try {
      await poll(address, own, within);
    } catch (cause) {
      if (!isUnreachable(cause)) throw cause;
      await systemClock.sleep(unreachablePause, within);
    }
  }

  async function poll(address: string, own: readonly number[], { signal }: Io): Promise<void> {
    const connection = await connections.to(address, { signal }, 'fetch');
    const session = createFetchSession();
    while (!signal.aborted) {
      const free = deliveries.free(own);
      if (free.length === 0) {
        await untilAborted(deliveries.next(), signal);
        continue;
      }
      const stands = free.map(standOf);
      const request = { ...session.request(stands), isCommittedOnly: readCommitted };
      const attempt = { action: `read ${topic}`, address };
      const answer = await ask(connection, attempt, { signal }, fetchRecords, topic, request);
      listener?.onThrottleTime(seconds(answer.throttleTimeMs / 1000));
      if (!session.accept(answer)) continue;
      for (const fetched of answer.partitions) {
        if (kafkaErrorNamed(fetched.errorCode) === outOfRange) {
          await comeBack(fetched.partition, { signal });
          continue;
        }
        checkMoved(topic, fetched.partition, fetched.errorCode, address);
        if (fetched.errorCode !== 0) return;
        if (fetched.partedAt === undefined) handOver(fetched);
        else goTo(fetched.partition, fetched.partedAt);
      }
      // Callbacks that wait only for a promise have then ended, and their partitions are fetched again.
      if (deliveries.free(own).length < own.length) await turnOfTheLoop();
    }
  }

  function standOf(partition: number): FetchPosition {
    const lastEpoch = epochs.get(partition);
    const offset = deliveries.positions.get(partition) ?? 0n;
    return { partition, offset, ...(lastEpoch === undefined ? {} : { lastEpoch }) };
  }

  function goTo(partition: number, offset: bigint): void {
    epochs.delete(partition);
    deliveries.skip(partition, offset);
  }

  /** Moves to the nearest existing offset: past deleted messages, or back to the end of a log that lost its tail. */
  async function comeBack(partition: number, within: Io): Promise<void> {
    const ends = await readLogEnds(connections, leaders, { ...options, from: 'end' }, [partition], within);
    const starts = await readLogEnds(connections, leaders, { ...options, from: 'start' }, [partition], within);
    const [start = 0n, end = 0n] = [starts.get(partition), ends.get(partition)];
    const position = deliveries.positions.get(partition) ?? 0n;
    goTo(partition, position < start ? start : position > end ? end : position);
  }

  function handOver({ partition, gather, aborted }: FetchedPartition): void {
    const from = deliveries.positions.get(partition) ?? 0n;
    const memory = memories.take();
    const records = gather(memory.ofSize);
    const { next, leaderEpoch = -1, ...read } = readRecordBatches(records, from, { withKeys, aborted });
    if (next === undefined) return memory.giveBack();
    if (leaderEpoch >= 0) epochs.set(partition, leaderEpoch);
    if (read.values.length === 0) deliveries.skip(partition, next);
    else {
      const held = deliveries.deliver({ topic, partition, ...read }, next);
      if (held !== undefined) return void held.then(memory.giveBack);
    }
    memory.giveBack();
  }
}

/**
 * @returns when the first task has ended, and then all others
 * @throws the failure of the first; the aborts of the others are ignored
 */
export async function untilFirstEnds(works: readonly ((io: Io) => Promise<void>)[], { signal }: Io): Promise<void> {
  const ended = new AbortController();
  const io = { signal: AbortSignal.any([signal, ended.signal]) };
  const run = async (work: (io: Io) => Promise<void>) => {
    try {
      await work(io);
    } catch (cause) {
      if (!ended.signal.aborted) throw cause;
    } finally {
      ended.abort();
    }
  };
  await Promise.all(works.map(run));
}

/** Pause before the next check of an election. */
export const electionPause = seconds(0.2);

/** Timestamps of ListOffsets for the ends of the log. */
const timestamps = { start: -2n, end: -1n } as const satisfies Record<NonNullable<ConsumerOptions['from']>, bigint>;

/** @returns the offset of each partition. @throws AppError for a permanent error of a leader */
export async function readLogEnds(
  connections: Connections,
  leaders: Leaders,
  { topic, from = 'end', readCommitted = false }: ConsumerOptions,
  partitions: readonly number[],
  io: Io,
): Promise<Map<number, bigint>> {
  const ends = new Map<number, bigint>();
  for (let missing = [...partitions]; missing.length > 0;) {
    const led = await byLeader(leaders, topic, missing, io);
    await Promise.all(Array.from(led, ([address, own]) => readEndsAt(address, own).catch(unlessUnreachable)));
    missing = partitions.filter((partition) => !ends.has(partition));
    if (missing.length === 0) break;
    leaders.forget(topic);
    await systemClock.sleep(electionPause, io);
  }
  return ends;

  async function readEndsAt(address: string, led: readonly number[]): Promise<void> {
    const connection = await connections.to(address, io);
    const timestamp = timestamps[from];
    const places = led.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp }));
    const attempt = { action: `read the ${from} of ${topic}`, address };
    const question = [{ name: topic, partitions: places }];
    const isolation = readCommitted ? 1 : 0;
    const answer = await askForParts(connection, attempt, io, listOffsetsV6.api, -1, isolation, question);
    for (const { partitionIndex, errorCode, offset } of answer.topics[0]?.partitions ?? []) {
      checkMoved(topic, partitionIndex, errorCode, address);
      if (errorCode === 0) ends.set(partitionIndex, offset);
    }
  }
}

export const isUnreachable = (cause: unknown): boolean =>
  cause instanceof AppError && cause.code === 'broker-unreachable';

/** Ignores an unreachable leader, because there may be another one at the next check. */
function unlessUnreachable(cause: unknown): void {
  if (!isUnreachable(cause)) throw cause;
}

/** Groups partitions by leader address, without partitions that have no leader. */
export async function byLeader(
  leaders: Leaders,
  topic: string,
  partitions: readonly number[],
  io: Io,
): Promise<ReadonlyMap<string, number[]>> {
  const addresses = await leaders.of(topic, io);
  return Map.groupBy(
    partitions.filter((partition) => addresses[partition] !== undefined),
    (partition) => addresses[partition] ?? '',
  );
}

/** @throws AppError for a refusal that new metadata does not resolve */
export function checkMoved(topic: string, partition: number, errorCode: number, address: string): void {
  const refusal = refusalOf(errorCode, 'Fetch');
  if (refusal === undefined || movedErrors.has(refusal)) return;
  throw new AppError('broker-refused', `cannot read ${topic}-${partition} on ${address}: ${refusal}`);
}

interface PooledBuffer {
  ofSize(size: number): Buffer;
  giveBack(): void;
}

/**
 * Each buffer is lent to one partition until its callback has ended. New memory for every mebibyte costs more than
 * copying into it, and its collection as much again: 0.77 (new) and 1.11 (recycled) million messages of 500 bytes per
 * CPU second (Kafka 4.3.1, Node 24.21).
 */
function createBufferPool() {
  const idle: PooledBuffer[] = [];
  return {
    take(): PooledBuffer {
      const known = idle.pop();
      if (known !== undefined) return known;
      let bytes: Buffer | undefined;
      const memory: PooledBuffer = {
        ofSize(size) {
          if (bytes === undefined || bytes.length < size) bytes = Buffer.allocUnsafeSlow(size);
          return bytes;
        },
        giveBack: () => void idle.push(memory),
      };
      return memory;
    },
  };
}

const lastEpoch = 2 ** 31 - 1;

/** Tracks an incremental fetch session (KIP-227): later requests name only changed and forgotten partitions. */
export function createFetchSession() {
  let sessionId = 0;
  let epoch = 0;
  let known = new Map<number, bigint>();

  return {
    /** @param positions positions of all partitions that are wanted from this broker now */
    request(positions: readonly FetchPosition[]): FetchRequest {
      const moved =
        epoch === 0 ? positions : positions.filter(({ partition, offset }) => known.get(partition) !== offset);
      const wanted = new Map(positions.map(({ partition, offset }) => [partition, offset]));
      const forgotten = epoch === 0 ? [] : [...known.keys()].filter((partition) => !wanted.has(partition));
      known = wanted;
      return { sessionId, epoch, positions: moved, ...(forgotten.length === 0 ? {} : { forgotten }) };
    },

    /** @returns whether the answer has partitions; otherwise the next request starts a new session */
    accept(answer: Pick<FetchAnswer, 'errorCode' | 'sessionId'>): boolean {
      const isKept = answer.errorCode === 0 && answer.sessionId !== 0;
      sessionId = isKept ? answer.sessionId : 0;
      // Epoch 0 requests a new session, so the count continues at 1.
      epoch = !isKept ? 0 : epoch === lastEpoch ? 1 : epoch + 1;
      return answer.errorCode === 0;
    },
  };
}
