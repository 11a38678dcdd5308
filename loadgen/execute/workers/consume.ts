// Consumes as a group member: counts messages, checks delivery and measures latency from the intended send time.

import { setTimeout as delay } from 'node:timers/promises';
import type { AnswerListener, ConsumerOptions, IncomingBatch, Io, TrafficConsumer } from '../../../brokers/driver.ts';
import { AppError, awaitedElsewhere, endOfWait } from '../../../core/errors.ts';
import { defined } from '../../../core/defined.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { partitionOf, placeOf, topicIndexOf } from '../../delivery/place.ts';
import { createReceiveRecorder } from '../../delivery/receive-recorder.ts';
import { readIntended, readMark } from '../../delivery/payload-header.ts';
import { groupInTopic } from '../../plan/group-in-topic.ts';
import type { ProduceTools } from './production.ts';
import type { ThreadLoad } from './thread-load.ts';
import type { ConsumerAssignment } from './thread-messages.ts';
import { createThrottleCount } from './throttle-count.ts';
import { createLatencyRecorder } from '../../record/latency.ts';

export type ConsumeOptions = Omit<ConsumerAssignment, 'cluster' | 'broker' | 'config' | 'role'>;

interface ConsumeTools {
  open(options: ConsumerOptions, listener: AnswerListener): Promise<TrafficConsumer>;
  takeLoad: () => ThreadLoad;
}

/** A processed message: seconds from due to processed. */
interface Consumed {
  seconds: number;
  bytes: number;
}

/** The run's clock, known only once every thread is ready. */
type RunTime = Pick<ProduceTools, 'clock' | 'epochMicroseconds' | 'fromSeconds'>;

/** Errors that a request may return while a broker fails or restarts. */
const passing: ReadonlySet<string> = new Set(['broker-unreachable', 'broker-busy', 'broker-refused']);
/** Period of counting, well above the timer inaccuracy of about one millisecond. */
const countEverySeconds = 0.05;
/** Pause before a group that lost its brokers rejoins. */
const rejoinSeconds = 1;

