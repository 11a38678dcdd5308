// Sends messages of a planned rate when due, one linger window at a time, and gives up messages that are too late.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { sendsSingly } from '../../plan/workload/broker-fit.ts';
import type { Pacer } from '../../plan/pacer.ts';
import type { RunClock } from '../run-clock.ts';
import type { Outgoing } from './outgoing.ts';
import { drainSeconds, type Pacing } from './pacing.ts';
import type { ProduceOptions } from './production.ts';

/**
 * Below the 1 MiB that a broker accepts by default, and large enough for one request per linger up to 50 MB/s per
 * worker.
 */
const mostBatchBytes = 256 * 1024;
/** Kafka writes a 61-byte header before the records of a batch. */
const batchHeaderBytes = 64;
/**
 * A message this late is given up: the step has failed long before, and the next step must not inherit the whole
 * backlog.
 */
const latestSeconds = 10;
/** A message sent this long after its window still counts as on time, because timers are late by as much. */
const inTimeSeconds = 0.02;

export function createRatePace(options: ProduceOptions, { clock, maker, epochNow, sends, unsent, waits }: Pacing) {
  const { slotCount, sending, mostUnanswered, maxTps } = options;
  const { linger: lingerSeconds } = sending;
  const batchBytes = Math.min(mostBatchBytes, options.mostMessageBytes ?? Infinity);
  const isSingle = sendsSingly(sending, options.broker);
  const windowAtOrAfter = lingerWindows(options);
  const watch = createClockWatch(clock);
  const blocked = createBlockedTime(clock);
  const untilStopped = { signal: waits.stopped };
  let isLate = false;
  /**
   * True while the broker leaves no room for requests; until the backlog is sent, waits for the rate cap count as its
   * delay too.
   */
  let isHeldBack = false;
  const perSecond = () => ((maxTps ?? Infinity) * unsent.lanesOf(slotCount)) / slotCount;
  const capped = { perSecond, isLate: () => isLate, lingerSeconds };
  const cap = maxTps === undefined ? undefined : createRateCap(capped, clock);

  async function pace(pacer: Pacer): Promise<void> {
    unsent.startAt(pacer.first);
    while (unsent.next < pacer.total) {
      if (lingerSeconds === 0) await watch.until(pacer.intendedTime(unsent.next), untilStopped);
      if (await waits.hasSleptUntil(windowAtOrAfter(pacer.intendedTime(unsent.next)))) await sendDue(pacer);
    }
  }

  async function sendDue(pacer: Pacer): Promise<void> {
    const due = pacer.dueBy(clock.elapsed());
    isLate = clock.elapsed() - windowAtOrAfter(pacer.intendedTime(unsent.next)) >= inTimeSeconds;
    isHeldBack &&= isLate;
    while (unsent.next < Math.min(due, pacer.total)) {
      while (sends.unanswered >= mostUnanswered && !waits.isOver()) {
        isHeldBack = true;
        blocked.begin();
        await sends.answer();
        waits.stopped.throwIfAborted();
      }
      blocked.end();
      if (waits.isOver())
        return unsent.dropBefore(pacer.total, `within ${drainSeconds} s after the end of the last step`);
      unsent.dropBefore(pacer.dueBy(clock.elapsed() - latestSeconds), `within ${latestSeconds} s after it was due`);
      if (cap?.room() === 0) {
        if (isHeldBack) blocked.begin();
        await waits.hasSleptUntil(cap.roomAt());
        continue;
      }
      for (const outgoing of takeWindow(pacer, due)) void sends.send(outgoing, windowAtOrAfter);
      // With acks none nothing is awaited: without this turn, a late sender would never let the socket write.
      await turnOfTheLoop();
      waits.stopped.throwIfAborted();
    }
    blocked.end();
  }

  function takeWindow(pacer: Pacer, due: number): Outgoing[] {
    const numbers: number[] = [];
    const intended: number[] = [];
    const most = Math.min(isSingle ? mostUnanswered - sends.unanswered : Infinity, cap?.room() ?? Infinity);
    const end = Math.min(due, pacer.total);
    for (let bytes = batchHeaderBytes; unsent.next < end && numbers.length < most; unsent.advance()) {
      bytes += maker.sizeOf(unsent.next);
      if (bytes > batchBytes && numbers.length > 0) break;
      numbers.push(unsent.next);
      intended.push(pacer.intendedTime(unsent.next));
    }
    cap?.take(numbers.length);
    return numbers.length === 0 ? [] : maker.make({ numbers, intended }, epochNow());
  }

  return { pace, blocked, takeIdleSeconds: watch.take };
}

