// Holds state shared by the send loops of a worker: the next number, and waits that a schedule change ends early.

import { notSentCode } from '../../../core/documents/run-bundle.ts';
import { endOfWait } from '../../../core/errors.ts';
import type { ErrorCount } from '../../record/error-count.ts';
import type { RunClock } from '../run-clock.ts';
import type { Schedule } from '../schedule.ts';
import type { createOutgoingMaker } from './outgoing.ts';
import type { ProductionCounts } from './production-counts.ts';
import type { ProduceOptions } from './production.ts';
import type { createSends } from './sends.ts';
import { createWorkerNumbers } from './worker-numbers.ts';

export interface Pacing {
  clock: RunClock;
  maker: ReturnType<typeof createOutgoingMaker>;
  epochNow(): number;
  sends: ReturnType<typeof createSends>;
  unsent: ReturnType<typeof createUnsent>;
  waits: ReturnType<typeof createWaits>;
}

/** Limit for sending late messages after the end, and for unanswered requests of a stopped run. */
export const drainSeconds = 5;

export function createUnsent(
  { slots, slotCount }: Pick<ProduceOptions, 'slots' | 'slotCount'>,
  { counts, errors }: { counts: Pick<ProductionCounts, 'dropped'>; errors: Pick<ErrorCount, 'add'> },
) {
  const own = createWorkerNumbers(slots, slotCount);
  let next = 0;
  return {
    /** Smallest own number that was neither sent nor given up. */
    get next() {
      return next;
    },
    startAt: (n: number) => void (next = own.atOrAfter(Math.max(next, n))),
    advance: () => void (next = own.atOrAfter(next + 1)),
    lanesOf: (lanes: number) => own.lanesOf(lanes, next),
    adopt: (more: readonly number[], fromNumber: number) => own.adopt(more, Math.max(fromNumber, next)),
    dropBefore(bound: number, when: string): void {
      const dropped = own.count(next, bound);
      if (dropped <= 0) return;
      next = own.atOrAfter(bound);
      counts.dropped(dropped);
      errors.add({ code: notSentCode, message: `the message could not be sent ${when}`, count: dropped });
    },
    /** Counts own messages due by that moment; excludes closed loops, which count messages when sent. */
    dueUntil: (stretches: Schedule['stretches'], moment: number) =>
      stretches.reduce(
        (sum, stretch) =>
          stretch.kind === 'lanes' ? sum : sum + own.count(stretch.pacer.first, stretch.pacer.dueBy(moment)),
        0,
      ),
  };
}

/** @param wake ends waits for responses */
export function createWaits(schedule: Pick<Schedule, 'endSeconds'>, clock: RunClock, wake: () => void) {
  const stopping = new AbortController();
  /** Aborted when the schedule or the worker's slots change, to wake sleeping loops. */
  let change = new AbortController();
  let overTimer = new AbortController();
  return {
    stopped: stopping.signal,
    get changed() {
      return change.signal;
    },
    isOver: () => clock.elapsed() >= schedule.endSeconds + drainSeconds,
    /** @returns false if the schedule changed during the wait */
    async hasSleptUntil(moment: number): Promise<boolean> {
      stopping.signal.throwIfAborted();
      const { signal } = change;
      return clock.sleepUntil(moment, { signal }).then(
        () => !stopping.signal.aborted,
        (error: unknown) => {
          if (!signal.aborted) throw error;
          return false;
        },
      );
    },
    change(): void {
      const before = change;
      change = new AbortController();
      before.abort();
      overTimer.abort();
      overTimer = new AbortController();
      // Notifies waiting sends that the drain has ended.
      void clock.sleepUntil(schedule.endSeconds + drainSeconds, overTimer).then(wake, endOfWait);
      wake();
    },
    stop: () => stopping.abort(),
    end: () => overTimer.abort(),
  };
}
