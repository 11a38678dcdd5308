// Defines the state of a simulated cluster at one moment: log ends, reader positions and producer buffers.

import { mean } from '../../../core/statistics/statistics.ts';
import type { MachineState, SimulatedCluster, Stream } from './simulated-cluster.ts';

export type DayState = ReturnType<typeof startOfDay>;
export type StreamState = DayState['streams'][number];
export function startOfDay({ streams, sets, machines }: SimulatedCluster, minutes: number) {
  const perSet = () => new Float64Array(sets.length);
  return {
    streams: streams.map(() => ({
      /** By set: messages accepted since the start of the day. */
      head: perSet(),
      /** By set: head at the end of each minute, starting with 0. */
      history: sets.map(() => new Float64Array(minutes + 1)),
      /** By set: messages buffered by producers because no broker accepts them. */
      held: perSet(),
      offered: 0,
      accepted: 0,
      /** Buffered too long, and reported to callers as failed. */
      failed: 0,
    })),
    /** Groups that read a stream. */
    readers: streams.flatMap(({ name, groups }, stream) =>
      groups.map((each, group) => ({
        name: `${name}/${each.name}`,
        stream,
        group,
        mostPerSecond: each.mostPerSecond ?? Infinity,
        /** By set: position up to which messages were read or lost. */
        position: perSet(),
        /** By set: whether the lag exceeds the page cache, so that reads come from disk. */
        isCold: new Uint8Array(sets.length),
        consumed: 0,
        /** Deleted before they were read. */
        lost: 0,
      })),
    ),
    machines: machines.map((): MachineState => 'up'),
    /** By machine: bytes of the log to fetch until it is in sync. */
    missing: new Float64Array(machines.length),
    /** By set: end of the election. */
    electingUntil: perSet(),
    /** By set: end of the time without acknowledgements, because a lost copy still counts as in sync. */
    unacknowledgedUntil: perSet(),
    /** By set: whether its disk is full. */
    isFull: new Uint8Array(sets.length),
  };
}

/** Bytes that a machine writes per message of the stream, including other streams and copies of other sets. */
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