/** Offsets the windows of workers, so that their requests do not arrive together. */
export function lingerWindows(options: Pick<ProduceOptions, 'sending' | 'worker' | 'workers'>) {
  const { sending, worker, workers } = options;
  const { linger } = sending;
  const phase = (linger * worker) / workers;
  return (moment: number) => (linger > 0 ? Math.ceil((moment - phase) / linger) * linger + phase : moment);
}

/** Measures how long the broker left no room for requests. */
export function createBlockedTime(clock: Pick<RunClock, 'elapsed'>) {
  let since: number | undefined;
  let seconds = 0;
  return {
    begin: () => void (since ??= clock.elapsed()),
    end(): void {
      if (since !== undefined) seconds += clock.elapsed() - since;
      since = undefined;
    },
    /** @returns seconds since the last call */
    take(now: number): number {
      const taken = seconds + (since === undefined ? 0 : now - since);
      seconds = 0;
      if (since !== undefined) since = now;
      return taken;
    },
  };
}

/**
 * Timers have a resolution of one millisecond. A sender whose next message is due sooner than this sends at least
 * 10,000 per second and has little other work.
 */
const nearSeconds = 0.0001;
/** A longer turn of the event loop did other work. */
const emptyTurnSeconds = 0.00005;

/** Waits for moments that are too near for timers, by checking the clock on each turn of the event loop. */
export function createClockWatch(clock: Pick<RunClock, 'elapsed'>) {
  let watched = 0;
  return {
    /** Returns at once if the moment has passed or is more than a few turns away. */
    async until(moment: number, { signal }: { signal: AbortSignal }): Promise<void> {
      for (let now = clock.elapsed(); now < moment && moment - now < nearSeconds && !signal.aborted;) {
        await turnOfTheLoop();
        const before = now;
        now = clock.elapsed();
        if (now - before < emptyTurnSeconds) watched += now - before;
      }
    },
    /** @returns seconds since the last call spent in idle turns: no other work, and no wait for a CPU */
    take(): number {
      const taken = watched;
      watched = 0;
      return taken;
    },
  };
}

/**
 * Rate factor for late messages, with a burst after a short pause: together less in one second than the guard tolerates
 * (1.1, loadgen/guard/watched-seconds.ts).
 */
const catchUpFactor = 1.05;
const burstSeconds = 0.045;
const leastWindowSeconds = 0.001;
const roundingMessages = 1e-6;

/**
 * @param perSecond messages per second that this worker may send; grows when it takes over a share
 * @param isLate whether it must catch up; if not, a whole linger window may be sent at once
 */
function createRateCap(
  { perSecond, isLate, lingerSeconds }: { perSecond: () => number; isLate: () => boolean; lingerSeconds: number },
  clock: Pick<RunClock, 'elapsed'>,
) {
  let at = clock.elapsed();
  let left = Infinity;
  const most = () => Math.max(1, perSecond() * (isLate() ? burstSeconds : Math.max(lingerSeconds, burstSeconds)));

  function refill(): void {
    const now = clock.elapsed();
    left = Math.min(most(), left + (now - at) * perSecond() * catchUpFactor);
    at = now;
  }

  return {
    /** @returns how many messages may be sent now, an integer */
    room(): number {
      refill();
      return Math.floor(left + roundingMessages);
    },
    take: (messages: number): void => void (left -= messages),
    /** @returns when there is room for one linger window, in seconds of the run */
    roomAt(): number {
      refill();
      const window = Math.max(1, perSecond() * Math.max(lingerSeconds, leastWindowSeconds));
      return at + Math.max(0, Math.min(window, most()) - left) / (perSecond() * catchUpFactor);
    },
  };
}
