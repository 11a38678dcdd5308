// Defines the messages between coordinator and workers: plain data, the same for threads and machines.

import type { BrokerKind } from '../../../core/cluster.ts';
import type { FaultCode } from '../../../core/errors.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { RunOrigin } from '../run-clock.ts';
import type { Extension } from '../schedule.ts';
import type { ConsumeOptions } from './consume.ts';
import type { ProduceOptions } from './production.ts';

/** Everything a worker needs: it opens its own connections. */
export type Assignment = ProducerAssignment | ConsumerAssignment;

interface ClusterAccess {
  cluster: string;
  broker: BrokerKind;
  /** One entry of `clusters` as it is written in the config file, secrets by reference. */
  config: unknown;
}

export interface ProducerAssignment extends ClusterAccess, ProduceOptions {
  role: 'producer';
}

export interface ConsumerAssignment extends ClusterAccess, ConsumeOptions {
  role: 'consumer';
}

export type ToThread =
  | { kind: 'start'; origin: RunOrigin }
  /** More of the schedule; the same to every worker. */
  | { kind: 'extend'; extension: Extension }
  /** Nothing planned is due after this moment. */
  | { kind: 'cut'; atSeconds: number }
  /** A producer takes over the messages of these slots, from this number on. */
  | { kind: 'adopt'; slots: readonly number[]; fromNumber: number }
  /** A stopped consumer leaves its group and joins it again when it continues. */
  | { kind: 'consume'; group: string; paused: boolean }
  /** How far the clock of this machine is ahead of the one that times messages. */
  | { kind: 'clock-offset'; offsetSeconds: number }
  /** A producer sends nothing more and waits for answers; a consumer leaves its group. */
  | { kind: 'stop' };

export type FromThread =
  | { kind: 'ready' }
  | { kind: 'lines'; lines: JournalLine[] }
  | { kind: 'fault'; code: FaultCode; message: string; hint: string }
  /** Everything due until then was answered or given up. */
  | { kind: 'driven'; untilSeconds: number }
  | { kind: 'done' };
