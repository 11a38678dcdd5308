// Computes the write rate of each set, limited by cards and disks, and its cost.

import { addCard, addDisk, type DayState, type MachineUse, noUse, sharesLeft } from './day-state.ts';
import type { Serving, SimulatedCluster, Stream } from './simulated-cluster.ts';

/** Producers send their backlog within this time, within the capacity of the cluster. */
export const drainSeconds = 10;

interface Writing {
  serving: readonly Serving[];
  takes: readonly boolean[];
  rates: readonly number[];
  /** Accepts no more than groups can read. */
  leavesRoomForReaders: boolean;
}

/**
 * An overloaded machine gives every set the same share, and a set is limited by the tightest of its machines.
 *
 * @param writing by set, whether it currently accepts messages; by stream, messages per second that producers want to send
 * @returns by stream and set, messages per second; added to `use`
 */
export function writeFlow(
  cluster: SimulatedCluster,
  state: DayState,
  { serving, takes, rates, leavesRoomForReaders }: Writing,
  use: MachineUse,
): Float64Array[] {
  const accepted = wantedBySet(cluster, state, takes, rates);
  const need = noUse(cluster);
  const copied = serving.map((each) =>
    each.behind.length === 0 ? each : { ...each, followers: [...each.followers, ...each.behind] },
  );
  countWrites(cluster, copied, accepted, need);
  leaveRoomForRequests(cluster, serving, { accepted, isOfAnswers: leavesRoomForReaders }, need);
  const given = sharesLeft(cluster.machines, use, need, cluster.fullPerLeaderTps ?? Infinity);
  for (const [set, { leaders, followers }] of copied.entries()) {
    let least = 1;
    for (const [machine] of leaders) least = Math.min(least, given[machine] ?? 1);
    for (const [machine] of followers) least = Math.min(least, given[machine] ?? 1);
    for (const bySet of accepted) bySet[set] = (bySet[set] ?? 0) * least;
  }
  countWrites(cluster, serving, accepted, use);
  return accepted;
}

/** A card saturated by messages still accepts read requests, and sends responses if groups must keep up. */
function leaveRoomForRequests(
  { streams }: SimulatedCluster,
  serving: readonly Serving[],
  { accepted, isOfAnswers }: { accepted: readonly Float64Array[]; isOfAnswers: boolean },
  need: MachineUse,
): void {
  for (const [stream, bySet] of accepted.entries()) {
    const { groups, cost } = streams[stream] as Stream;
    const bytes = { in: cost.consumer.in, out: isOfAnswers ? cost.consumer.out : 0 };
    for (const [set, rate] of bySet.entries()) {
      for (const [machine, part] of serving[set]?.readers ?? []) {
        addCard(need, machine, bytes, rate * part * groups.length);
      }
    }
  }
}

/** RocketMQ producers switch to a queue of another broker; Kafka producers wait for the partition of the key. */
function wantedBySet(
  { failover, sets }: SimulatedCluster,
  { streams }: DayState,
  takes: readonly boolean[],
  rates: readonly number[],
): Float64Array[] {
  const open = takes.filter(Boolean).length;
  return streams.map(({ held }, stream) => {
    const rate = rates[stream] ?? 0;
    const elsewhere = (rate + (held[0] ?? 0) / drainSeconds) / open;
    return Float64Array.from(sets, (_, set) => {
      if (takes[set] !== true) return 0;
      return failover === 'spread' ? rate / sets.length + (held[set] ?? 0) / drainSeconds : elsewhere;
    });
  });
}

function countWrites(
  { streams }: SimulatedCluster,
  serving: readonly Serving[],
  accepted: readonly Float64Array[],
  use: MachineUse,
): void {
  for (const [stream, bySet] of accepted.entries()) {
    const { producer, follower, diskBytes } = (streams[stream] as Stream).cost;
    for (const [set, rate] of bySet.entries()) {
      const at = serving[set];
      if (at === undefined || rate === 0) continue;
      let copies = 0;
      for (const [machine, part] of at.followers) {
        copies += part;
        addCard(use, machine, { in: follower.out, out: follower.in }, rate * part);
        addDisk(use, machine, rate * part * diskBytes);
      }
      const led = { in: producer.in + copies * follower.in, out: producer.out + copies * follower.out };
      for (const [machine, part] of at.leaders) {
        addCard(use, machine, led, rate * part);
        addDisk(use, machine, rate * part * diskBytes);
        use.led[machine] = (use.led[machine] ?? 0) + rate * part;
      }
    }
  }
}
