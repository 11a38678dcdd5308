// Extends and cuts the schedule of a run, and announces it to its threads, which stay open between steps.

import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { untilAborted } from '../../core/clock.ts';
import type { Segment } from '../plan/profiles/profile.ts';
import type { RunClock } from './run-clock.ts';
import type { RunProgress } from '../record/progress.ts';
import type { RunProgressSum } from '../record/run-progress-sum.ts';
import { createSchedule } from './schedule.ts';
import type { StepTarget, StepSummary } from '../record/step-summary.ts';
import type { ProducerThread, Threads } from './threads.ts';

export type Conductor = ReturnType<typeof createConductor>;

/** Inputs of a profile and of a search. */
export interface DrivenLoad {
  conductor: Conductor;
  clock: RunClock;
  warmUpSeconds: number;
  /** Steps that an earlier attempt completed; the journal contains them. */
  firstStep: number;
  record(line: JournalLine): void;
  onProgress(progress: RunProgress): void;
}

interface ConductorTools {
  threads: Threads;
  clock: RunClock;
  fromSeconds: number;
  sum: RunProgressSum;
  record(line: JournalLine): void;
}

/** Lead before a schedule change, so that every worker receives it in time; a thread does within milliseconds. */
const leadSeconds = 0.25;
/** The last reports of a step arrive some milliseconds after it. */
export const reportDelaySeconds = 0.05;
/** Lead before a moved share takes effect, so that old and new owner agree on the first message. */
const adoptSeconds = 0.5;

export function createConductor({ threads, clock, fromSeconds, sum, record }: ConductorTools) {
  const schedule = createSchedule();
  const lost = new Set<string>();
  const owned = new Map(threads.producers.map(({ worker, slots }) => [worker, slots]));
  let cutting = new AbortController();
  let changed = Promise.withResolvers<void>();
  /** Wakes all waiters; the promise is replaced, since a waiter checks once and waits again. */
  const lookAgain = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  threads.onDriven(lookAgain);

  const living = () => threads.producers.filter(({ worker }) => !lost.has(worker));
  const isDriven = () =>
    living().every(({ drivenUntil }) => drivenUntil !== undefined && drivenUntil >= schedule.endSeconds - 1e-9);

  /** Resolves at the moment, or when the load is cut. */
  async function until(moment: number, signal: AbortSignal): Promise<void> {
    const { signal: cut } = cutting;
    await clock.sleepUntil(moment, { signal: AbortSignal.any([signal, cut]) }).catch((error: unknown) => {
      if (signal.aborted || !cut.aborted) throw error;
    });
  }

  return {
    /**
     * Appends segments to the schedule, or starts them shortly if the schedule has ended.
     * @returns start in seconds of the run
     */
    extend(segments: readonly Segment[]): number {
      if (cutting.signal.aborted) cutting = new AbortController();
      const earliest = Math.max(fromSeconds, clock.elapsed() + leadSeconds);
      const isFirst = schedule.stretches.length === 0;
      const atSeconds = isFirst ? fromSeconds : schedule.endSeconds > earliest ? schedule.endSeconds : earliest;
      const extension = { segments, atSeconds, fromNumber: schedule.endNumber };
      schedule.extend(extension);
      threads.tellAll({ kind: 'extend', extension });
      return atSeconds;
    },
    /** Stops all sending and drops what was planned. */
    cut(): void {
      const atSeconds = Math.max(fromSeconds, clock.elapsed());
      schedule.cutAt(atSeconds);
      threads.tellAll({ kind: 'cut', atSeconds });
      cutting.abort(new AppError('aborted', 'the load was stopped early'));
    },
    get isCut(): boolean {
      return cutting.signal.aborted;
    },
    /**
     * Records in the journal when the step begins and ends. Its index counts from 0 over the whole run.
     * @returns the summary of the step; undefined if the load was cut before the step began
     * @throws the signal's reason
     */
    async announce(
      { index, durationSeconds, targetTps, lanes }: StepTarget & { index: number; durationSeconds: number },
      start: number,
      { signal }: Io,
    ): Promise<StepSummary | undefined> {
      await until(start, signal);
      if (cutting.signal.aborted) return undefined;
      record({
        kind: 'step-started',
        elapsedSeconds: start,
        step: index,
        ...defined({ targetTps, lanes }),
        durationSeconds,
      });
      await until(start + durationSeconds, signal);
      const end = cutting.signal.aborted
        ? Math.max(start, Math.min(clock.elapsed(), start + durationSeconds))
        : start + durationSeconds;
      record({ kind: 'step-ended', elapsedSeconds: end, step: index });
      await clock.sleepUntil(end + reportDelaySeconds, { signal });
      return sum.step(index);
    },
    /** Resolves when the schedule has ended and all its messages are answered or given up. */
    async finished({ signal }: Io): Promise<void> {
      await until(schedule.endSeconds, signal);
      while (!isDriven()) await untilAborted(changed.promise, signal);
    },
    /**
     * Waits without load, for at most this time, until consumers have caught up.
     * @returns time taken and remaining lag
     */
    async drain(atMostSeconds: number, { signal }: Io): Promise<{ tookSeconds: number; lagMessages: number }> {
      const start = clock.elapsed();
      const tookSeconds = () => clock.elapsed() - start;
      while (sum.lagMessages() > 0 && tookSeconds() < atMostSeconds) {
        await clock.sleepUntil(clock.elapsed() + 0.1, { signal });
      }
      return { tookSeconds: tookSeconds(), lagMessages: sum.lagMessages() };
    },
    /** Gives the messages of a lost worker to the others. @returns false if no worker is left */
    moveShare({ worker, transactionalId: fences }: ProducerThread): boolean {
      lost.add(worker);
      const heirs = living();
      const slots = owned.get(worker) ?? [];
      if (heirs.length === 0) return false;
      const last = schedule.stretches.at(-1);
      // A closed loop has no planned numbers: the new owners skip numbers that the lost worker may have sent.
      const now = clock.elapsed();
      const fromNumber = last?.kind === 'rate' ? last.pacer.dueBy(now + adoptSeconds) : schedule.unreachedAt(now);
      // All end its transaction, since a machine is lost with several workers, one after the other.
      for (const [turn, heir] of heirs.entries()) {
        const share = slots.filter((_, index) => index % heirs.length === turn);
        owned.set(heir.worker, [...(owned.get(heir.worker) ?? []), ...share]);
        heir.tell({ kind: 'adopt', slots: share, fromNumber, ...defined({ fences }) });
      }
      // A waiter may be waiting for the lost worker.
      lookAgain();
      return true;
    },
  };
}
