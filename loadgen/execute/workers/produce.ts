// Sends due messages on time or late, never skipping one silently, and counts what could not be sent.

import type { TrafficProducer } from '../../../brokers/driver.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { endOfWait } from '../../../core/ignore-fault.ts';
import { createSendRecorder, type SendRecorder } from '../../delivery/send-recorder.ts';
import { createErrorCount, transactionLeftOpen, type ErrorCount } from '../../record/error-count.ts';
import type { ClosedLoopStretch } from '../schedule.ts';
import { createOutgoingMaker } from './outgoing.ts';
import { createRatePace } from './pace-rate.ts';
import { createUnsent, createWaits, drainSeconds, type Pacing } from './pacing.ts';
import { createProductionCounts, type ProductionCounts } from './production-counts.ts';
import { endTransactionsSeconds, type ProduceOptions, type ProduceTools } from './production.ts';
import { createSends } from './sends.ts';

/** A lane whose send failed is not free at once: a broker that is gone refuses a million a second. */
const failedSenderSeconds = 0.1;

export function startProduction(options: ProduceOptions, tools: ProduceTools) {
  const { schedule, producer, clock, epochMicroseconds, onDriven } = tools;
  const maker = createOutgoingMaker(options, epochMicroseconds, (topic) => producer.partitions?.(topic));
  const counts = createProductionCounts(options.topics);
  const book = options.ledger ? createSendRecorder(options) : undefined;
  const errors = createErrorCount();
  const isSingle = options.producer.requests === 'single';
  const sends = createSends({ producer, isSingle, counts, book, errors, clock });
  const unsent = createUnsent(options, { counts, errors });
  const waits = createWaits(schedule, clock, sends.wake);
  const epochNow = () => epochMicroseconds + clock.elapsed() * 1e6;
  const pacing: Pacing = { clock, maker, epochNow, sends, unsent, waits };
  const rate = createRatePace(options, pacing);
  const lanes = createLanePace(pacing);
  /** The stretch in which the next number is looked for. */
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
    // Consumers of committed messages would wait for the timeout of one that stays open.
    await endTransactions(producer, errors);
  }

  async function pace(): Promise<void> {
    for (;;) {
      waits.stopped.throwIfAborted();
      at = Math.min(at, schedule.stretches.length);
      const stretch = schedule.stretches[at];
      if (stretch?.kind === 'rate') await rate.pace(stretch.pacer);
      else if (stretch !== undefined) await lanes.pace(stretch);
      // The last stretch may still grow, or be followed.
      if (at + 1 < schedule.stretches.length) at += 1;
      else await rest();
    }
  }

  /** All that is planned was sent: its answers are waited for, then more of the schedule. */
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
    /** Resolves after `stop`, when what was sent is answered or given up. */
    finished: run(),
    /** The schedule has grown. */
    extended: waits.change,
    /** Nothing planned is due after this moment; what was due and is not sent is given up. */
    cut(atSeconds: number): void {
      // Heard of late, it takes nothing back that was sent.
      schedule.cutAt(Math.max(atSeconds, clock.elapsed()));
      for (const stretch of schedule.stretches.slice(at)) {
        if (stretch.kind === 'lanes') continue;
        unsent.startAt(stretch.pacer.first);
        unsent.dropBefore(stretch.pacer.dueBy(clock.elapsed()), 'before the load was stopped early');
      }
      waits.change();
    },
    /** Sends the messages of these slots too, from that number on or from where it is, whichever is later. */
    adopt(more: readonly number[], fromNumber: number): void {
      unsent.adopt(more, fromNumber);
      if (schedule.stretches[at]?.kind === 'lanes') unsent.startAt(fromNumber);
      book?.adopt(more);
      waits.change();
    },
    /** What happened since the last call. */
    report: createReport(options.worker, tools, { dueAt, rate, counts, book, errors }),
    /** Sends nothing more, and waits for what is unanswered. */
    stop(): void {
      stoppedAt ??= clock.elapsed();
      waits.stop();
      waits.change();
    },
  };
}

/** Closed loop: a lane sends as soon as its last message was answered, and that moment is when the next one is due. */
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

/** @returns a function that gives what happened since its last call */
function createReport(
  worker: number,
  { clock, fromSeconds, takeLoad, throttling }: ProduceTools,
  parts: {
    /** Own messages that were due by now. */
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

/** Waits until all that was sent is answered, or given up after so many seconds. */
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
