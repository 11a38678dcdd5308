// Defines the options and the interface of a producing worker.

import type { TrafficProducer } from '../../../brokers/driver.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { RunClock } from '../run-clock.ts';
import type { Schedule } from '../schedule.ts';
import type { ThreadLoad } from './thread-load.ts';
import type { ProducerAssignment } from './thread-messages.ts';
import type { ThrottleCount } from './throttle-count.ts';

/** How long a broker may take to end the transactions of a run that is stopped. */
export const endTransactionsSeconds = 10;

export type ProduceOptions = Omit<ProducerAssignment, 'cluster' | 'config' | 'role'>;

export interface ProduceTools {
  schedule: Schedule;
  producer: TrafficProducer;
  clock: RunClock;
  epochMicroseconds: number;
  /** When the load begins, in seconds of the run. */
  fromSeconds: number;
  takeLoad: () => ThreadLoad;
  /** Listens to the producer. */
  throttling?: ThrottleCount;
  /** Everything due until then was answered or given up, and nothing later is planned so far. */
  onDriven?: (untilSeconds: number) => void;
}

export interface Production {
  /** What happened since the last call. */
  report(): JournalLine[];
  /** The schedule has grown. */
  extended(): void;
  /** Nothing planned is due after this moment; what was due and is not sent is given up. */
  cut(atSeconds: number): void;
  /** Sends the messages of these slots too, from that number on or from where it is, whichever is later. */
  adopt(slots: readonly number[], fromNumber: number): void;
  /** Resolves after `stop`, when what was sent is answered or given up. */
  readonly finished: Promise<void>;
  /** Sends nothing more, and waits for what is unanswered. */
  stop(): void;
}
