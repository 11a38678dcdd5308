// Keeps what the loops of a sending worker share: its next number, and waits that a change of its schedule ends early.

import { endOfWait } from '../../../core/ignore-fault.ts';
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

/** How long late messages may take after the end, and unanswered requests of a run that is stopped. */
export const drainSeconds = 5;

export function createUnsent(
  { slots, slotCount }: Pick<ProduceOptions, 'slots' | 'slotCount'>,
  { counts, errors }: { counts: Pick<ProductionCounts, 'dropped'>; errors: Pick<ErrorCount, 'add'> },
) {
  const own = createWorkerNumbers(slots, slotCount);
  let next = 0;
  return {
    /** The smallest own number that was neither sent nor given up. */
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
      errors.add({ code: 'too-late', message: `the message could not be sent ${when}`, count: dropped });
    },
    /** Own messages due by that moment; those of a closed loop are counted as they are sent. */
    dueUntil: (stretches: Schedule['stretches'], moment: number) =>
      stretches.reduce(
        (sum, stretch) =>
          stretch.kind === 'lanes' ? sum : sum + own.count(stretch.pacer.first, stretch.pacer.dueBy(moment)),
        0,
      ),
  };
}

/** @param wake ends the waits for answers */
export function createWaits(schedule: Pick<Schedule, 'endSeconds'>, clock: RunClock, wake: () => void) {
  const stopping = new AbortController();
  /** The schedule or the worker's slots changed: wakes the sleeping loops. */
  let change = new AbortController();
  let overTimer = new AbortController();
  return {
    stopped: stopping.signal,
    get changed() {
      return change.signal;
    },
    isOver: () => clock.elapsed() >= schedule.endSeconds + drainSeconds,
    /** @returns false when the schedule changed meanwhile */
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
      // Waiting sends are notified that the drain is over.
      void clock.sleepUntil(schedule.endSeconds + drainSeconds, overTimer).then(wake, endOfWait);
      wake();
    },
    stop: () => stopping.abort(),
    end: () => overTimer.abort(),
  };
}
