// Extends, cuts and announces the schedule of threads that stay open between steps.

import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { untilAborted } from '../../core/abort.ts';
import type { Segment } from '../plan/profiles/profile.ts';
import type { RunClock } from './run-clock.ts';
import type { RunProgress } from '../record/progress.ts';
import type { RunProgressSum } from '../record/run-progress-sum.ts';
import { createSchedule } from './schedule.ts';
import type { StepTarget, StepSummary } from '../record/step-summary.ts';
import type { ProducerThread, Threads } from './threads.ts';

export type Conductor = ReturnType<typeof createConductor>;

/** What a profile and a search are driven with. */
export interface DrivenLoad {
  conductor: Conductor;
  clock: RunClock;
  warmUpSeconds: number;
  /** Steps that an earlier attempt drove to their end: the journal has them. */
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

/** Ahead of what is due, so that every worker hears of it in time; a thread does within a few milliseconds. */
const leadSeconds = 0.25;
/** The last reports of a step are on their way for some milliseconds. */
export const reportDelaySeconds = 0.05;
/** Ahead of the messages of a share that moves, so that both ends agree on the first one. */
const adoptSeconds = 0.5;

export function createConductor({ threads, clock, fromSeconds, sum, record }: ConductorTools) {
  const schedule = createSchedule();
  const lost = new Set<string>();
  const owned = new Map(threads.producers.map(({ worker, slots }) => [worker, slots]));
  let cutting = new AbortController();
  let changed = Promise.withResolvers<void>();
  /** Renewed each time: a waiter checks once, and waits again. */
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
    /** More of the schedule, at its end or, when that is past, in a moment. @returns where it starts, in seconds of the run */
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
    /** Nothing more is sent by anybody, and what was planned is forgotten. */
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
     * Says in the journal when the step begins and ends. Its index counts from 0, over the whole run.
     * @returns what it came to; undefined when the load was cut before it began @throws the signal's reason
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
    /** Resolves when everything planned is over, and answered or given up. */
    async finished({ signal }: Io): Promise<void> {
      await until(schedule.endSeconds, signal);
      while (!isDriven()) await untilAborted(changed.promise, signal);
    },
    /** Waits, without load, until consumers caught up, at most so long. @returns how long it took, and what they still lack */
    async drain(atMostSeconds: number, { signal }: Io): Promise<{ tookSeconds: number; lagMessages: number }> {
      const start = clock.elapsed();
      const tookSeconds = () => clock.elapsed() - start;
      while (sum.lagMessages() > 0 && tookSeconds() < atMostSeconds) {
        await clock.sleepUntil(clock.elapsed() + 0.1, { signal });
      }
      return { tookSeconds: tookSeconds(), lagMessages: sum.lagMessages() };
    },
    /** Gives the messages of a worker that is gone to the others. @returns false when there is none */
    moveShare({ worker }: ProducerThread): boolean {
      lost.add(worker);
      const heirs = living();
      const slots = owned.get(worker) ?? [];
      if (heirs.length === 0) return false;
      const last = schedule.stretches.at(-1);
      // In a closed loop numbers are not planned: the heirs skip those that the lost worker may have sent.
      const now = clock.elapsed();
      const fromNumber = last?.kind === 'rate' ? last.pacer.dueBy(now + adoptSeconds) : schedule.unreachedAt(now);
      for (const [turn, heir] of heirs.entries()) {
        const share = slots.filter((_, index) => index % heirs.length === turn);
        owned.set(heir.worker, [...(owned.get(heir.worker) ?? []), ...share]);
        heir.tell({ kind: 'adopt', slots: share, fromNumber });
      }
      // It may have been the one that was waited for.
      lookAgain();
      return true;
    },
  };
}
