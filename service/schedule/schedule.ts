// Defines jobs and the schedule, which service/schedule/run-jobs.ts runs.

import type { Seconds } from '../../core/units.ts';

export interface Job {
  /** `analysis`, `forecast`, `grading`: few, a label of metrics. */
  name: string;
  /** Absent for what concerns the whole fleet. */
  cluster?: string;
  every: Seconds;
  /** Until its first turn, where what it makes is still fresh. */
  firstAfter?(): Seconds;
  /** After a turn, until the next one where that is nearer than `every`: what the turn saw is about to change. */
  nextAfter?(): Seconds | undefined;
  /** Of each of several services; others have their turn at the leader only. */
  isOfEachInstance?: true;
  /** Costs next to nothing here, however long it waits for others. */
  isLight?: true;
  /** Resolves to a message for the log; an AppError is logged with its message, and the next turn runs as usual. */
  run(io: { signal: AbortSignal }): Promise<string | undefined>;
}

export interface JobState {
  name: string;
  cluster?: string;
  isRunning: boolean;
  lastEnd?: { at: Date; durationSeconds: number; failure?: string; failureZh?: string };
  lastSuccessAt?: Date;
}

export interface Schedule {
  states(): readonly JobState[];
  /**
   * At the next moment, before its turn; asked again while it waits or runs is asked once.
   *
   * @returns false when there is no such job
   */
  ask(name: string, cluster?: string): boolean;
}
