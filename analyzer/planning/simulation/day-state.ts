// Defines the state of a simulated cluster at one moment: log ends, reader positions and producer buffers.

import { mean } from '../../../core/statistics/statistics.ts';
import type { CardBytes, Machine, MachineState, SimulatedCluster, Stream } from './simulated-cluster.ts';

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

/** By machine: bytes per second, and messages per second that it leads. */
export type MachineUse = Record<'in' | 'out' | 'disk' | 'led', Float64Array>;

/** Highest shares of any machine: of its card and disk, and of the safe maximum of a leader. */
export type Peaks = Record<keyof MachineUse, number>;

export function peaksOf({ machines, safe }: SimulatedCluster, use: MachineUse): Peaks {
  const most = { in: 0, out: 0, disk: 0, led: 0 };
  for (const [machine, { networkBytesPerSecond, diskBytesPerSecond = Infinity }] of machines.entries()) {
    most.in = Math.max(most.in, (use.in[machine] ?? 0) / networkBytesPerSecond);
    most.out = Math.max(most.out, (use.out[machine] ?? 0) / networkBytesPerSecond);
    most.disk = Math.max(most.disk, (use.disk[machine] ?? 0) / diskBytesPerSecond);
    most.led = Math.max(most.led, (use.led[machine] ?? 0) / safe.perLeaderTps);
  }
  return most;
}

export function noUse({ machines }: SimulatedCluster): MachineUse {
  const zeros = () => new Float64Array(machines.length);
  return { in: zeros(), out: zeros(), disk: zeros(), led: zeros() };
}

export function addCard(use: MachineUse, machine: number, bytes: CardBytes, rate: number): void {
  use.in[machine] = (use.in[machine] ?? 0) + rate * bytes.in;
  use.out[machine] = (use.out[machine] ?? 0) + rate * bytes.out;
}

export function addDisk(use: MachineUse, machine: number, bytesPerSecond: number): void {
  use.disk[machine] = (use.disk[machine] ?? 0) + bytesPerSecond;
}

/** Remaining bytes per second of a direction of the card, up to this share of it. */
export const leftOfCard = (
  { machines }: SimulatedCluster,
  use: MachineUse,
  machine: number,
  way: 'in' | 'out',
  share = 1,
): number => Math.max(0, share * (machines[machine]?.networkBytesPerSecond ?? 0) - (use[way][machine] ?? 0));

export const leftOfDisk = ({ machines }: SimulatedCluster, use: MachineUse, machine: number, share = 1): number =>
  Math.max(0, share * (machines[machine]?.diskBytesPerSecond ?? Infinity) - (use.disk[machine] ?? 0));

/** @returns by machine, the share of the need that the remaining capacity covers, at most 1 */
export function sharesLeft(machines: readonly Machine[], use: MachineUse, need: MachineUse, fullLed: number): number[] {
  return machines.map(({ networkBytesPerSecond, diskBytesPerSecond = Infinity }, machine) =>
    Math.min(
      shareOf(networkBytesPerSecond - (use.in[machine] ?? 0), need.in[machine]),
      shareOf(networkBytesPerSecond - (use.out[machine] ?? 0), need.out[machine]),
      shareOf(diskBytesPerSecond - (use.disk[machine] ?? 0), need.disk[machine]),
      shareOf(fullLed, need.led[machine]),
    ),
  );
}

const shareOf = (supply: number, need = 0): number => (need > 0 && need > supply ? Math.max(0, supply) / need : 1);
