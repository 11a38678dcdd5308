// How are due messages sent? On time or late, never left out; what could not be sent is counted.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { TrafficProducer } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import type { JournalLine } from '../../core/run-bundle.ts';
import { createLatencyRecorder } from '../latency.ts';
import type { Pacer } from '../pacer.ts';
import { createPayloads, type PayloadOptions } from '../payload.ts';
import type { RunClock } from '../run-clock.ts';
import { createErrorCount } from './error-count.ts';
import type { ThreadLoad } from './thread-load.ts';

export interface ProduceOptions {
  worker: number;
  workers: number;
  topic: string;
  partitions: number;
  payload: PayloadOptions;
  lingerSeconds: number;
  /** Produce requests this worker may have unanswered. */
  mostUnanswered: number;
}

export interface ProduceTools {
  pacer: Pacer;
  producer: TrafficProducer;
  clock: RunClock;
  epochMicroseconds: number;
  takeLoad: () => ThreadLoad;
}

export interface Production {
  /** What happened since the last call. */
  report(): JournalLine[];
  /** Resolves when everything due was answered or given up or, after `stop`, when what was sent is answered. */
  readonly finished: Promise<void>;
  /** Sends nothing more, and waits for what is unanswered. */
  stop(): void;
}

/** Below the 1 MiB a broker takes by default, and so large that requests come once per linger up to 50 MB/s a worker. */
const mostBatchBytes = 256 * 1024;
/** A message this late is given up: the step has long failed, and the next one should not inherit all of it. */
const latestSeconds = 10;
/** How long late messages may take after the end, and after them unanswered requests. */
const drainSeconds = 5;

