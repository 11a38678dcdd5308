// Computes all flow rates at one moment: writes and their copies, then reads, then recovery.

import { addCard, addDisk, type DayState, leftOfDisk, type MachineUse, noUse } from './day-state.ts';
import { contendingRecovery, fetchClaims, missedBytes, type Recovery, recoveryFlow } from './recovery-flow.ts';
import type { Serving, SimulatedCluster, Stream } from './simulated-cluster.ts';
import { writeFlow } from './write-flow.ts';

export interface Rates extends Recovery {
  /** By stream and set, messages per second. */
  accepted: Float64Array[];
  /** By reader and set. */
  taken: Float64Array[];
  use: MachineUse;
  readFromDisk: boolean;
}

export function flowRates(
  cluster: SimulatedCluster,
  state: DayState,
  { serving, time, rates }: { serving: readonly Serving[]; time: number; rates: readonly number[] },
): Rates {
  const use = noUse(cluster);
  const isElecting = serving.map((_, set) => (state.electingUntil[set] ?? 0) > time);
  const isWaiting = serving.map((_, set) => (state.unacknowledgedUntil[set] ?? 0) > time);
  const takes = serving.map(
    ({ takesMessages }, set) =>
      takesMessages && isElecting[set] === false && isWaiting[set] === false && state.isFull[set] === 0,
  );
  const isClosed = serving.map(({ readers }, set) => readers.length === 0 || isElecting[set] === true);
  // Copies and responses share a card evenly: if acknowledgements wait for copies, sends wait too, and groups keep up with acknowledged messages.
  const writing = { serving, takes, rates, leavesRoomForReaders: cluster.awaitsCopies };
  if (!cluster.isThrottled && cluster.awaitsCopies && state.machines.includes('behind')) {
    const used = noUse(cluster);
    const wanted = writeFlow(cluster, state, writing, used);
    readFlow(cluster, state, { serving, isClosed, accepted: wanted, rivals: [] }, used);
    const fetched = contendingRecovery(cluster, state, used, use);
    const accepted = writeFlow(cluster, state, writing, use);
    const reads = readFlow(cluster, state, { serving, isClosed, accepted, rivals: [] }, use);
    return { accepted, ...reads, fetched, missed: missedBytes(cluster, state, accepted), use };
  }
  const accepted = writeFlow(cluster, state, writing, use);
  const copying = cluster.failover === 'none' ? copyClaims(cluster, serving, accepted) : [];
  const fetching = cluster.isThrottled ? [] : fetchClaims(cluster, state);
  const rivals = cluster.machines.map((_, machine) => [
    ...(copying[machine] ?? []).map(({ bytes }) => bytes),
    ...(fetching[machine] ?? []),
  ]);
  const reads = readFlow(cluster, state, { serving, isClosed, accepted, rivals }, use);
  const late = lateCopies(cluster, { copying, rivals }, use);
  const { fetched, missed } = recoveryFlow(cluster, state, accepted, use);
  return { accepted, ...reads, fetched, missed: missed.map((bytes, machine) => bytes + (late[machine] ?? 0)), use };
}

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
function readFlow(
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

/** Demand of a master for one of its slaves; bytes per second. */
interface CopyClaim {
  slave: number;
  bytes: number;
}

/** @returns claims by machine */
function copyClaims(
  { machines, streams }: SimulatedCluster,
  serving: readonly Serving[],
  accepted: readonly Float64Array[],
): CopyClaim[][] {
  const claims: CopyClaim[][] = machines.map(() => []);
  for (const [set, { leaders, followers }] of serving.entries()) {
    let bytes = 0;
    for (const [stream, bySet] of accepted.entries())
      bytes += (bySet[set] ?? 0) * (streams[stream]?.cost.follower.out ?? 0);
    for (const [machine, led] of leaders)
      for (const [slave, copies] of followers) claims[machine]?.push({ slave, bytes: bytes * led * copies });
  }
  return claims;
}

/** Bytes per second of the card for readers and competing copies, which are included in `use`. */
const leftForAll = (
  { machines }: SimulatedCluster,
  use: MachineUse,
  machine: number,
  rivals: readonly number[] = [],
): number => {
  const copied = rivals.reduce((sum, claim) => (claim === Infinity ? sum : sum + claim), 0);
  return Math.max(0, (machines[machine]?.networkBytesPerSecond ?? 0) - (use.out[machine] ?? 0) + copied);
};

/** @returns by machine, bytes per second of copies that it does not receive; they are subtracted from `use` */
function lateCopies(
  cluster: SimulatedCluster,
  { copying, rivals }: { copying: readonly (readonly CopyClaim[])[]; rivals: readonly (readonly number[])[] },
  use: MachineUse,
): Float64Array {
  const late = new Float64Array(copying.length);
  for (const [machine, claims] of copying.entries()) {
    const level = fairLevel(rivals[machine] ?? [], leftForAll(cluster, use, machine, rivals[machine]));
    for (const { slave, bytes } of claims) {
      const tooMuch = Math.max(0, bytes - level);
      late[slave] = (late[slave] ?? 0) + tooMuch;
      addCard(use, machine, { in: 0, out: -1 }, tooMuch);
      addCard(use, slave, { in: -1, out: 0 }, tooMuch);
    }
  }
  return late;
}

/** Writes the share of each demand into `given`; all demands are met if the supply suffices. */
function shareFairly(wants: Float64Array, supply: number, given: Float64Array): void {
  let demanded = 0;
  for (const want of wants) demanded += want;
  if (demanded <= supply) {
    given.set(wants);
    return;
  }
  const order = Array.from(wants.keys()).sort((a, b) => (wants[a] ?? 0) - (wants[b] ?? 0));
  let left = supply;
  for (const [place, index] of order.entries()) {
    const share = Math.min(wants[index] ?? 0, left / (order.length - place));
    given[index] = share;
    left -= share;
  }
}

/** @returns the cap per claim at which all claims together use the supply; Infinity if it suffices for all */
function fairLevel(claims: readonly number[], supply: number): number {
  const total = claims.reduce((sum, claim) => sum + claim, 0);
  if (total <= supply) return Infinity;
  let left = Math.max(0, supply);
  const order = claims.toSorted((a, b) => a - b);
  for (const [place, claim] of order.entries()) {
    const share = left / (order.length - place);
    if (claim > share) return share;
    left -= claim;
  }
  return Infinity;
}
