// Divides the card of a master with asynchronous slaves: copies and groups have equal shares where it is full.

import { fairLevel } from './fair-shares.ts';
import { addCard, type MachineUse } from './machine-use.ts';
import type { Serving } from './serving.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/** What a master wants to send to one of its slaves; bytes a second. */
interface CopyClaim {
  slave: number;
  bytes: number;
}

/** @returns by machine */
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

/** @returns by machine, bytes a second that it does not get of what it should copy; `use` no longer has them */
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
