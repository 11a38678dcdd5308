// Divides the card of a master with asynchronous slaves: copies and groups have equal shares when it is saturated.

import { fairLevel } from './fair-shares.ts';
import { addCard, type MachineUse } from './machine-use.ts';
import type { Serving, SimulatedCluster } from './simulated-cluster.ts';

/** Demand of a master for one of its slaves; bytes per second. */
interface CopyClaim {
  slave: number;
  bytes: number;
}

/** @returns claims by machine */
export function copyClaims(
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
export const leftForAll = (
  { machines }: SimulatedCluster,
  use: MachineUse,
  machine: number,
  rivals: readonly number[] = [],
): number => {
  const copied = rivals.reduce((sum, claim) => (claim === Infinity ? sum : sum + claim), 0);
  return Math.max(0, (machines[machine]?.networkBytesPerSecond ?? 0) - (use.out[machine] ?? 0) + copied);
};

/** @returns by machine, bytes per second of copies that it does not receive; they are subtracted from `use` */
export function lateCopies(
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
