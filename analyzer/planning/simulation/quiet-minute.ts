// Simulates a minute in one step if no reader has lag and everything fits: all flows are then proportional to the rate.

import { type DayState, type MachineUse, type Peaks, startOfDay, type StreamState } from './day-state.ts';
import { flowRates } from './flow-rates.ts';
import { servingOf, type SimulatedCluster } from './simulated-cluster.ts';

const minuteSeconds = 60;
/** Messages per second that saturate no machine. */
const probe = 1e-6;

/** @returns the use of the most used machine after the minute; undefined, without any effect, if the minute is not quiet */
type LiveQuietMinute = (state: DayState, rates: readonly number[]) => Peaks | undefined;

/** A kind of machine: equally used machines are simulated once. */
interface Kind {
  /** By stream, for one message per second. */
  use: Record<keyof MachineUse, number[]>;
  network: number;
  diskBytes: number;
}

/** Equivalent to single steps, but faster. */
export function quietMinutes(cluster: SimulatedCluster): LiveQuietMinute {
  const { sets, safe, fullPerLeaderTps = Infinity } = cluster;
  const kinds = kindsOf(cluster);
  const allTake = servingOf(cluster, startOfDay(cluster, 0).machines).every(({ takesMessages }) => takesMessages);
  return (state, rates) => {
    if (!allTake || !isQuiet(state, rates)) return undefined;
    const peaks = { in: 0, out: 0, disk: 0, led: 0 };
    for (const { use, network, diskBytes } of kinds) {
      const led = scaled(use.led, rates);
      peaks.in = Math.max(peaks.in, scaled(use.in, rates) / network);
      peaks.out = Math.max(peaks.out, scaled(use.out, rates) / network);
      peaks.disk = Math.max(peaks.disk, scaled(use.disk, rates) / diskBytes);
      if (led > fullPerLeaderTps) return undefined;
      peaks.led = Math.max(peaks.led, led / safe.perLeaderTps);
    }
    if (peaks.in > 1 || peaks.out > 1 || peaks.disk > 1) return undefined;
    for (let index = 0; index < state.streams.length; index += 1) {
      const stream = state.streams[index] as StreamState;
      const taken = (rates[index] ?? 0) * minuteSeconds;
      const { head } = stream;
      stream.offered += taken;
      stream.accepted += taken;
      for (let set = 0; set < head.length; set += 1) head[set] = (head[set] ?? 0) + taken / sets.length;
    }
    for (const reader of state.readers) {
      reader.consumed += (rates[reader.stream] ?? 0) * minuteSeconds;
      reader.position.set(state.streams[reader.stream]?.head ?? reader.position);
    }
    return peaks;
  };
}

function scaled(ofOne: readonly number[], rates: readonly number[]): number {
  let sum = 0;
  for (let stream = 0; stream < ofOne.length; stream += 1) sum += (ofOne[stream] ?? 0) * (rates[stream] ?? 0);
  return sum;
}

function kindsOf(cluster: SimulatedCluster): Kind[] {
  const ofProbes = cluster.streams.map((_, stream) => useOfProbe(cluster, stream));
  const kinds = new Map<string, Kind>();
  for (const [
    machine,
    { networkBytesPerSecond: network, diskBytesPerSecond = Infinity },
  ] of cluster.machines.entries()) {
    const by = (way: keyof MachineUse) => ofProbes.map((use) => (use[way][machine] ?? 0) / probe);
    const use = { in: by('in'), out: by('out'), disk: by('disk'), led: by('led') };
    const kind = { use, network, diskBytes: diskBytesPerSecond };
    // Twelve digits, so that sums of the same parts in another order are equal.
    kinds.set(
      JSON.stringify(kind, (_, value) => (typeof value === 'number' ? value.toPrecision(12) : value)),
      kind,
    );
  }
  return [...kinds.values()];
}

function isQuiet({ machines, missing, streams, readers, isFull }: DayState, rates: readonly number[]): boolean {
  for (let machine = 0; machine < machines.length; machine += 1) {
    if (machines[machine] !== 'up' || (missing[machine] ?? 0) > 0) return false;
  }
  for (let set = 0; set < isFull.length; set += 1) {
    if (isFull[set] === 1) return false;
    for (const { held } of streams) if ((held[set] ?? 0) > 0) return false;
    for (const { stream, position } of readers) {
      if ((streams[stream]?.head[set] ?? 0) > (position[set] ?? 0)) return false;
    }
  }
  for (const { stream, mostPerSecond } of readers) if (mostPerSecond < (rates[stream] ?? 0)) return false;
  return true;
}

/** Use by a few messages of this stream. */
function useOfProbe(cluster: SimulatedCluster, stream: number): MachineUse {
  const state = startOfDay(cluster, 0);
  const serving = servingOf(cluster, state.machines);
  const rates = cluster.streams.map((_, index) => (index === stream ? probe : 0));
  // A group that consumes nothing never makes a minute quiet, so in the probe it has no limit.
  for (const reader of state.readers) reader.mostPerSecond = Infinity;
  return flowRates(cluster, state, { serving, time: 0, rates }).use;
}
