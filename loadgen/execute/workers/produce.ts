// Sends due messages on time or late, never skips one silently, and counts those that could not be sent.

import type { TrafficProducer } from '../../../brokers/driver.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { endOfWait } from '../../../core/errors.ts';
import { sendsSingly } from '../../plan/workload/broker-fit.ts';
import { createSendRecorder, type SendRecorder } from '../../delivery/send-recorder.ts';
import { createErrorCount, transactionLeftOpen, type ErrorCount } from '../../record/error-count.ts';
import type { ClosedLoopStretch } from '../schedule.ts';
import { createOutgoingMaker } from './outgoing.ts';
import { createRatePace } from './pace-rate.ts';
import { createUnsent, createWaits, drainSeconds, type Pacing } from './pacing.ts';
import { createProductionCounts, type ProductionCounts } from './production-counts.ts';
import { endTransactionsSeconds, type ProduceOptions, type ProduceTools } from './production.ts';
import { createSends } from './sends.ts';

/** Pause of a sender after a failed send: a broker that is gone refuses a million sends per second. */
const failedSenderSeconds = 0.1;

export function startProduction(options: ProduceOptions, tools: ProduceTools) {
  const { schedule, producer, clock, epochMicroseconds, onDriven } = tools;
  const maker = createOutgoingMaker(options, epochMicroseconds, (topic) => producer.partitions?.(topic));
  const counts = createProductionCounts(options.topics);
  const book = options.sending.ledger ? createSendRecorder(options) : undefined;
  const errors = createErrorCount();
  const isSingle = sendsSingly(options.sending, options.broker);
  const sends = createSends({ producer, isSingle, counts, book, errors, clock });
  const unsent = createUnsent(options, { counts, errors });
  const waits = createWaits(schedule, clock, sends.wake);
  const epochNow = () => epochMicroseconds + clock.elapsed() * 1e6;
  const pacing: Pacing = { clock, maker, epochNow, sends, unsent, waits };
  const rate = createRatePace(options, pacing);
  const lanes = createLanePace(pacing);
  /** Index of the stretch that contains the next number. */
  let at = 0;
  let drivenUntil: number | undefined;
  let stoppedAt: number | undefined;

  async function run(): Promise<void> {
    await pace().catch((error: unknown) => {
      if (!waits.stopped.aborted) throw error;
    });
    lanes.close();
    rate.blocked.end();
    waits.end();
    if (sends.unanswered > 0) await drain(sends, drainSeconds);
    // An open transaction would block consumers of committed messages until it times out.
    await endTransactions(producer, errors);
  }

  async function pace(): Promise<void> {
    for (;;) {
      waits.stopped.throwIfAborted();
      at = Math.min(at, schedule.stretches.length);
      const stretch = schedule.stretches[at];
      if (stretch?.kind === 'rate') await rate.pace(stretch.pacer);
      else if (stretch !== undefined) await lanes.pace(stretch);
      // The last stretch may still be extended, or followed by another.
      if (at + 1 < schedule.stretches.length) at += 1;
      else await rest();
    }
  }

  /** Waits for responses to all planned messages, then for more of the schedule. */
  async function rest(): Promise<void> {
    const { changed } = waits;
    const isOver = () => changed.aborted || waits.stopped.aborted;
    if (sends.unanswered > 0) await drain(sends, options.answerSeconds, isOver);
    if (!changed.aborted && schedule.stretches.length > 0 && drivenUntil !== schedule.endSeconds) {
      drivenUntil = schedule.endSeconds;
      onDriven(drivenUntil);
    }
    while (!isOver()) await sends.answer();
  }

  const dueAt = (now: number) => lanes.started() + unsent.dueUntil(schedule.stretches, Math.min(now, stoppedAt ?? now));
  return {
    /** Resolves after `stop`, when all sent messages are answered or given up. */
    finished: run(),
    /** Called when the schedule was extended. */
    extended: waits.change,
    /** Drops messages planned after this moment, and gives up due messages that are not sent yet. */
    cut(atSeconds: number): void {
      // A late notification cannot undo messages already sent.
      schedule.cutAt(Math.max(atSeconds, clock.elapsed()));
      for (const stretch of schedule.stretches.slice(at)) {
        if (stretch.kind === 'lanes') continue;
        unsent.startAt(stretch.pacer.first);
        unsent.dropBefore(stretch.pacer.dueBy(clock.elapsed()), 'before the load was stopped early');
      }
      waits.change();
    },
    /** Also sends the messages of these slots, from that number or the current one, whichever is later. */
    adopt(more: readonly number[], fromNumber: number): void {
      unsent.adopt(more, fromNumber);
      if (schedule.stretches[at]?.kind === 'lanes') unsent.startAt(fromNumber);
      book?.adopt(more);
      waits.change();
    },
    /** @returns the events since the last call */
    report: createReport(options.worker, tools, { dueAt, rate, counts, book, errors }),
    /** Stops sending and waits for unanswered messages. */
    stop(): void {
      stoppedAt ??= clock.elapsed();
      waits.stop();
      waits.change();
    },
  };
}

