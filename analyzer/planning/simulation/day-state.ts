// Defines the state of a simulated cluster at one moment: log ends, reader positions and producer backlog.

import { mean } from '../../../core/statistics/statistics.ts';
import type { MachineState } from './serving.ts';
import type { SimulatedCluster, Stream } from './simulated-cluster.ts';

export type DayState = ReturnType<typeof startOfDay>;
export type StreamState = DayState['streams'][number];
export function startOfDay({ streams, sets, machines }: SimulatedCluster, minutes: number) {
  const perSet = () => new Float64Array(sets.length);
  return {
    streams: streams.map(() => ({
      /** By set: messages taken since the day began. */
      head: perSet(),
      /** By set: head at the end of each minute, from 0 on. */
      history: sets.map(() => new Float64Array(minutes + 1)),
      /** By set: messages held by producers because no broker takes them. */
      held: perSet(),
      offered: 0,
      accepted: 0,
      /** Held too long: reported to callers as failed. */
      failed: 0,
    })),
    /** Groups that read a stream. */
    readers: streams.flatMap(({ name, groups }, stream) =>
      groups.map((each, group) => ({
        name: `${name}/${each.name}`,
        stream,
        group,
        mostPerSecond: each.mostPerSecond ?? Infinity,
        /** By set: messages up to which it read, or lost. */
        position: perSet(),
        /** By set: lags that the page cache does not hold are read from disk. */
        isCold: new Uint8Array(sets.length),
        consumed: 0,
        /** Deleted before it was read. */
        lost: 0,
      })),
    ),
    machines: machines.map((): MachineState => 'up'),
    /** By machine: bytes of the log that it has to fetch before it is whole again. */
    missing: new Float64Array(machines.length),
    /** By set: until when it has no leader. */
    electingUntil: perSet(),
    /** By set: until when no message is acknowledged, because a lost copy still counts as in sync. */
    unacknowledgedUntil: perSet(),
    /** By set: its disk is full. */
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
