// Computes the read rate of each group: groups with little lag read from memory first, the others wait for the disk.

import { leftForAll } from './copy-claims.ts';
import type { DayState } from './day-state.ts';
import { fairLevel, shareFairly } from './fair-shares.ts';
import { addCard, addDisk, leftOfDisk, type MachineUse } from './machine-use.ts';
import type { Serving } from './serving.ts';
import type { SimulatedCluster, Stream } from './simulated-cluster.ts';

/** A group of unknown speed catches up within this time, if the cluster allows it. */
const catchUpSeconds = 60;

interface Reading {
  serving: readonly Serving[];
  /** By set: currently unreadable. */
  isClosed: readonly boolean[];
  accepted: readonly Float64Array[];
  /** By machine: bytes per second demanded by each other connection, which share a saturated card with readers evenly. */
  rivals: readonly (readonly number[])[];
}

/** @returns by reader and set, messages per second, and whether any of it comes from disk; added to `use` */
export function readFlow(
  cluster: SimulatedCluster,
  state: DayState,
  reading: Reading,
  use: MachineUse,
): { taken: Float64Array[]; readFromDisk: boolean } {
  const wants = new Float64Array(cluster.sets.length);
  const taken = state.readers.map(({ stream, position, mostPerSecond }) => {
    const given = new Float64Array(wants.length);
    const head = state.streams[stream]?.head;
    for (const set of wants.keys()) {
      const arriving = reading.accepted[stream]?.[set] ?? 0;
      const lag = (head?.[set] ?? 0) - (position[set] ?? 0);
      if (reading.isClosed[set] === true) wants[set] = 0;
      else if (lag <= 0) wants[set] = arriving;
      else wants[set] = Number.isFinite(mostPerSecond) ? mostPerSecond : arriving + lag / catchUpSeconds;
    }
    shareFairly(wants, mostPerSecond, given);
    return given;
  });
  serve(cluster, state, { ...reading, taken, cold: 0 }, use);
  return { taken, readFromDisk: serve(cluster, state, { ...reading, taken, cold: 1 }, use) };
}

/** A reader of a set on one of the machines that serve it. */
interface Claim {
  reader: number;
  set: number;
  /** Bytes per second. */
  out: number;
  disk: number;
}

/** Divides the remainder among the readers of one kind, evenly by bytes. @returns whether there were any */
function serve(
  cluster: SimulatedCluster,
  { readers }: DayState,
  { serving, rivals, taken, cold }: Reading & { taken: readonly Float64Array[]; cold: 0 | 1 },
  use: MachineUse,
): boolean {
  const claims: Claim[][] = cluster.machines.map(() => []);
  for (const [reader, { stream, isCold }] of readers.entries()) {
    const { cost } = cluster.streams[stream] as Stream;
    for (const [set, rate] of (taken[reader] as Float64Array).entries()) {
      if (rate === 0 || isCold[set] !== cold) continue;
      for (const [machine, part] of serving[set]?.readers ?? []) {
        const bytes = rate * part;
        claims[machine]?.push({ reader, set, out: bytes * cost.consumer.out, disk: bytes * cost.diskBytes * cold });
      }
    }
  }
  if (claims.every((each) => each.length === 0)) return false;
  const factors = taken.map((bySet) => new Float64Array(bySet.length).fill(1));
  for (const [machine, each] of claims.entries()) {
    for (const [way, others, left] of [
      ['out', rivals[machine] ?? [], leftForAll(cluster, use, machine, rivals[machine])],
      ['disk', [], leftOfDisk(cluster, use, machine)],
    ] as const) {
      const level = fairLevel([...each.map((claim) => claim[way]), ...others], left);
      if (level === Infinity) continue;
      for (const claim of each) {
        const given = factors[claim.reader];
        if (given !== undefined && claim[way] > level)
          given[claim.set] = Math.min(given[claim.set] ?? 1, level / claim[way]);
      }
    }
  }
  for (const [reader, { stream, isCold }] of readers.entries()) {
    const bySet = taken[reader] as Float64Array;
    const { cost } = cluster.streams[stream] as Stream;
    for (const [set, rate] of bySet.entries()) {
      if (rate === 0 || isCold[set] !== cold) continue;
      const given = rate * (factors[reader]?.[set] ?? 1);
      bySet[set] = given;
      for (const [machine, part] of serving[set]?.readers ?? []) {
        addCard(use, machine, cost.consumer, given * part);
        if (cold === 1) addDisk(use, machine, given * part * cost.diskBytes);
      }
    }
  }
  return true;
}
