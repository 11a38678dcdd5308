// Defines the state of a simulated cluster at one moment: log ends, reader positions and producer backlog.

import { mean } from '../../../core/statistics/statistics.ts';
import type { MachineState } from './serving.ts';
import type { SimulatedCluster, Stream } from './simulated-cluster.ts';

/** A group that reads a stream. */
interface Reader {
  name: string;
  stream: number;
  group: number;
  mostPerSecond: number;
  /** By set: messages up to which it read, or lost. */
  position: Float64Array;
  /** By set: lags that the page cache does not hold are read from disk. */
  isCold: Uint8Array;
  consumed: number;
  /** Deleted before it was read. */
  lost: number;
}

export interface StreamState {
  /** By set: messages taken since the day began. */
  head: Float64Array;
  /** By set: head at the end of each minute, from 0 on. */
  history: Float64Array[];
  /** By set: messages held by producers because no broker takes them. */
  held: Float64Array;
  offered: number;
  accepted: number;
  /** Held too long: reported to callers as failed. */
  failed: number;
}

export interface DayState {
  streams: StreamState[];
  readers: Reader[];
  machines: MachineState[];
  /** By machine: bytes of the log that it has to fetch before it is whole again. */
  missing: Float64Array;
  /** By set: until when it has no leader. */
  electingUntil: Float64Array;
  /** By set: until when no message is acknowledged, because a lost copy still counts as in sync. */
  unacknowledgedUntil: Float64Array;
  /** By set: its disk is full. */
  isFull: Uint8Array;
}

export function startOfDay({ streams, sets, machines }: SimulatedCluster, minutes: number): DayState {
  const perSet = () => new Float64Array(sets.length);
  return {
    streams: streams.map(() => ({
      head: perSet(),
      history: sets.map(() => new Float64Array(minutes + 1)),
      held: perSet(),
      offered: 0,
      accepted: 0,
      failed: 0,
    })),
    readers: streams.flatMap(({ name, groups }, stream) =>
      groups.map((each, group) => ({
        name: `${name}/${each.name}`,
        stream,
        group,
        mostPerSecond: each.mostPerSecond ?? Infinity,
        position: perSet(),
        isCold: new Uint8Array(sets.length),
        consumed: 0,
        lost: 0,
      })),
    ),
    machines: machines.map(() => 'up'),
    missing: new Float64Array(machines.length),
    electingUntil: perSet(),
    unacknowledgedUntil: perSet(),
    isFull: new Uint8Array(sets.length),
  };
}

/** Bytes that a machine writes for one message of the stream, the other streams' and the copies of other sets included. */
export function writtenPerMessage(
  { streams, sets, failover }: SimulatedCluster,
  { averageTps, rates, cost }: Stream,
): number {
  const copies = failover === 'spread' ? (sets[0]?.copies.length ?? 1) : 1;
  const own = mean(rates);
  if (!(averageTps > 0 && own > 0)) return cost.diskBytes * copies;
  const all = streams.reduce((sum, each) => sum + mean(each.rates) * each.cost.diskBytes, 0);
  return (all * copies) / own;
}
