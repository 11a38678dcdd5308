// Waits, in a rollback, until the cluster is as the next step back needs it.

import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import { seconds, type Seconds } from '../../core/units.ts';
import { untilApplied } from '../change/until-applied.ts';

const atAbort = {
  pause: seconds(2),
  code: 'change-stopped',
  hint: 'correct the cause, then run --abort again',
  text: (missing: string, patience: Seconds) => `the rollback stopped after ${patience} s: ${missing}`,
} as const;

/** @param missing what is not yet as it has to be. @throws AppError change-stopped with the last of these */
export const until = (
  { clock, patienceSeconds }: { clock: Clock; patienceSeconds: number },
  io: Io,
  missing: () => Promise<string | undefined>,
): Promise<void> => untilApplied({ clock, patience: seconds(patienceSeconds), ...atAbort }, io, missing);
