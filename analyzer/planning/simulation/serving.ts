// Determines which machines accept writes, copy, and serve reads of a set while others are down.

import type { SimulatedCluster } from './simulated-cluster.ts';

/** `behind`: up again, but out of sync; it follows, and leads only sets without another leader. */
export type MachineState = 'up' | 'behind' | 'down';

/** A machine, and its share of the work of the set. */
export type Part = readonly [machine: number, share: number];

export interface Serving {
  takesMessages: boolean;
  /** Empty without a leader. */
  leaders: readonly Part[];
  /** Shares add up to the number of copies written besides the leader's. */
  followers: readonly Part[];
  /** Slaves that catch up, to which new messages must also be sent. */
  behind: readonly Part[];
  /** Machines that serve consumers; empty if the set is unreadable. */
  readers: readonly Part[];
}

const noServing: Serving = { takesMessages: false, leaders: [], followers: [], behind: [], readers: [] };

/** @returns parts for each set, regardless of elections and full disks */
export function servingOf(
  { sets, failover, leastCopies }: SimulatedCluster,
  states: readonly MachineState[],
): Serving[] {
  const up = states.flatMap((state, machine) => (state === 'up' ? [machine] : []));
  return sets.map(({ copies }) => {
    const [home = 0] = copies;
    const present = copies.filter((machine) => states[machine] === 'up');
    const [first] = present;
    if (failover === 'none') {
      // A returning master missed nothing: no other machine accepted messages of its set.
      if (states[home] !== 'up' && states[home] !== 'behind') {
        return first === undefined ? noServing : { ...noServing, readers: [[first, 1]] };
      }
      const followers = present.filter((machine) => machine !== home);
      const alone: Part[] = [[home, 1]];
      const behind = ones(copies.filter((machine) => machine !== home && states[machine] === 'behind'));
      return { takesMessages: true, leaders: alone, followers: ones(followers), behind, readers: alone };
    }
    if (first === undefined) return noServing;
    const takesMessages = present.length >= leastCopies;
    if (failover === 'within') {
      const leader: Part[] = [[first, 1]];
      return { ...noServing, takesMessages, leaders: leader, followers: ones(present.slice(1)), readers: leader };
    }
    const leaders = first === home ? ones([home]) : evenly(up, 1);
    const others = first === home ? up.filter((machine) => machine !== home) : up;
    return { ...noServing, takesMessages, leaders, followers: evenly(others, present.length - 1), readers: leaders };
  });
}

const ones = (machines: readonly number[]): Part[] => machines.map((machine) => [machine, 1]);

const evenly = (machines: readonly number[], total: number): Part[] =>
  total === 0 ? [] : machines.map((machine) => [machine, total / machines.length]);

/** Data that a machine misses while down or catching up, as shares of the sets' writes. */
export function missedBy({ sets, failover, machines }: SimulatedCluster, machine: number): Part[] {
  if (failover === 'spread') return sets.map(({ copies }, set) => [set, copies.length / machines.length]);
  return sets.flatMap(({ copies }, set) => (copies.includes(machine) ? [[set, 1] as const] : []));
}
