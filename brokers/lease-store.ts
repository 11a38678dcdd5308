// Defines the store of change leases in a cluster, implemented per broker kind.

import type { AppError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';
import type { Io } from './driver.ts';

/** One place of the store: the group coordinator of Kafka, or one of RocketMQ's name servers. */
export type LeaseReading =
  { place: string; kind: 'read'; text?: string } | { place: string; kind: 'unreachable'; fault: AppError };

export interface LeaseStore extends AsyncDisposable {
  /**
   * How long after a write no write that was decided before it can still arrive; 0 where the store itself refuses those.
   * Two contenders that both wrote read the same after it.
   */
  settle: Seconds;
  /** Every place, in the same order each time. */
  read(io: Io): Promise<readonly LeaseReading[]>;
  /**
   * Makes this process the only writer, if the store supports it. `occupied`: another process is the writer now.
   * Once it returns `entered`, a write of a process that had entered before is refused.
   */
  enter(io: Io): Promise<'entered' | 'occupied'>;
  /** To every place that answers. `fenced`: another process has entered since. @throws AppError when no place took it */
  write(text: string, io: Io): Promise<'written' | 'fenced'>;
  /**
   * Removes what is own, also after the store has dropped this process, and gives up what `enter` took.
   * @throws AppError when a place does not answer; lease-lost when what is own stays because another process has entered
   */
  clear(isOwn: (text: string) => boolean, io: Io): Promise<void>;
}
