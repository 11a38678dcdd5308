// Provides the run's clock, with one origin shared by all threads of the process.

import { seconds, systemClock } from '../../core/clock.ts';

/** Time zero of a run, in a form that can be sent to threads. */
export type RunOrigin = ReturnType<typeof chooseOrigin>;

export type RunClock = Omit<ReturnType<typeof createRunClock>, 'setAhead'>;

/** @returns the wall-clock time of time zero */
export const startedAtOf = ({ epochMicroseconds }: RunOrigin): string =>
  new Date(epochMicroseconds / 1000).toISOString();

const nano = 1e-9;

/** @param inSeconds lead before the load begins, so that every thread receives the origin before it */
export function chooseOrigin(inSeconds: number, fromSeconds = 0) {
  const ahead = inSeconds - fromSeconds;
  return {
    /** From process.hrtime, which all threads share; performance.now starts at 0 in each thread. */
    nanoseconds: process.hrtime.bigint() + BigInt(Math.round(ahead / nano)),
    epochMicroseconds: Math.round((systemClock.now().getTime() + ahead * 1000) * 1000),
    /** Start of the load in seconds of the run: 0, or where an interrupted run continues. */
    fromSeconds,
  };
}

export function createRunClock({ nanoseconds }: RunOrigin) {
  const atOrigin = systemClock.monotonic() - Number(process.hrtime.bigint() - nanoseconds) * nano;
  let ahead = 0;
  let latest = -Infinity;
  const now = () => systemClock.monotonic() - atOrigin - ahead;
  return {
    /** Seconds since the run started; negative before the start; never decreases. */
    elapsed: (): number => (latest = Math.max(latest, now())),
    /**
     * Sets how far the clock of this thread's machine has gained on the coordinator's since the origin was sent, in
     * seconds; replaces earlier values. When it grows, time pauses instead of going backwards.
     */
    setAhead: (given: number): void => void (ahead = given),
    /** Resolves at `moment` or slightly later; rejects with the signal's reason when aborted. */
    async sleepUntil(moment: number, { signal }: { signal: AbortSignal }): Promise<void> {
      signal.throwIfAborted();
      const left = moment - now();
      if (left > 0) await systemClock.sleep(seconds(left), { signal });
    },
  };
}

/**
 * Calls the function after each second until the signal aborts, which rejects. Skips seconds that passed during the
 * previous call.
 * @param phase seconds after each full second
 */
export async function everySecond(
  clock: RunClock,
  phase: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (let second = Math.max(0, Math.ceil(clock.elapsed())); ;) {
    await clock.sleepUntil(second + phase, { signal });
    await work();
    second = Math.max(second + 1, Math.ceil(clock.elapsed() - phase));
  }
}
