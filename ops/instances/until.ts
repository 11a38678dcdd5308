// Waits, in a rollback, until the cluster is ready for the next rollback step.

import type { Io } from '../../brokers/driver.ts';
import { type Clock, seconds, type Seconds } from '../../core/clock.ts';
import { untilApplied } from '../change/until-applied.ts';

const atAbort = {
  pause: seconds(2),
  code: 'change-stopped',
  hint: 'correct the cause, then run --abort again',
  text: (missing: string, patience: Seconds) => `the rollback stopped after ${patience} s: ${missing}`,
} as const;

/** @param missing returns what is not ready yet. @throws AppError change-stopped with its last text */
export const until = (
  { clock, patienceSeconds }: { clock: Clock; patienceSeconds: number },
  io: Io,
  missing: () => Promise<string | undefined>,
): Promise<void> => untilApplied({ clock, patience: seconds(patienceSeconds), ...atAbort }, io, missing);
