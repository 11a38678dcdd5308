// Defines a reading of one broker at one time: counters since its start, and current values.

import type { BrokerFigures } from '../../core/documents/evidence/broker-figures.ts';
import type { Io } from '../driver.ts';

type RateCounter<Name> = Name extends `${infer Counter}PerSecond` ? Counter : never;

/** Counters that grow from the start of the broker, and fall only when it restarts: those of the rates, and others. */
export type CounterName =
  | RateCounter<keyof BrokerFigures>
  /** Time that produce requests waited for a handler. */
  | 'produceQueueSeconds'
  /** Number and throttle time of the produce and fetch requests that report one. */
  | 'throttleRequests'
  | 'throttleSeconds'
  /** Mean idle time of the request handler threads. */
  | 'handlerIdleSeconds'
  /** Garbage collections that stopped all threads, and their time. */
  | 'pauses'
  | 'pauseSeconds';

export type BrokerCounters = Partial<Record<CounterName, number>>;

export interface BrokerReading {
  /** Id as in the cluster's description. */
  broker: string;
  /** Source, such as `jolokia`, `jmx-exporter`, `runtime-info`. */
  source: string;
  /** Start time; a different one means that the counters restarted at 0. */
  startedAtSeconds?: number;
  counters: BrokerCounters;
  /** Current values, and averages that the broker computes. */
  figures: BrokerFigures;
}

/** A source of figures. Each is read separately, so that one that does not answer does not delay the others. */
export interface BrokerSource {
  /** Name for messages: `JMX of broker 1`. */
  name: string;
  /** Reads one broker, or all brokers if the cluster answers for all. @throws AppError as the broker answers */
  read(io: Io): Promise<readonly BrokerReading[]>;
}

/** Reads what each broker reports about itself while a load test runs. */
export interface BrokerWatch extends AsyncDisposable {
  /** Returns the current sources: RocketMQ brokers come and go. @throws AppError when the cluster does not answer */
  sources(io: Io): Promise<readonly BrokerSource[]>;
}
