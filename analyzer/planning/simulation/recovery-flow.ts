// Computes how fast a returning machine catches up, limited by its card and disk and those of its peers.

import { addCard, addDisk, type DayState, leftOfCard, leftOfDisk, type MachineUse } from './day-state.ts';
import { missedBy, type Part, type SimulatedCluster } from './simulated-cluster.ts';

export interface Recovery {
  /** By machine: bytes per second fetched while catching up. */
  fetched: Float64Array;
  /** By machine: bytes per second of the log that it misses while down or catching up. */
  missed: Float64Array;
}

/** Share of a source's saturated card for catching up; the rest is for everything else. */
const contendedShare = 0.5;

/** Serves one machine after the other, from what the others leave. */
export function recoveryFlow(
  cluster: SimulatedCluster,
  state: DayState,
  accepted: readonly Float64Array[],
  use: MachineUse,
): Recovery {
  const fetched = new Float64Array(cluster.machines.length);
  for (const [machine, is] of state.machines.entries()) {
    if (is !== 'behind') continue;
    const sources = sourcesOf(cluster, state, machine);
    const rate = fetchRate(cluster, sources, { machine, leastShare: 0 }, use);
    addFetch(use, sources, machine, rate);
    fetched[machine] = rate;
  }
  return { fetched, missed: missedBytes(cluster, state, accepted) };
}

/**
 * Unthrottled recovery if acknowledgements wait for copies: it takes half of a saturated card, and concurrent sends and reads
 * share the rest. Measured on Kafka (docs/evidence/blast-radius.md).
 *
 * @param used demand of everything else; @returns bytes per second fetched by each machine, added to `use`
 */
export function contendingRecovery(
  cluster: SimulatedCluster,
  state: DayState,
  used: MachineUse,
  use: MachineUse,
): Float64Array {
  return Float64Array.from(state.machines, (is, machine) => {
    if (is !== 'behind') return 0;
    const sources = sourcesOf(cluster, state, machine);
    const rate = fetchRate(cluster, sources, { machine, leastShare: contendedShare }, used);
    addFetch(used, sources, machine, rate);
    addFetch(use, sources, machine, rate);
    return rate;
  });
}

/** @returns by machine, an unlimited claim for each machine that catches up from it */
export function fetchClaims(cluster: SimulatedCluster, state: DayState): number[][] {
  const claims: number[][] = cluster.machines.map(() => []);
  for (const [machine, is] of state.machines.entries()) {
    if (is !== 'behind') continue;
    for (const [source] of sourcesOf(cluster, state, machine)) claims[source]?.push(Infinity);
  }
  return claims;
}

export function missedBytes(
  cluster: SimulatedCluster,
  state: DayState,
  accepted: readonly Float64Array[],
): Float64Array {
  const { machines, streams } = cluster;
  const missed = new Float64Array(machines.length);
  for (const [machine, is] of state.machines.entries()) {
    if (is === 'up') continue;
    for (const [set, part] of missedBy(cluster, machine)) {
      for (const [stream, bySet] of accepted.entries()) {
        const bytes = (bySet[set] ?? 0) * (streams[stream]?.cost.diskBytes ?? 0);
        missed[machine] = (missed[machine] ?? 0) + part * bytes;
      }
    }
  }
  return missed;
}

/** @param leastShare of the card of a source that recovery takes in any case */
function fetchRate(
  cluster: SimulatedCluster,
  sources: readonly Part[],
  { machine, leastShare }: { machine: number; leastShare: number },
  use: MachineUse,
): number {
  if (sources.length === 0) return 0;
  const { isThrottled, safe } = cluster;
  const card = isThrottled ? safe.networkShare : 1;
  const disk = isThrottled ? safe.diskShare : 1;
  let rate = Math.min(leftOfCard(cluster, use, machine, 'in', card), leftOfDisk(cluster, use, machine, disk));
  for (const [source, part] of sources) {
    const least = leastShare * (cluster.machines[source]?.networkBytesPerSecond ?? 0);
    const out = Math.max(least, leftOfCard(cluster, use, source, 'out', card));
    rate = Math.min(rate, out / part, leftOfDisk(cluster, use, source, disk) / part);
  }
  return rate;
}

function addFetch(use: MachineUse, sources: readonly Part[], machine: number, rate: number): void {
  addCard(use, machine, { in: 1, out: 0 }, rate);
  addDisk(use, machine, rate);
  for (const [source, part] of sources) {
    addCard(use, source, { in: 0, out: 1 }, rate * part);
    addDisk(use, source, rate * part);
  }
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