export function startConsumption(options: ConsumeOptions, { open, takeLoad }: ConsumeTools, { signal }: Io) {
  const { worker, group, members, topics, processingSeconds } = options;
  /** Outage of brokers after the start before the group counts as failed; 0: as long as its client tolerates. */
  const { outage: outageSeconds = 0, ledger: isChecked } = options.sending;
  const mark = options.marks[0]?.mark;
  const assigned = Promise.withResolvers<void>();
  const counts = createConsumptionCounts();
  const throttling = createThrottleCount();
  let time: RunTime | undefined;
  let clockOffset = 0;
  let reportedAt = 0;
  let membership = new AbortController();
  let isPaused = false;
  let goneSince: number | undefined;
  let change = Promise.withResolvers<void>();

  // The recorder keeps places apart, so members may exchange partitions.
  const book = isChecked ? createReceiveRecorder(options) : undefined;

  function onBatch(topicIndex: number, batch: IncomingBatch, ending: AbortSignal): void | Promise<void> {
    // Before the start, only an earlier attempt can have sent messages.
    const now =
      time === undefined ? Date.now() * 1000 : time.epochMicroseconds + (time.clock.elapsed() - clockOffset) * 1e6;
    const place = placeOf(topicIndex, batch.partition);
    const work: Consumed[] = [];
    if (batch.values.length > 0) counts.answered();
    for (const [i, value] of batch.values.entries()) {
      const due = book?.receive(value, place, batch.offsets[i] ?? 0, now);
      // Another producer, or an earlier attempt, also writes to this topic.
      if (readMark(value) !== mark || (book !== undefined && due === undefined)) continue;
      const seconds = (now - (due ?? readIntended(value))) / 1e6;
      if (processingSeconds === 0) counts.consumed(seconds, value.length);
      else work.push({ seconds: seconds + (work.length + 1) * processingSeconds, bytes: value.length });
    }
    return work.length === 0 ? undefined : processed(work, ending);
  }

  /** Counts each message when it is processed: in a batch that takes seconds, later messages are not consumed yet. */
  async function processed(work: readonly Consumed[], ending: AbortSignal): Promise<void> {
    const beganAt = performance.now();
    const atOnce = Math.max(1, Math.floor(countEverySeconds / processingSeconds));
    for (let done = 0; done < work.length; done += atOnce) {
      const part = work.slice(done, done + atOnce);
      const endsAt = beganAt + (done + part.length) * processingSeconds * 1000;
      await delay(Math.max(0, endsAt - performance.now()), undefined, { signal: ending }).catch(endOfWait);
      if (ending.aborted) return isCommittedOnLeave() ? count(work.slice(done)) : undefined;
      count(part);
    }
  }

  function count(done: readonly Consumed[]): void {
    for (const { seconds, bytes } of done) counts.consumed(seconds, bytes);
  }

  /**
   * A stopped group commits all messages it received, processed or not: nobody receives them again, so they must not
   * remain as lag.
   */
  const isCommittedOnLeave = () => isPaused && options.consumer.commits !== 'never';

  const recordedIn = (topicIndex: number) =>
    new Map(
      options.recordedTo
        .filter(([place]) => topicIndexOf(place) === topicIndex)
        .map(([place, offset]) => [partitionOf(place), offset]),
    );

  async function takePart(): Promise<void> {
    membership = new AbortController();
    const io = { signal: AbortSignal.any([signal, membership.signal]) };
    const waiting: Promise<void>[] = [];
    const joining = topics.flatMap((topic, topicIndex) =>
      Array.from({ length: members }, async (): Promise<void> => {
        const joined = Promise.withResolvers<void>();
        waiting.push(joined.promise);
        joined.promise.catch(awaitedElsewhere);
        try {
          const consumerOptions = {
            ...options.consumer,
            group: groupInTopic(group, topicIndex),
            topic,
            // A member that returns during the run has recorded what it committed.
            ...(time === undefined && { notAfter: recordedIn(topicIndex) }),
          };
          await using consumer = await open(consumerOptions, throttling);
          const onAssigned = () => {
            goneSince = undefined;
            joined.resolve();
          };
          await consumer.run((batch) => onBatch(topicIndex, batch, io.signal), { ...io, onAssigned });
        } catch (error) {
          joined.reject(error);
          // If one member fails, stop the others: a group with a missing member would be a different test.
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
      if (isPaused) await change.promise;
      else await takePart().catch(outlive);
    }
  }

  /** @throws the error, unless it may be temporary and has not lasted longer than the workload tolerates */
  async function outlive(fault: unknown): Promise<void> {
    if (time === undefined || !(fault instanceof AppError) || !passing.has(fault.code)) throw fault;
    const now = time.clock.elapsed();
    goneSince ??= now;
    if (now - goneSince >= outageSeconds) throw fault;
    await time.clock.sleepUntil(now + rejoinSeconds, { signal }).catch(endOfWait);
  }

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  signal.addEventListener('abort', changed, { once: true });
  const finished = run();
  finished.then(() => assigned.resolve(), assigned.reject);
  assigned.promise.catch(awaitedElsewhere);

  return {
    /** Resolves when every member is assigned its partitions. */
    assigned: assigned.promise,
    /** Resolves after leaving the group. @throws AppError from the broker */
    finished,
    begin(given: RunTime): void {
      time = given;
      reportedAt = given.fromSeconds;
      takeLoad();
      throttling.take();
    },
    /** A stopped consumer leaves its group; it joins again when it continues. */
    pause(paused: boolean): void {
      if (paused === isPaused) return;
      isPaused = paused;
      if (isPaused) membership.abort();
      changed();
    },
    /** Sets how far this machine's clock is ahead of the sender's. */
    setClockOffset: (seconds: number): void => void (clockOffset = seconds),
    report(): JournalLine[] {
      if (time === undefined) return [];
      const now = time.clock.elapsed();
      const { eventLoopUtilisation, cpuSeconds } = takeLoad();
      const ledger = book?.take();
      const line: JournalLine = {
        kind: 'consumed',
        elapsedSeconds: now,
        intervalSeconds: now - reportedAt,
        worker,
        group,
        ...counts.take(),
        ...defined({ throttled: throttling.take(), ledger }),
        eventLoopUtilisation,
        cpuSeconds,
      };
      reportedAt = now;
      return [line];
    },
  };
}

type ConsumedLine = Extract<JournalLine, { kind: 'consumed' }>;

/** Counts what a group received in one interval, with latency histograms. */
export function createConsumptionCounts() {
  const endToEnd = createLatencyRecorder();
  const negative = createLatencyRecorder();
  const counts = { messages: 0, bytes: 0, batches: 0, negativeSamples: 0 };
  return {
    /** @param seconds from due to consumed; negative if the clocks of two machines differ */
    consumed(seconds: number, bytes: number): void {
      endToEnd.record(seconds);
      counts.messages += 1;
      counts.bytes += bytes;
      if (seconds >= 0) return;
      counts.negativeSamples += 1;
      negative.record(-seconds);
    },
    /** Counts a response that contained messages. */
    answered: (): void => void (counts.batches += 1),
    take(): Pick<ConsumedLine, 'messages' | 'bytes' | 'batches' | 'endToEnd' | 'negativeSamples' | 'negative'> {
      const isBelow = counts.negativeSamples > 0;
      const taken = { ...counts, endToEnd: endToEnd.take(), ...(isBelow && { negative: negative.take() }) };
      Object.assign(counts, { messages: 0, bytes: 0, batches: 0, negativeSamples: 0 });
      return taken;
    },
  };
}