export function startProduction(options: ProduceOptions, tools: ProduceTools): Production {
  const { worker, workers, topic, partitions, payload, lingerSeconds, mostUnanswered } = options;
  const { pacer, producer, clock, epochMicroseconds, takeLoad } = tools;
  const batchMessages = Math.max(1, Math.floor(mostBatchBytes / payload.messageBytes));
  const latency = createLatencyRecorder();
  const sendDelay = createLatencyRecorder();
  const errors = createErrorCount();
  const stopping = new AbortController();
  const givingUp = new AbortController();
  const counts = { sent: 0, acknowledged: 0, failed: 0, requests: 0, bytes: 0 };
  let next = worker;
  let partition = worker % partitions;
  let unanswered = 0;
  let answered = Promise.withResolvers<void>();
  let blockedSince: number | undefined;
  let blockedSeconds = 0;
  let stoppedAt: number | undefined;
  let reportedAt = 0;
  let reportedDue = 0;

  /** How many of the messages numbered below `due` are this worker's. */
  const ownOf = (due: number) => Math.max(0, Math.ceil((due - worker) / workers));
  // The workers' windows lie between each other, so that their requests do not arrive together.
  const phase = (lingerSeconds * worker) / workers;
  const windowAtOrAfter = (moment: number) =>
    lingerSeconds > 0 ? Math.ceil((moment - phase) / lingerSeconds) * lingerSeconds + phase : moment;

  async function pace(): Promise<void> {
    const { signal } = stopping;
    while (next < pacer.total) {
      await clock.sleepUntil(windowAtOrAfter(pacer.intendedTime(next)), { signal });
      await sendDue(pacer.dueBy(clock.elapsed()));
    }
  }

  async function sendDue(due: number): Promise<void> {
    while (next < due) {
      while (unanswered >= mostUnanswered) {
        blockedSince ??= clock.elapsed();
        await answered.promise;
        if (stopping.signal.aborted) break;
      }
      stopping.signal.throwIfAborted();
      endBlock();
      giveUpLate();
      sendBatch(due);
      // Without answers to wait for (acks none) a late sender would otherwise never let the socket write.
      await turnOfTheLoop();
    }
  }

  function endBlock(): void {
    if (blockedSince !== undefined) blockedSeconds += clock.elapsed() - blockedSince;
    blockedSince = undefined;
  }

  function giveUpLate(): void {
    dropBefore(pacer.dueBy(clock.elapsed() - latestSeconds), `within ${latestSeconds} s after it was due`);
  }

  function dropBefore(bound: number, when: string): void {
    const dropped = ownOf(bound) - ownOf(next);
    if (dropped <= 0) return;
    next += dropped * workers;
    counts.failed += dropped;
    errors.add('too-late', `the message could not be sent ${when}`, dropped);
  }

  function sendBatch(due: number): void {
    const intended: number[] = [];
    const first = next;
    for (; next < due && intended.length < batchMessages; next += workers) intended.push(pacer.intendedTime(next));
    if (intended.length === 0) return;
    const values = createPayloads(payload, intended.length, (i) => ({
      number: first + i * workers,
      intendedMicroseconds: epochMicroseconds + Math.round((intended[i] ?? 0) * 1e6),
    }));
    // One partition per request and the next one after it, as Kafka's own producer does without keys (KIP-480).
    const batch = { topic, partition, values };
    partition = (partition + 1) % partitions;
    unanswered += 1;
    counts.sent += values.length;
    const sentAt = clock.elapsed();
    for (const moment of intended) sendDelay.record(sentAt - moment);
    void producer.send(batch, { signal: givingUp.signal }).then(
      () => acknowledge(intended),
      (error: unknown) => fail(intended.length, error),
    );
  }

  function acknowledge(intended: readonly number[]): void {
    const now = clock.elapsed();
    for (const moment of intended) latency.record(now - moment);
    counts.acknowledged += intended.length;
    counts.requests += 1;
    counts.bytes += intended.length * payload.messageBytes;
    settle();
  }

  function fail(messages: number, error: unknown): void {
    counts.failed += messages;
    const { code, message } =
      error instanceof AppError ? error : { code: 'broker-refused', message: (error as Error).message };
    errors.add(code, message, messages);
    settle();
  }

  function settle(): void {
    unanswered -= 1;
    wake();
  }

  function wake(): void {
    answered.resolve();
    answered = Promise.withResolvers();
  }

  async function run(): Promise<void> {
    await using timers = new AsyncDisposableStack();
    const after = (moment: number, then: () => void) => {
      const timer = new AbortController();
      timers.defer(() => timer.abort());
      void clock.sleepUntil(moment, timer).then(then, () => {});
    };
    after(pacer.duration + drainSeconds, endPacing);
    await pace().catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    });
    endBlock();
    if (stoppedAt === undefined) dropBefore(pacer.total, `within ${drainSeconds} s after the end of the last step`);
    const reason = new AppError('aborted', `no answer within ${drainSeconds} s after the last message was sent`);
    after(clock.elapsed() + drainSeconds, () => givingUp.abort(reason));
    while (unanswered > 0) await answered.promise;
  }

  function endPacing(): void {
    stopping.abort();
    wake();
  }

  return {
    finished: run(),
    report() {
      const now = clock.elapsed();
      const due = ownOf(pacer.dueBy(Math.min(now, stoppedAt ?? now)));
      const open = blockedSince === undefined ? 0 : now - blockedSince;
      if (blockedSince !== undefined) blockedSince = now;
      const line: JournalLine = {
        kind: 'produced',
        elapsedSeconds: now,
        intervalSeconds: now - reportedAt,
        worker: `producer-${worker}`,
        intended: due - reportedDue,
        ...counts,
        latency: latency.take(),
        sendDelay: sendDelay.take(),
        blockedSeconds: blockedSeconds + open,
        ...takeLoad(),
      };
      const failures = errors.take().map((error) => ({ kind: 'error' as const, elapsedSeconds: now, ...error }));
      Object.assign(counts, { sent: 0, acknowledged: 0, failed: 0, requests: 0, bytes: 0 });
      [reportedAt, reportedDue, blockedSeconds] = [now, due, 0];
      return [line, ...failures];
    },
    stop() {
      stoppedAt ??= clock.elapsed();
      endPacing();
    },
  };
}
