// Provides the run's clock, with one origin shared by all threads of the process.

import { systemClock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';

/** The moment 0 of a run, in a form that can be sent to threads. */
export type RunOrigin = ReturnType<typeof chooseOrigin>;

export type RunClock = Omit<ReturnType<typeof createRunClock>, 'setAhead'>;

/** @returns the wall-clock time of moment 0 */
export const startedAtOf = ({ epochMicroseconds }: RunOrigin): string =>
  new Date(epochMicroseconds / 1000).toISOString();

const nano = 1e-9;

/** @param inSeconds how far ahead the load begins, so that every thread receives the origin before */
export function chooseOrigin(inSeconds: number, fromSeconds = 0) {
  const ahead = inSeconds - fromSeconds;
  return {
    /** process.hrtime is shared by all threads; performance.now starts at 0 in each. */
    nanoseconds: process.hrtime.bigint() + BigInt(Math.round(ahead / nano)),
    epochMicroseconds: Math.round((systemClock.now().getTime() + ahead * 1000) * 1000),
    /** When the load begins, in seconds of the run: 0, or where an interrupted run continues. */
    fromSeconds,
  };
}

export function createRunClock({ nanoseconds }: RunOrigin) {
  const atOrigin = systemClock.monotonic() - Number(process.hrtime.bigint() - nanoseconds) * nano;
  let ahead = 0;
  let latest = -Infinity;
  const now = () => systemClock.monotonic() - atOrigin - ahead;
  return {
    /** Seconds since the run started; negative before, and never less than it was. */
    elapsed: (): number => (latest = Math.max(latest, now())),
    /**
     * Of a thread on another machine, whose clock goes a little faster or slower than that of the coordinator: how far it has come
     * ahead since the origin was sent, in seconds; not added to earlier values. Time does not advance where that is more than before.
     */
    setAhead: (given: number): void => void (ahead = given),
    /** Resolves at `moment` or a little later; rejects with the signal's reason when aborted. */
    async sleepUntil(moment: number, { signal }: { signal: AbortSignal }): Promise<void> {
      signal.throwIfAborted();
      const left = moment - now();
      if (left > 0) await systemClock.sleep(seconds(left), { signal });
    },
  };
}

/** Calls the function after each second, until the signal aborts, which rejects. A second that the work before has passed is left out. @param phase seconds after each */
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
