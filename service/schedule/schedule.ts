// Defines jobs and the schedule, which service/schedule/run-jobs.ts runs.

import type { Seconds } from '../../core/clock.ts';

export interface Job {
  /** `analysis`, `forecast`, `grading`: a small set, because it is a metric label. */
  name: string;
  /** Absent for a job that concerns the whole fleet. */
  cluster?: string;
  every: Seconds;
  /** Delay until the first run, if the last result is still fresh. */
  firstAfter?(): Seconds;
  /** Delay until the next run, if shorter than `every`, because the last run saw a state that will soon change. */
  nextAfter?(): Seconds | undefined;
  /** Set if each of several services runs it; other jobs run only on the leader. */
  isOfEachInstance?: true;
  /** Set if it uses almost no CPU here, however long it waits for others. */
  isLight?: true;
  /** Resolves to a message for the log; an AppError is logged with its message, and the next run is on time. */
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
   * Requests a run before its due time; repeated requests while the job waits or runs have no further effect.
   *
   * @returns false if the job does not exist
   */
  ask(name: string, cluster?: string): boolean;
}
