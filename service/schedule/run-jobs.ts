// Runs each job at its interval, a few at a time; failures are logged and do not stop the schedule.

import { type Clock, seconds } from '../../core/clock.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { alwaysLeads, type Leadership } from '../leadership/leadership.ts';
import type { Job, JobState, Schedule } from './schedule.ts';
import { defined } from '../../core/defined.ts';

/** An analysis of a week reads and computes for seconds: those of hundreds of clusters run one after the other. */
const mostAtOnce = 2;
/** A longer check interval would delay jobs by that time. */
const tick = seconds(1);
/** Limit of one run, so that a source that hangs does not block other jobs. */
const longestTurnMs = 10 * 60_000;

export interface RunningSchedule extends Schedule {
  /** Resolves after the signal aborted and running jobs have ended. */
  run(io: { signal: AbortSignal }): Promise<void>;
}

interface Kept {
  job: Job;
  state: JobState;
  /** Time on a monotonic clock. */
  dueAt: number;
}

interface ScheduleParts {
  clock: Clock;
  log: Logger;
  /** Default: a single service. */
  leadership?: Pick<Leadership, 'term'>;
}

/** @param jobs each with a unique pair of `name` and `cluster` */
export function createSchedule(
  jobs: readonly Job[],
  { clock, log, leadership = alwaysLeads }: ScheduleParts,
): RunningSchedule {
  const alike = Map.groupBy(jobs, ({ name }) => name);
  const fieldsOf = ({ name, cluster }: Job) => defined({ job: name, cluster });

  function report(job: Job, cause: unknown, what: string): void {
    if (cause instanceof AppError) {
      log.warn({ ...fieldsOf(job), code: cause.code, reason: cause.message, hint: cause.hint }, what);
    } else log.error({ ...fieldsOf(job), err: cause }, what);
  }

  function waitBefore(job: Job): number {
    try {
      return job.firstAfter?.() ?? 0;
    } catch (cause) {
      report(job, cause, 'cannot read when a job ran last, so it runs now');
      return 0;
    }
  }

  /** Jobs of one kind start at different times, so that hundreds do not run together. */
  const firstDue = (job: Job) => {
    const kind = alike.get(job.name) ?? [job];
    return clock.monotonic() + waitBefore(job) + Math.min(job.every, 60) * (kind.indexOf(job) / kind.length);
  };
  const kept = jobs.map((job): Kept => {
    const { name, cluster } = job;
    return { job, state: { ...defined({ name, cluster }), isRunning: false }, dueAt: firstDue(job) };
  });
  let term = leadership.term();
  let ofTerm = new AbortController();
  let heavy = 0;

  async function turn(each: Kept, io: { signal: AbortSignal }): Promise<void> {
    const { job, state } = each;
    const weighs = job.isLight !== true;
    if (weighs) heavy++;
    state.isRunning = true;
    const start = clock.monotonic();
    // Counted from the start, so that a long run does not delay all later ones.
    each.dueAt = start + job.every;
    let failure: string | undefined;
    let failureZh: string | undefined;
    try {
      const outcome = await job.run({ signal: AbortSignal.any([io.signal, AbortSignal.timeout(longestTurnMs)]) });
      if (outcome !== undefined) log.info(fieldsOf(job), outcome);
    } catch (cause) {
      if (io.signal.aborted) return;
      failure = cause instanceof Error ? cause.message : String(cause);
      failureZh = cause instanceof AppError ? cause.messageZh : undefined;
      // A repeated message is not logged again.
      if (state.lastEnd?.failure !== failure) report(job, cause, 'a job failed');
    } finally {
      if (weighs) heavy--;
      state.isRunning = false;
    }
    // After an abort, the instance that leads now reports the outcome.
    if (io.signal.aborted) return;
    const at = clock.now();
    state.lastEnd = { at, durationSeconds: clock.monotonic() - start, ...defined({ failure, failureZh }) };
    if (failure === undefined) state.lastSuccessAt = at;
    const soon = job.nextAfter?.();
    if (soon !== undefined) each.dueAt = Math.min(each.dueAt, clock.monotonic() + soon);
  }

  /** Resets jobs after a change of leadership; due times follow from the recorded results. */
  function changeOver(): void {
    ofTerm.abort(new AppError('leadership-lost', 'another instance runs the scheduled jobs'));
    ofTerm = new AbortController();
    for (const each of kept.filter(({ job }) => job.isOfEachInstance !== true)) {
      delete each.state.lastEnd;
      delete each.state.lastSuccessAt;
      if (term !== undefined) each.dueAt = firstDue(each.job);
    }
  }

  return {
    states: () => kept.map(({ state }) => ({ ...state })),
    ask(name, cluster) {
      const job = kept.find(({ state }) => state.name === name && state.cluster === cluster);
      if (job === undefined) return false;
      if (!job.state.isRunning) job.dueAt = clock.monotonic();
      return true;
    },
    async run({ signal }) {
      const turns = new Set<Promise<void>>();
      while (!signal.aborted) {
        const before = term;
        term = leadership.term();
        if (term !== before) changeOver();
        const now = clock.monotonic();
        const mayRun = ({ job, state }: Kept) =>
          !state.isRunning && (term !== undefined || job.isOfEachInstance === true);
        const due = kept.filter((each) => each.dueAt <= now && mayRun(each));
        for (const each of due.toSorted((a, b) => a.dueAt - b.dueAt)) {
          if (each.job.isLight !== true && heavy >= mostAtOnce) continue;
          const ending = each.job.isOfEachInstance === true ? signal : AbortSignal.any([signal, ofTerm.signal]);
          const one = turn(each, { signal: ending }).finally(() => turns.delete(one));
          turns.add(one);
        }
        await clock.sleep(tick, { signal }).catch(endOfWait);
      }
      await Promise.allSettled(turns);
    },
  };
}
