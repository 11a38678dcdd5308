// Sends due messages on time or late, never skipping one silently, and counts what could not be sent.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { JournalLine, SentInterval } from '../../../core/documents/run-bundle.ts';
import { endOfWait } from '../../../core/ignore-fault.ts';
import { createSendRecorder } from '../../delivery/send-recorder.ts';
import type { Pacer } from '../../plan/pacer.ts';
import type { ClosedLoopStretch } from '../schedule.ts';
import { createClockWatch } from './clock-watch.ts';
import { createErrorCount, transactionLeftOpen } from '../../record/error-count.ts';
import { createOutgoingMaker, type Outgoing } from './outgoing.ts';
import { createWorkerNumbers } from './worker-numbers.ts';
import { createProductionCounts } from './production-counts.ts';
import { endTransactionsSeconds, type ProduceOptions, type ProduceTools, type Production } from './production.ts';
import { createRateCap } from './rate-cap.ts';
import { createSends } from './sends.ts';

/** Below the 1 MiB that a broker accepts by default, and so large that requests come once per linger up to 50 MB/s a worker. */
const mostBatchBytes = 256 * 1024;
/** Kafka writes 61 bytes before the records of a batch. */
const batchHeaderBytes = 64;
/** A message this late is given up: the step has long failed, and the next one should not inherit all of it. */
const latestSeconds = 10;
/** How long late messages may take after the end, and unanswered requests of a run that is stopped. */
const drainSeconds = 5;
/** Sent so little after its window, a message is in time: timers are late by as much. */
const inTimeSeconds = 0.02;
/** A lane whose send failed is not free at once: a broker that is gone refuses a million a second. */
const failedSenderSeconds = 0.1;

