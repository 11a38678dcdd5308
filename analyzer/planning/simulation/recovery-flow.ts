// Computes how fast a returning machine catches up, limited by its card and disk and those of its peers.

import type { DayState } from './day-state.ts';
import { addCard, addDisk, leftOfCard, leftOfDisk, type MachineUse } from './machine-use.ts';
import { missedBy, type Part } from './serving.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

export interface Recovery {
  /** By machine: bytes per second fetched by one that is catching up. */
  fetched: Float64Array;
  /** By machine: bytes per second of the log that one which is down or catching up misses. */
  missed: Float64Array;
}

/** One machine after the other, of what others leave. */
export function recoveryFlow(
  cluster: SimulatedCluster,
  state: DayState,
  accepted: readonly Float64Array[],
  use: MachineUse,
): Recovery {
  const { machines, streams } = cluster;
  const [fetched, missed] = [new Float64Array(machines.length), new Float64Array(machines.length)];
  for (const [machine, is] of state.machines.entries()) {
    if (is === 'up') continue;
    for (const [set, part] of missedBy(cluster, machine)) {
      for (const [stream, bySet] of accepted.entries()) {
        const bytes = (bySet[set] ?? 0) * (streams[stream]?.cost.diskBytes ?? 0);
        missed[machine] = (missed[machine] ?? 0) + part * bytes;
      }
    }
    if (is === 'behind') fetched[machine] = fetch(cluster, sourcesOf(cluster, state, machine), machine, use);
  }
  return { fetched, missed };
}

function fetch(cluster: SimulatedCluster, sources: readonly Part[], machine: number, use: MachineUse): number {
  if (sources.length === 0) return 0;
  const { isThrottled, safe } = cluster;
  const card = isThrottled ? safe.networkShare : 1;
  const disk = isThrottled ? safe.diskShare : 1;
  let rate = Math.min(leftOfCard(cluster, use, machine, 'in', card), leftOfDisk(cluster, use, machine, disk));
  for (const [source, part] of sources) {
    const out = leftOfCard(cluster, use, source, 'out', card);
    rate = Math.min(rate, out / part, leftOfDisk(cluster, use, source, disk) / part);
  }
  addCard(use, machine, { in: 1, out: 0 }, rate);
  addDisk(use, machine, rate);
  for (const [source, part] of sources) {
    addCard(use, source, { in: 0, out: 1 }, rate * part);
    addDisk(use, source, rate * part);
  }
  return rate;
}

function sourcesOf({ sets, failover }: SimulatedCluster, { machines }: DayState, machine: number): Part[] {
  const isUp = (each: number) => each !== machine && machines[each] === 'up';
  if (failover === 'spread') {
    const up = [...machines.keys()].filter(isUp);
    return up.map((source) => [source, 1 / up.length]);
  }
  const leader = sets.find(({ copies }) => copies.includes(machine))?.copies.find(isUp);
  return leader === undefined ? [] : [[leader, 1]];
}
