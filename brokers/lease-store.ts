// Defines the store of change leases in a cluster, implemented per broker kind.

import type { AppError } from '../core/errors.ts';
import type { Seconds } from '../core/clock.ts';
import type { Io } from './driver.ts';

/** Reading of one place of the store: the group coordinator of Kafka, or one of RocketMQ's name servers. */
export type LeaseReading =
  { place: string; kind: 'read'; text?: string } | { place: string; kind: 'unreachable'; fault: AppError };

export interface LeaseStore extends AsyncDisposable {
  /**
   * Time after a write, after which no write that was decided earlier can still arrive; 0 if the store refuses such
   * writes. After it, two contenders that both wrote read the same text.
   */
  settle: Seconds;
  /** Reads every place, always in the same order. */
  read(io: Io): Promise<readonly LeaseReading[]>;
  /**
   * Makes this process the only writer, if the store supports it. `occupied`: another process is the writer now.
   * After `entered`, the store refuses writes of processes that entered earlier.
   */
  enter(io: Io): Promise<'entered' | 'occupied'>;
  /** Writes to all places that answer. `fenced`: another process has entered. @throws AppError when none accepted it */
  write(text: string, io: Io): Promise<'written' | 'fenced'>;
  /**
   * Replaces the text of this process, even if the store has dropped the process, and releases what `enter` acquired.
   * @param released returns the text for later owners; undefined for the text of another process
   * @throws AppError when a place does not answer; lease-lost when the text stays because another process has entered
   */
  clear(released: (text: string) => string | undefined, io: Io): Promise<void>;
}