export function startProduction(options: ProduceOptions, tools: ProduceTools): Production {
  const { worker, workers, slots, slotCount, lingerSeconds, mostUnanswered, answerSeconds, maxTps } = options;
  const batchBytes = Math.min(mostBatchBytes, options.mostMessageBytes ?? Infinity);
  const {
    schedule,
    producer,
    clock,
    epochMicroseconds,
    fromSeconds,
    takeLoad,
    throttling,
    onDriven = () => {},
  } = tools;
  const isSingle = options.producer.requests === 'single';
  const maker = createOutgoingMaker(options, epochMicroseconds, (topic) => producer.partitions?.(topic));
  const own = createWorkerNumbers(slots, slotCount);
  const counts = createProductionCounts(options.topics);
  const book = options.ledger ? createSendRecorder(options) : undefined;
  const errors = createErrorCount();
  const sends = createSends({ producer, isSingle, counts, book, errors, clock });
  const watch = createClockWatch(clock);
  const stopping = new AbortController();
  /** The schedule or the worker's slots changed: wakes the sleeping loops. */
  let change = new AbortController();
  /** The smallest own number that was neither sent nor given up, and the stretch it is looked for in. */
  let next = 0;
  let at = 0;
  let busyLanes = 0;
  let laneMessages = 0;
  let openLanes: ClosedLoopStretch | undefined;
  let blockedSince: number | undefined;
  let blockedSeconds = 0;
  /** The broker left no room for requests: until it has caught up, to wait for the rate is its delay too. */
  let isHeldBack = false;
  let isLate = false;
  let stoppedAt: number | undefined;
  let drivenUntil: number | undefined;
  let reportedAt = fromSeconds;
  let reportedDue = 0;
  let overTimer = new AbortController();

  // The workers' windows lie between each other, so that their requests do not arrive together.
  const phase = (lingerSeconds * worker) / workers;
  const windowAtOrAfter = (moment: number) =>
    lingerSeconds > 0 ? Math.ceil((moment - phase) / lingerSeconds) * lingerSeconds + phase : moment;
  const isOver = () => clock.elapsed() >= schedule.endSeconds + drainSeconds;
  const ownShare = () => own.lanesOf(slotCount, next) / slotCount;
  const cap =
    maxTps === undefined
      ? undefined
      : createRateCap({ perSecond: () => maxTps * ownShare(), isLate: () => isLate, lingerSeconds }, clock);

  async function pace(): Promise<void> {
    for (;;) {
      stopping.signal.throwIfAborted();
      at = Math.min(at, schedule.stretches.length);
      const stretch = schedule.stretches[at];
      if (stretch?.kind === 'rate') await paceRate(stretch.pacer);
      else if (stretch !== undefined) await paceLanes(stretch);
      // The last stretch may still grow, or be followed.
      if (at + 1 < schedule.stretches.length) at += 1;
      else await rest();
    }
  }

  async function paceRate(pacer: Pacer): Promise<void> {
    next = own.atOrAfter(Math.max(next, pacer.first));
    while (next < pacer.total) {
      if (lingerSeconds === 0) await watch.until(pacer.intendedTime(next), stopping);
      if (await hasSleptUntil(windowAtOrAfter(pacer.intendedTime(next)))) await sendDue(pacer);
    }
  }

  /** @returns false when the schedule changed meanwhile */
  async function hasSleptUntil(moment: number): Promise<boolean> {
    stopping.signal.throwIfAborted();
    const { signal } = change;
    return clock.sleepUntil(moment, { signal }).then(
      () => !stopping.signal.aborted,
      (error: unknown) => {
        if (!signal.aborted) throw error;
        return false;
      },
    );
  }

  async function sendDue(pacer: Pacer): Promise<void> {
    const due = pacer.dueBy(clock.elapsed());
    isLate = clock.elapsed() - windowAtOrAfter(pacer.intendedTime(next)) >= inTimeSeconds;
    isHeldBack &&= isLate;
    while (next < Math.min(due, pacer.total)) {
      while (sends.unanswered >= mostUnanswered && !isOver()) {
        isHeldBack = true;
        blockedSince ??= clock.elapsed();
        await sends.answer();
        stopping.signal.throwIfAborted();
      }
      endBlock();
      if (isOver()) return dropBefore(pacer.total, `within ${drainSeconds} s after the end of the last step`);
      dropBefore(pacer.dueBy(clock.elapsed() - latestSeconds), `within ${latestSeconds} s after it was due`);
      if (cap?.room() === 0) {
        if (isHeldBack) blockedSince ??= clock.elapsed();
        await hasSleptUntil(cap.roomAt());
        continue;
      }
      for (const outgoing of takeWindow(pacer, due)) void sends.send(outgoing, windowAtOrAfter);
      // Without answers to wait for (acks none) a late sender would otherwise never let the socket write.
      await turnOfTheLoop();
      stopping.signal.throwIfAborted();
    }
    endBlock();
  }

  function endBlock(): void {
    if (blockedSince !== undefined) blockedSeconds += clock.elapsed() - blockedSince;
    blockedSince = undefined;
  }

  function dropBefore(bound: number, when: string): void {
    const dropped = own.count(next, bound);
    if (dropped <= 0) return;
    next = own.atOrAfter(bound);
    counts.dropped(dropped);
    errors.add({ code: 'too-late', message: `the message could not be sent ${when}`, count: dropped });
  }

  function takeWindow(pacer: Pacer, due: number): Outgoing[] {
    const numbers: number[] = [];
    const intended: number[] = [];
    const most = Math.min(isSingle ? mostUnanswered - sends.unanswered : Infinity, cap?.room() ?? Infinity);
    const end = Math.min(due, pacer.total);
    for (let bytes = batchHeaderBytes; next < end && numbers.length < most; next = own.atOrAfter(next + 1)) {
      bytes += maker.sizeOf(next);
      if (bytes > batchBytes && numbers.length > 0) break;
      numbers.push(next);
      intended.push(pacer.intendedTime(next));
    }
    cap?.take(numbers.length);
    return numbers.length === 0 ? [] : maker.make({ numbers, intended }, epochNow());
  }

  const epochNow = () => epochMicroseconds + clock.elapsed() * 1e6;

  /** Closed loop: a lane sends as soon as its last message was answered, and that moment is when the next one is due. */
  async function paceLanes(stretch: ClosedLoopStretch): Promise<void> {
    next = own.atOrAfter(Math.max(next, stretch.first));
    while (!(await hasSleptUntil(stretch.start)) && clock.elapsed() < stretch.end) stopping.signal.throwIfAborted();
    openLanes = stretch;
    for (let freedAt = stretch.start; clock.elapsed() < stretch.end; freedAt = clock.elapsed()) {
      while (busyLanes < own.lanesOf(stretch.lanes, next)) startLane(freedAt);
      await hasSleptUntil(stretch.end);
    }
    openLanes = undefined;
  }

  function startLane(freedAt: number): void {
    const number = next;
    next = own.atOrAfter(number + 1);
    busyLanes += 1;
    laneMessages += 1;
    const [outgoing] = maker.make({ numbers: [number], intended: [freedAt] }, epochNow());
    if (outgoing === undefined) return;
    void sends.send(outgoing).then(async (isAcknowledged) => {
      const { signal } = stopping;
      if (!isAcknowledged) await clock.sleepUntil(clock.elapsed() + failedSenderSeconds, { signal }).catch(endOfWait);
      busyLanes -= 1;
      const isOpen = openLanes !== undefined && clock.elapsed() < openLanes.end && !signal.aborted;
      if (isOpen && busyLanes < own.lanesOf(openLanes?.lanes ?? 0, next)) startLane(clock.elapsed());
    });
  }

  /** All that is planned was sent: its answers are waited for, then more of the schedule. */
  async function rest(): Promise<void> {
    const { signal } = change;
    const patience = new AbortController();
    if (sends.unanswered > 0) sends.giveUpAfter(answerSeconds, patience.signal);
    while (sends.unanswered > 0 && !signal.aborted && !stopping.signal.aborted) await sends.answer();
    patience.abort();
    if (!signal.aborted && schedule.stretches.length > 0 && drivenUntil !== schedule.endSeconds) {
      drivenUntil = schedule.endSeconds;
      onDriven(drivenUntil);
    }
    while (!signal.aborted && !stopping.signal.aborted) await sends.answer();
  }

  async function run(): Promise<void> {
    await pace().catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    });
    openLanes = undefined;
    endBlock();
    overTimer.abort();
    const patience = new AbortController();
    if (sends.unanswered > 0) sends.giveUpAfter(drainSeconds, patience.signal);
    while (sends.unanswered > 0) await sends.answer();
    patience.abort();
    await endTransactions();
  }

  /** Consumers of committed messages would wait for the timeout of one that stays open. */
  async function endTransactions(): Promise<void> {
    try {
      await producer.endTransactions?.({ signal: AbortSignal.timeout(endTransactionsSeconds * 1000) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      errors.add({ code: transactionLeftOpen, message, count: 1 });
    }
  }

  function changed(): void {
    const before = change;
    change = new AbortController();
    before.abort();
    overTimer.abort();
    overTimer = new AbortController();
    // Waiting sends are notified that the drain is over.
    void clock.sleepUntil(schedule.endSeconds + drainSeconds, overTimer).then(sends.wake, endOfWait);
    sends.wake();
  }

  /** Own messages due by that moment; those of a closed loop are counted as they are sent. */
  const dueUntil = (moment: number) =>
    schedule.stretches.reduce(
      (sum, stretch) =>
        stretch.kind === 'lanes' ? sum : sum + own.count(stretch.pacer.first, stretch.pacer.dueBy(moment)),
      laneMessages,
    );

  const finished = run();
  return {
    finished,
    extended: changed,
    cut(atSeconds) {
      // Heard of late, it takes nothing back that was sent.
      schedule.cutAt(Math.max(atSeconds, clock.elapsed()));
      for (const stretch of schedule.stretches.slice(at)) {
        if (stretch.kind === 'lanes') continue;
        next = own.atOrAfter(Math.max(next, stretch.pacer.first));
        dropBefore(stretch.pacer.dueBy(clock.elapsed()), 'before the load was stopped early');
      }
      changed();
    },
    adopt(more, fromNumber) {
      own.adopt(more, Math.max(fromNumber, next));
      if (schedule.stretches[at]?.kind === 'lanes') next = own.atOrAfter(Math.max(fromNumber, next));
      book?.adopt(more);
      changed();
    },
    report() {
      const now = clock.elapsed();
      const due = dueUntil(Math.min(now, stoppedAt ?? now));
      const open = blockedSince === undefined ? 0 : now - blockedSince;
      const load = takeLoad();
      const idle = watch.take();
      const throttled = throttling?.take();
      if (blockedSince !== undefined) blockedSince = now;
      const line: JournalLine = {
        kind: 'produced',
        elapsedSeconds: now,
        intervalSeconds: now - reportedAt,
        worker: `producer-${worker}`,
        intended: due - reportedDue,
        ...counts.take(),
        ...ledgerOf(book?.take()),
        blockedSeconds: blockedSeconds + open,
        ...(throttled && { throttled }),
        ...load,
        eventLoopUtilisation: Math.max(0, load.eventLoopUtilisation - idle / (now - reportedAt)),
        cpuSeconds: Math.max(0, load.cpuSeconds - idle),
      };
      const failures = errors.take().map((error) => ({ kind: 'error' as const, elapsedSeconds: now, ...error }));
      [reportedAt, reportedDue, blockedSeconds] = [now, due, 0];
      return [line, ...failures];
    },
    stop() {
      stoppedAt ??= clock.elapsed();
      stopping.abort();
      changed();
    },
  };
}

const ledgerOf = (ledger: SentInterval | undefined) => (ledger === undefined ? {} : { ledger });
