// What did a consumer group receive, and how long after it was due?

import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerOptions, IncomingBatch, TrafficConsumer } from '../../brokers/driver.ts';
import type { JournalLine } from '../../core/run-bundle.ts';
import { readIntended, readMark } from '../payload-header.ts';
import type { RunClock } from '../run-clock.ts';
import { createConsumptionCounts } from './consumption-counts.ts';
import { groupInTopic } from './group-in-topic.ts';
import type { ThreadLoad } from './thread-load.ts';

export interface ConsumeOptions {
  worker: string;
  group: string;
  /** Members in every topic; each is a client of its own. */
  members: number;
  topics: readonly string[];
  /** Of each topic. */
  partitions: number;
  mark: number;
  slotCount: number;
  consumer: Omit<ConsumerOptions, 'group' | 'topic'>;
  /** What its work on one message takes, before the next batch of that partition is taken. */
  processingSeconds: number;
  ledger: boolean;
  /** Consumed so long after it was due, a message is counted as late. */
  lateAfterSeconds: number;
}

export interface ConsumeTools {
  open(options: ConsumerOptions): Promise<TrafficConsumer>;
  takeLoad: () => ThreadLoad;
}

/** The run's clock, known only once every thread is ready. */
export interface RunTime {
  clock: RunClock;
  epochMicroseconds: number;
  fromSeconds: number;
}

export interface Consumption {
  /** Resolves when every member is assigned its partitions. */
  readonly assigned: Promise<void>;
  /** Resolves after leaving the group. @throws AppError as the broker answers */
  readonly finished: Promise<void>;
  begin(time: RunTime): void;
  /** A stopped consumer leaves its group; it joins again when it goes on. */
  pause(isPaused: boolean): void;
  /** The clock of this machine is so far ahead of that of the sender. */
  setClockOffset(seconds: number): void;
  report(): JournalLine[];
}

export function startConsumption(
  options: ConsumeOptions,
  { open, takeLoad }: ConsumeTools,
  { signal }: { signal: AbortSignal },
): Consumption {
  const { worker, group, members, topics, mark, processingSeconds } = options;
  const assigned = Promise.withResolvers<void>();
  const counts = createConsumptionCounts();
  const waiting: Promise<void>[] = [];
  let time: RunTime | undefined;
  let clockOffset = 0;
  let reportedAt = 0;
  let membership = new AbortController();
  let isPaused = false;
  let change = Promise.withResolvers<void>();

  function onBatch({ values }: IncomingBatch): void | Promise<void> {
    if (time === undefined) return undefined;
    const now = time.epochMicroseconds + (time.clock.elapsed() - clockOffset) * 1e6;
    let taken = 0;
    for (const value of values) {
      // Somebody else writes to this topic too.
      if (readMark(value) !== mark) continue;
      taken += 1;
      counts.consumed((now - readIntended(value)) / 1e6 + taken * processingSeconds, value.length);
    }
    if (processingSeconds === 0 || taken === 0) return undefined;
    return delay(taken * processingSeconds * 1000, undefined, { signal: membership.signal }).catch(() => {});
  }

  async function takePart(): Promise<void> {
    membership = new AbortController();
    const io = { signal: AbortSignal.any([signal, membership.signal]) };
    const joining = topics.flatMap((topic, topicIndex) =>
      Array.from({ length: members }, async (): Promise<void> => {
        const joined = Promise.withResolvers<void>();
        waiting.push(joined.promise);
        joined.promise.catch(() => {});
        try {
          await using consumer = await open({ ...options.consumer, group: groupInTopic(group, topicIndex), topic });
          await consumer.run(onBatch, { ...io, onAssigned: joined.resolve });
        } catch (error) {
          joined.reject(error);
          // One member that fails takes the others along: a group with a gap would be another group.
          membership.abort();
          throw error;
        }
      }),
    );
    Promise.all(waiting).then(() => assigned.resolve(), assigned.reject);
    const ends = await Promise.allSettled(joining);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (!isPaused) await takePart();
      else await change.promise;
    }
  }

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  signal.addEventListener('abort', changed, { once: true });
  const finished = run();
  finished.then(() => assigned.resolve(), assigned.reject);
  assigned.promise.catch(() => {});

  return {
    assigned: assigned.promise,
    finished,
    begin(given) {
      time = given;
      reportedAt = given.fromSeconds;
      takeLoad();
    },
    pause(paused) {
      if (paused === isPaused) return;
      isPaused = paused;
      if (isPaused) membership.abort();
      changed();
    },
    setClockOffset: (seconds) => void (clockOffset = seconds),
    report() {
      if (time === undefined) return [];
      const now = time.clock.elapsed();
      const { eventLoopUtilisation, cpuSeconds } = takeLoad();
      const line: JournalLine = {
        kind: 'consumed',
        elapsedSeconds: now,
        intervalSeconds: now - reportedAt,
        worker,
        group,
        ...counts.take(),
        eventLoopUtilisation,
        cpuSeconds,
      };
      reportedAt = now;
      return [line];
    },
  };
}