/** Closed loop: a sender sends when its last message is acknowledged; that moment is the due time of the next one. */
function createLanePace({ clock, maker, epochNow, sends, unsent, waits }: Pacing) {
  let open: ClosedLoopStretch | undefined;
  let busy = 0;
  let started = 0;

  async function pace(stretch: ClosedLoopStretch): Promise<void> {
    unsent.startAt(stretch.first);
    while (!(await waits.hasSleptUntil(stretch.start)) && clock.elapsed() < stretch.end) waits.stopped.throwIfAborted();
    open = stretch;
    for (let freedAt = stretch.start; clock.elapsed() < stretch.end; freedAt = clock.elapsed()) {
      while (busy < unsent.lanesOf(stretch.lanes)) start(freedAt);
      await waits.hasSleptUntil(stretch.end);
    }
    open = undefined;
  }

  function start(freedAt: number): void {
    const number = unsent.next;
    unsent.advance();
    busy += 1;
    started += 1;
    const [outgoing] = maker.make({ numbers: [number], intended: [freedAt] }, epochNow());
    if (outgoing === undefined) return;
    void sends.send(outgoing).then(async (isAcknowledged) => {
      const signal = waits.stopped;
      if (!isAcknowledged) await clock.sleepUntil(clock.elapsed() + failedSenderSeconds, { signal }).catch(endOfWait);
      busy -= 1;
      const isOpen = open !== undefined && clock.elapsed() < open.end && !signal.aborted;
      if (isOpen && busy < unsent.lanesOf(open?.lanes ?? 0)) start(clock.elapsed());
    });
  }

  return { pace, started: () => started, close: () => void (open = undefined) };
}

/** @returns a function that reports the events since its last call */
function createReport(
  worker: number,
  { clock, fromSeconds, takeLoad, throttling }: ProduceTools,
  parts: {
    /** Returns how many own messages were due by now. */
    dueAt(now: number): number;
    rate: ReturnType<typeof createRatePace>;
    counts: ProductionCounts;
    book: SendRecorder | undefined;
    errors: ErrorCount;
  },
): () => JournalLine[] {
  let reported = { at: fromSeconds, due: 0 };
  return () => {
    const now = clock.elapsed();
    const due = parts.dueAt(now);
    const load = takeLoad();
    const idle = parts.rate.takeIdleSeconds();
    const throttled = throttling.take();
    const counted = parts.counts.take();
    const ledger = parts.book?.take();
    const line: JournalLine = {
      kind: 'produced',
      elapsedSeconds: now,
      intervalSeconds: now - reported.at,
      worker: `producer-${worker}`,
      intended: due - reported.due,
      ...counted,
      ...(ledger && { ledger }),
      blockedSeconds: parts.rate.blocked.take(now),
      ...(throttled && { throttled }),
      ...load,
      eventLoopUtilisation: Math.max(0, load.eventLoopUtilisation - idle / (now - reported.at)),
      cpuSeconds: Math.max(0, load.cpuSeconds - idle),
    };
    reported = { at: now, due };
    return [line, ...parts.errors.take().map((error) => ({ kind: 'error' as const, elapsedSeconds: now, ...error }))];
  };
}

/** Waits until all sent messages are answered, or given up after this time. */
async function drain(sends: Pacing['sends'], seconds: number, isOver = () => false): Promise<void> {
  const patience = new AbortController();
  sends.giveUpAfter(seconds, patience.signal);
  while (sends.unanswered > 0 && !isOver()) await sends.answer();
  patience.abort();
}

async function endTransactions(producer: TrafficProducer, errors: ErrorCount): Promise<void> {
  try {
    await producer.endTransactions?.({ signal: AbortSignal.timeout(endTransactionsSeconds * 1000) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    errors.add({ code: transactionLeftOpen, message, count: 1 });
  }
}
