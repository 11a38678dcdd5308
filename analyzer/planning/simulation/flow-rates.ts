// Computes all flow rates at one moment: writes and their copies, then reads, then recovery.

import { copyClaims, lateCopies } from './copy-claims.ts';
import type { DayState } from './day-state.ts';
import { noUse, type MachineUse } from './machine-use.ts';
import { readFlow } from './read-flow.ts';
import { contendingRecovery, fetchClaims, missedBytes, recoveryFlow, type Recovery } from './recovery-flow.ts';
import type { Serving } from './serving.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
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
