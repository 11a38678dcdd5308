// Defines the options and tools of a producing worker.

import type { TrafficProducer } from '../../../brokers/driver.ts';
import type { RunClock } from '../run-clock.ts';
import type { Schedule } from '../schedule.ts';
import type { ThreadLoad } from './thread-load.ts';
import type { ProducerAssignment } from './thread-messages.ts';
import type { ThrottleCount } from './throttle-count.ts';

/** Limit for a broker to end the transactions of a stopped run. */
export const endTransactionsSeconds = 10;

export type ProduceOptions = Omit<ProducerAssignment, 'cluster' | 'config' | 'role'>;

export interface ProduceTools {
  schedule: Schedule;
  producer: TrafficProducer;
  clock: RunClock;
  epochMicroseconds: number;
  /** Start of the load, in seconds of the run. */
  fromSeconds: number;
  takeLoad: () => ThreadLoad;
  /** Counts throttling reported by the producer. */
  throttling: ThrottleCount;
  /** Called when all messages due until then are answered or given up, and nothing later is planned yet. */
  onDriven: (untilSeconds: number) => void;
}
