// Controls the threads of a remote worker like local ones, and translates between clocks.

import { type Clock, seconds } from '../../core/clock.ts';
import { AppError, awaitedElsewhere, endOfWait } from '../../core/errors.ts';
import { createRunClock, type RunClock } from '../execute/run-clock.ts';
import type { Assignment, ToThread } from '../execute/workers/thread-messages.ts';
import {
  followThread,
  type FollowedThread,
  type ThreadListener,
  type TrafficThread,
} from '../execute/workers/traffic-thread.ts';
import type { Link, FromWorker, ToWorker } from './link.ts';

export type RemoteWorker = ReturnType<typeof createRemoteWorker>;

interface RemoteWorkerOptions {
  name: string;
  clock: Pick<Clock, 'sleep'>;
  /** Returns the monotonic clock of the run's origin, in nanoseconds. */
  nanoseconds(): bigint;
  epochMicroseconds(): number;
  /** Maximum difference in time of day; undefined accepts any. */
  mostSecondsOff: number | undefined;
}

interface Thread {
  worker: string;
  listener: ThreadListener;
  followed: FollowedThread;
  /** Clock offset applied to its origin; absent before its start. */
  originOffset?: number;
}

/** In a data center a round trip takes 0.1 ms: of this many, at least one meets no queue. */
const firstSamples = 30;
/** In this time two clocks drift apart by up to 0.1 ms (10 ppm), about the accuracy of the measurement. */
const samplesPerEstimate = 10;

