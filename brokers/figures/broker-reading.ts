// Defines what is read of one broker at one moment: counters since its start, and values of the moment.

import type { BrokerFigures } from '../../core/documents/evidence/broker-figures.ts';
import type { Io } from '../driver.ts';

/** Each grows from the start of the broker and falls only when it restarts. */
export type CounterName =
  | 'messagesIn'
  | 'messagesOut'
  | 'bytesIn'
  | 'bytesOut'
  | 'replicationBytesIn'
  | 'replicationBytesOut'
  | 'produceRequests'
  | 'fetchRequests'
  /** Time produce requests waited for a handler. */
  | 'produceQueueSeconds'
  /** Produce and fetch requests whose throttle time is counted, and that time. */
  | 'throttleRequests'
  | 'throttleSeconds'
  /** Mean of the request handler threads. */
  | 'handlerIdleSeconds'
  /** Collections that stopped all threads, and their time. */
  | 'pauses'
  | 'pauseSeconds'
  | 'flushes'
  | 'flushSeconds';

export type BrokerCounters = Partial<Record<CounterName, number>>;

export interface BrokerReading {
  /** Id as in the cluster's description. */
  broker: string;
  /** Such as `jolokia`, `jmx-exporter`, `runtime-info`. */
  source: string;
  /** A different start means that the counters began again. */
  startedAtSeconds?: number;
  counters: BrokerCounters;
  /** What the broker reports of the moment, or averages itself. */
  figures: BrokerFigures;
}

/** Where figures come from. Each source is read separately: one that does not answer delays no other. */
export interface BrokerSource {
  /** What is read, as messages name it: `JMX of broker 1`. */
  name: string;
  /** Of one broker, or of each where the cluster answers for all. @throws AppError as the broker answers */
  read(io: Io): Promise<readonly BrokerReading[]>;
}

/** Reads what each broker reports about itself while a load test runs. */
export interface BrokerWatch extends AsyncDisposable {
  /** Those there are now: RocketMQ brokers come and go. @throws AppError when the cluster does not answer */
  sources(io: Io): Promise<readonly BrokerSource[]>;
}
