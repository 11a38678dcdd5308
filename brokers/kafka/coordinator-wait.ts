// Retries a request while the group coordinator is being elected or loads its log.

import { seconds, systemClock } from '../../core/clock.ts';
import type { Io } from '../driver.ts';
import { kafkaErrorOf } from './errors.ts';

const pause = seconds(0.2);
const attempts = 50;

export const coordinatorErrors: ReadonlySet<string> = new Set([
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
]);

/** Repeats a request while the coordinator is not ready. @throws the error of the last attempt */
export async function onceCoordinated<Value>(io: Io, request: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (cause) {
      if (attempt === attempts || !coordinatorErrors.has(kafkaErrorOf(cause)?.name ?? '')) throw cause;
      await systemClock.sleep(pause, io);
    }
  }
}
