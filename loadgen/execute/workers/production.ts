// Defines the options and tools of a producing worker.

import type { TrafficProducer } from '../../../brokers/driver.ts';
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
  throttling: ThrottleCount;
  /** Everything due until then was answered or given up, and nothing later is planned so far. */
  onDriven: (untilSeconds: number) => void;
}
