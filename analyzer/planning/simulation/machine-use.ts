// Tracks the use of each machine's card and disk, and the remainder.

import type { CardBytes, Machine, SimulatedCluster } from './simulated-cluster.ts';

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