export function createRemoteWorker(link: Link<FromWorker, ToWorker>, options: RemoteWorkerOptions) {
  const { name, clock, nanoseconds, epochMicroseconds, mostSecondsOff } = options;
  const threads = new Map<number, Thread>();
  const ready = Promise.withResolvers<void>();
  const sentPings = new Map<number, bigint>();
  let samples: ClockSample[] = [];
  let pings = 0;
  let base: bigint | undefined;
  let estimate: ClockSample | undefined;
  /** How far its time of day is ahead of ours, in seconds. */
  let timeOfDayAhead = 0;
  let time: RunClock | undefined;
  ready.promise.catch(awaitedElsewhere);

  const ask = () => {
    pings += 1;
    sentPings.set(pings, nanoseconds());
    link.send({ kind: 'ping', id: pings });
  };

  function answered({ id, ...there }: Extract<FromWorker, { kind: 'pong' }>): void {
    const now = nanoseconds();
    const from = sentPings.get(id);
    if (from === undefined) return;
    sentPings.delete(id);
    const theirs = BigInt(there.nanoseconds);
    base ??= theirs - from;
    const sample = sampleOf({ sent: from, answered: now, there: theirs }, base);
    if ((bestSample(samples)?.error ?? Infinity) >= sample.error) {
      timeOfDayAhead = (there.epochMicroseconds - epochMicroseconds()) / 1e6 + sample.error;
    }
    samples.push(sample);
    if (estimate === undefined) {
      if (samples.length < firstSamples) ask();
      else settleClock();
    } else if (samples.length >= samplesPerEstimate) followClock(estimate);
  }

  function settleClock(): void {
    estimate = takeBest();
    if (mostSecondsOff === undefined || Math.abs(timeOfDayAhead) <= mostSecondsOff) return ready.resolve();
    const here = new Date(epochMicroseconds() / 1000);
    const there = new Date(here.getTime() + timeOfDayAhead * 1000);
    const error = new AppError(
      'clock-off',
      `the clock of worker ${name} says ${there.toISOString()}, and here it is ${here.toISOString()}`,
    );
    link.send({ kind: 'refused', code: error.code, message: error.message, hint: error.hint });
    link.end(error);
  }

  function followClock(before: ClockSample): void {
    const seen = takeBest();
    if (seen === undefined) return;
    estimate = nextEstimate(before, seen);
    if (estimate.offset !== before.offset) tellClock(estimate);
    threads.forEach(journalClock);
  }

  function takeBest(): ClockSample | undefined {
    const best = bestSample(samples);
    samples = [];
    return best;
  }

  /** Sends running threads the error of their origin; the origin of threads started later includes it. */
  function tellClock({ offset }: ClockSample): void {
    for (const [id, { originOffset }] of threads) {
      if (originOffset !== undefined) tell(id, { kind: 'clock-offset', offsetSeconds: offset - originOffset });
    }
  }

  function journalClock({ worker, listener }: Thread): void {
    if (time === undefined || estimate === undefined) return;
    const elapsedSeconds = Math.max(0, time.elapsed());
    const { error: errorSeconds } = estimate;
    listener.onLines([{ kind: 'clock-offset', elapsedSeconds, worker, offsetSeconds: timeOfDayAhead, errorSeconds }]);
  }

  const tell = (thread: number, message: ToThread) => link.send({ kind: 'tell', thread, message });

  link.onFrame((frame) => {
    if (frame.kind === 'pong') answered(frame);
    else if (frame.kind === 'report') threads.get(frame.thread)?.followed.take(frame.report);
    else throw new AppError('worker-refused', `worker ${name} sent ${frame.kind} a second time`);
  });
  void link.ended.then((reason) => {
    ready.reject(reason);
  });
  void (async () => {
    const over = new AbortController();
    void link.ended.then(() => over.abort());
    while (!over.signal.aborted) {
      ask();
      // Drop requests that were never answered.
      for (const id of sentPings.keys()) if (id < pings - samplesPerEstimate) sentPings.delete(id);
      await clock.sleep(seconds(1), { signal: over.signal }).catch(endOfWait);
    }
  })();

  return {
    /** Resolves when its clock offset is known. @throws AppError clock-off, coordinator-lost */
    ready: ready.promise,
    startThread(assignment: Assignment, listener: ThreadListener): TrafficThread {
      const id = threads.size;
      const { role, worker } = assignment;
      const followed = followThread(listener, `worker ${name}: `);
      const thread: Thread = { worker: role === 'producer' ? `producer-${worker}` : worker, listener, followed };
      threads.set(id, thread);
      void link.ended.then((cause) =>
        followed.fail(new AppError('worker-absent', `worker ${name} is lost: ${cause.message}`, { cause })),
      );
      link.send({ kind: 'open', thread: id, assignment });
      return {
        ready: followed.ready,
        done: followed.done,
        tell(message) {
          if (message.kind !== 'start') return tell(id, message);
          const { origin } = message;
          time ??= createRunClock(origin);
          const originOffset = estimate?.offset ?? 0;
          thread.originOffset = originOffset;
          const ahead = (base ?? 0n) + BigInt(Math.round(originOffset * 1e9));
          tell(id, { kind: 'start', origin: { ...origin, nanoseconds: origin.nanoseconds + ahead } });
          journalClock(thread);
        },
        async [Symbol.asyncDispose]() {
          link.send({ kind: 'close', thread: id });
        },
      };
    },
  };
}

interface ClockSample {
  /** How far the other clock was ahead, in seconds, assuming that both directions took equally long. */
  offset: number;
  /** Half of the round trip: the other reading may have been taken at any time between request and response. */
  error: number;
}

/**
 * @param times in nanoseconds: request and response here, and response time there
 * @param base subtracted from the offset, so that the rest fits a number
 */
export function sampleOf(times: { sent: bigint; answered: bigint; there: bigint }, base: bigint): ClockSample {
  const { sent, answered, there } = times;
  return {
    offset: (2 * Number(there - sent - base) - Number(answered - sent)) / 2e9,
    error: Number(answered - sent) / 2e9,
  };
}

/** @returns the sample with the smallest error; undefined if there is none */
export const bestSample = (samples: readonly ClockSample[]): ClockSample | undefined =>
  samples.reduce<ClockSample | undefined>(
    (best, sample) => (best === undefined || sample.error < best.error ? sample : best),
    undefined,
  );

/**
 * Keeps the last estimate while it is consistent: the middle of a round trip varies with the network, clocks hardly
 * vary.
 *
 * @returns the new offset, and its maximum error
 */
export function nextEstimate(estimate: ClockSample, seen: ClockSample): ClockSample {
  const distance = Math.abs(seen.offset - estimate.offset);
  if (distance > seen.error) return seen;
  return { offset: estimate.offset, error: distance + seen.error };
}
