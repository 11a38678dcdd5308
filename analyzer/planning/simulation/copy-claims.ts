// Divides the card of a master with asynchronous slaves: copies and groups have equal shares where it is full.

import { fairLevel } from './fair-shares.ts';
import { addCard, type MachineUse } from './machine-use.ts';
import type { Serving } from './serving.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/** @returns by machine, bytes a second that it wants to send to each of its slaves */
export function copyClaims(
  { machines, streams }: SimulatedCluster,
  serving: readonly Serving[],
  accepted: readonly Float64Array[],
): number[][] {
  const claims: number[][] = machines.map(() => []);
  for (const [set, { leaders, followers }] of serving.entries()) {
    let bytes = 0;
    for (const [stream, bySet] of accepted.entries())
      bytes += (bySet[set] ?? 0) * (streams[stream]?.cost.follower.out ?? 0);
    for (const [machine, led] of leaders)
      for (const [, copies] of followers) claims[machine]?.push(bytes * led * copies);
  }
  return claims;
}

/** Bytes a second of the card for readers and their rivals, whose copies are counted in `use`. */
export const leftForAll = (
  { machines }: SimulatedCluster,
  use: MachineUse,
  machine: number,
  rivals: readonly number[] = [],
): number => {
  const copied = rivals.reduce((sum, claim) => (claim === Infinity ? sum : sum + claim), 0);
  return Math.max(0, (machines[machine]?.networkBytesPerSecond ?? 0) - (use.out[machine] ?? 0) + copied);
};

/** Removes from `use` what copies do not get. That they are late is not simulated: nobody waits for them. */
export function delayCopies(
  cluster: SimulatedCluster,
  { copying, rivals }: { copying: readonly (readonly number[])[]; rivals: readonly (readonly number[])[] },
  use: MachineUse,
): void {
  for (const [machine, claims] of copying.entries()) {
    const level = fairLevel(rivals[machine] ?? [], leftForAll(cluster, use, machine, rivals[machine]));
    for (const claim of claims) if (claim > level) addCard(use, machine, { in: 0, out: level - claim }, 1);
  }
}
