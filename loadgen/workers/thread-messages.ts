// What do the coordinating thread and the traffic threads tell each other?

import type { Acks } from '../../brokers/driver.ts';
import type { FaultCode } from '../../core/errors.ts';
import type { JournalLine } from '../../core/run-bundle.ts';
import type { RateSegment } from '../profiles/profile.ts';
import type { RunOrigin } from '../run-clock.ts';
import type { ConsumeOptions } from './consume.ts';
import type { ProduceOptions } from './produce.ts';

/** Everything a thread needs, as plain data: it opens its own connections. */
export type Assignment = {
  cluster: string;
  /** One entry of `clusters` as it is written in the config file, secrets by reference. */
  config: unknown;
  topic: string;
  /** Moments at which an interval ends, whatever the second: the boundaries of the steps. */
  segments: readonly RateSegment[];
} & (({ role: 'producer'; acks: Acks } & ProduceOptions) | ({ role: 'consumer' } & ConsumeOptions));

export type ToThread =
  | { kind: 'start'; origin: RunOrigin }
  /** A producer sends nothing more and waits for answers; a consumer leaves its group. */
  | { kind: 'stop' };

export type FromThread =
  | { kind: 'ready' }
  | { kind: 'lines'; lines: JournalLine[] }
  | { kind: 'fault'; code: FaultCode; message: string; hint: string }
  | { kind: 'done' };
