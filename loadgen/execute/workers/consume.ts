// Consumes as a group member: counts messages, checks delivery and measures latency from the intended send time.

import { setTimeout as delay } from 'node:timers/promises';
import type { AnswerListener, ConsumerOptions, IncomingBatch, Io, TrafficConsumer } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { defined } from '../../../core/defined.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { awaitedElsewhere, endOfWait } from '../../../core/ignore-fault.ts';
import { partitionOf, placeOf, topicIndexOf } from '../../delivery/place.ts';
import { createReceiveRecorder } from '../../delivery/receive-recorder.ts';
import { readIntended, readMark } from '../../delivery/payload-header.ts';
import type { RunClock } from '../run-clock.ts';
import { createConsumptionCounts } from './consumption-counts.ts';
import { groupInTopic } from '../../plan/group-in-topic.ts';
import type { ThreadLoad } from './thread-load.ts';
import type { ConsumerAssignment } from './thread-messages.ts';
import { createThrottleCount } from './throttle-count.ts';

export type ConsumeOptions = Omit<ConsumerAssignment, 'cluster' | 'broker' | 'config' | 'role'>;

interface ConsumeTools {
  open(options: ConsumerOptions, listener: AnswerListener): Promise<TrafficConsumer>;
  takeLoad: () => ThreadLoad;
}

/** A message whose work is done: seconds from due to then. */
interface Consumed {
  seconds: number;
  bytes: number;
}

/** The run's clock, known only once every thread is ready. */
interface RunTime {
  clock: RunClock;
  epochMicroseconds: number;
  fromSeconds: number;
}

/** What a broker that dies or comes back makes of a request. */
const passing: ReadonlySet<string> = new Set(['broker-unreachable', 'broker-busy', 'broker-refused']);
/** A timer is about a millisecond late. */
const countEverySeconds = 0.05;
/** Pause before a group that lost its brokers joins again. */
const rejoinSeconds = 1;

export function startConsumption(options: ConsumeOptions, { open, takeLoad }: ConsumeTools, { signal }: Io) {
  const { worker, group, members, topics, processingSeconds, outageSeconds = 0 } = options;
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

  // The book distinguishes places, so that members may exchange them.
  const book = options.ledger ? createReceiveRecorder(options) : undefined;

  function onBatch(topicIndex: number, batch: IncomingBatch, ending: AbortSignal): void | Promise<void> {
    // Before the start only an earlier attempt can have sent something.
    const now =
      time === undefined ? Date.now() * 1000 : time.epochMicroseconds + (time.clock.elapsed() - clockOffset) * 1e6;
    const place = placeOf(topicIndex, batch.partition);
    const work: Consumed[] = [];
    if (batch.values.length > 0) counts.answered();
    for (const [i, value] of batch.values.entries()) {
      const due = book?.receive(value, place, batch.offsets[i] ?? 0, now);
      // Somebody else writes to this topic too, as an earlier attempt did.
      if (readMark(value) !== mark || (book !== undefined && due === undefined)) continue;
      const seconds = (now - (due ?? readIntended(value))) / 1e6;
      if (processingSeconds === 0) counts.consumed(seconds, value.length);
      else work.push({ seconds: seconds + (work.length + 1) * processingSeconds, bytes: value.length });
    }
    return work.length === 0 ? undefined : processed(work, ending);
  }

  /** A message counts when its work is done: of a batch that holds seconds of it, the rest is not consumed yet. */
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

  /** A group that is stopped commits what it was handed, done or not: nobody gets it again, so it must not stay lag. */
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
            // Whoever comes back during the run has recorded what it committed.
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
      if (isPaused) await change.promise;
      else await takePart().catch(outlive);
    }
  }

  /** @throws the fault, unless it may pass and has not lasted longer than the workload bears */
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
    /** Resolves after leaving the group. @throws AppError as the broker answers */
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
    /** The clock of this machine is so far ahead of that of the sender. */
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
