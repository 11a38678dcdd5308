// Orders each partition's replicas: first the leader, then the broker that leads if the first is down.

import { evenOut, type Field } from './even-out.ts';
import { type Balance, leaderLoads } from './even-loads.ts';
import { boundsAround, leaderShares } from './even-shares.ts';
import type { Problem } from './problem.ts';
import { spread } from './spread.ts';

export interface Order {
  /** Brokers of each partition, in planned order. */
  replicas: readonly (readonly number[])[];
  /** How far leader counts exceed floor and ceiling of an even share, because the replicas allow nothing closer. */
  slack: number;
}

/**
 * @param placed brokers of each partition, unordered; default: the current ones
 * @returns leaders as even as possible with the fewest changes, first by number, then by load. In partitions that change anyway, the second replica is
 *   on the broker that is least often second after this leader, so that the loss of a broker spreads its leaders
 */
export function orderReplicas(
  problem: Problem,
  balance: Balance,
  placed: readonly (readonly number[])[] = problem.partitions.map(({ replicas }) => replicas),
): Order {
  const { partitions, live } = problem;
  const { leaders, slack } = chooseLeaders(problem, balance, placed);
  const behind = new Int32Array(live * live);
  const count = (leader: number, second: number | undefined) => {
    if (second !== undefined) behind[leader * live + second] = (behind[leader * live + second] as number) + 1;
  };
  const ordered = placed.map((held, index): readonly number[] => {
    const { replicas } = partitions[index] as { replicas: readonly number[] };
    const leader = leaders[index] as number;
    const isSame = leader === replicas[0] && replicas.every((broker) => held.includes(broker));
    if (!isSame) return [leader, ...inPlace(replicas, held).filter((broker) => broker !== leader)];
    count(leader, replicas[1]);
    return replicas;
  });
  const final = ordered.map((replicas, index) => {
    const [leader, ...followers] = replicas as readonly [number, ...number[]];
    if (replicas === partitions[index]?.replicas || followers.length < 2) return replicas;
    const times = (broker: number) => behind[leader * live + broker] as number;
    const second = followers.reduce((best, broker) => (times(broker) < times(best) ? broker : best));
    count(leader, second);
    return [leader, second, ...followers.filter((broker) => broker !== second)];
  });
  return { replicas: final, slack };
}

function chooseLeaders(problem: Problem, balance: Balance, placed: readonly (readonly number[])[]) {
  const { partitions, live } = problem;
  const preferred = partitions.map(({ replicas }) => replicas[0] as number);
  const held = Array.from({ length: live }, () => 0);
  for (const replicas of placed) for (const broker of replicas) held[broker] = (held[broker] as number) + 1;
  const shares = leaderShares(problem, held, partitions.length);
  for (let slack = 0; ; slack = Math.max(1, 2 * slack)) {
    const field = leaderField(placed, preferred, live);
    const bounds = boundsAround(shares, 1, slack);
    // The place of waiting leaders must become empty.
    bounds.high[live] = 0;
    const left = evenOut(field, bounds);
    const isShort = bounds.low.some((low, place) => (field.counts[place] as number) < low);
    if ((left > 0 || isShort) && slack <= partitions.length) continue;
    const places = [...field.leaders].map((leader) => [leader]);
    const mayTake = (partition: number, _: number, to: number) => placed[partition]?.includes(to) === true;
    const costAt = (partition: number, broker: number) => Number(broker !== preferred[partition]);
    spread({ places, loads: leaderLoads(problem, held, balance), counts: bounds, mayTake, costAt }, live);
    return { leaders: places.map(([leader]) => leader as number), slack };
  }
}

/** Keeps current brokers in their positions; new ones replace leaving ones. */
function inPlace(now: readonly number[], planned: readonly number[]): number[] {
  const arriving = planned.filter((broker) => !now.includes(broker));
  return now.map((broker) => (planned.includes(broker) ? broker : (arriving.shift() as number)));
}

/**
 * @param replicas live brokers of each partition in the plan
 * @param preferred current leader of each partition, which may no longer hold it
 * @returns the initial field; partitions that lost their leader wait at one place after the live brokers
 */
function leaderField(
  replicas: readonly (readonly number[])[],
  preferred: readonly number[],
  live: number,
): Field & { readonly leaders: Int32Array } {
  const counts = new Int32Array(live + 1);
  const led = Array.from({ length: live + 1 }, (): number[] => []);
  const leaders = Int32Array.from(replicas, (held, partition) => {
    const wanted = preferred[partition] as number;
    const place = held.includes(wanted) ? wanted : live;
    (led[place] as number[]).push(partition);
    counts[place] = (counts[place] as number) + 1;
    return place;
  });
  const costAt = (partition: number, place: number) => (place === live || place === preferred[partition] ? 0 : 1);

  return {
    counts,
    leaders,

    fillRow(from, row, units) {
      row.fill(Infinity);
      for (const partition of led[from] as number[]) {
        const saved = costAt(partition, from);
        for (const to of replicas[partition] as readonly number[]) {
          const cost = costAt(partition, to) - saved;
          if (to === from || cost >= (row[to] as number)) continue;
          row[to] = cost;
          units[to] = partition;
        }
      }
    },

    move(partition, from, to) {
      const left = led[from] as number[];
      left.splice(left.indexOf(partition), 1);
      (led[to] as number[]).push(partition);
      leaders[partition] = to;
      counts[from] = (counts[from] as number) - 1;
      counts[to] = (counts[to] as number) + 1;
      return [from, to];
    },
  };
}
