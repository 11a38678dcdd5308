// Computes each broker's even share of replicas and leaders by capacity, within rack limits.

import type { Bounds } from './even-out.ts';
import { isHolder, rackLimit, type Problem } from './problem.ts';

/** Shares that differ by less count as the same whole number, because they result from a bisection. */
const tolerance = 1e-6;

interface Range {
  weight: number;
  least: number;
  most: number;
}

/** @returns shares that add up to the total, in proportion to weight if the ranges allow it */
function evenShares(total: number, ranges: readonly Range[]): number[] {
  const whole = ranges.reduce((sum, { weight }) => sum + weight, 0);
  const plain = ranges.map(({ weight }) => (total * weight) / whole);
  const fits = (share: number, { least, most }: Range) => share >= least && share <= most;
  if (ranges.every((range, index) => fits(plain[index] as number, range))) return plain;
  const sharesAt = (level: number) =>
    ranges.map(({ weight, least, most }) => Math.min(most, Math.max(least, level * weight)));
  const sumAt = (level: number) => sharesAt(level).reduce((sum, share) => sum + share, 0);
  let [low, high] = [0, Math.max(...ranges.map(({ most, weight }) => most / weight))];
  for (let round = 0; round < 100; round += 1) {
    const middle = (low + high) / 2;
    if (sumAt(middle) < total) low = middle;
    else high = middle;
  }
  return sharesAt(high);
}

/** @param slack how far counts may exceed floor and ceiling if nothing closer is possible */
export function boundsAround(shares: readonly number[], waiting: number, slack: number): Bounds {
  const none = Array.from({ length: waiting }, () => 0);
  return {
    low: Int32Array.from([...shares.map((share) => Math.max(0, Math.floor(share + tolerance) - slack)), ...none]),
    high: Int32Array.from([...shares.map((share) => Math.ceil(share - tolerance) + slack), ...none]),
  };
}

/** @returns each live broker's share of replicas, by weight alone, and at most what it may hold */
export function plainShares(problem: Problem): number[] {
  const total = problem.partitions.reduce((sum, { replicas }) => sum + replicas.length, 0);
  return evenShares(total, holdingRanges(problem));
}

/** Range of the number of replicas of each live broker. */
function holdingRanges({ weights, brokers, partitions }: Problem): Range[] {
  const holdings = (broker: number) => partitions.filter((each) => isHolder(each, broker)).length;
  return weights.map((weight, broker) => ({
    weight,
    least: 0,
    most: brokers[broker]?.isCordoned === true ? holdings(broker) : partitions.length,
  }));
}

/** @returns each live broker's share of replicas, as close to its weight as racks allow */
export function replicaShares(problem: Problem): number[] {
  const { partitions, racks, rackOf, weights, live } = problem;
  const total = partitions.reduce((sum, { replicas }) => sum + replicas.length, 0);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const ranges = holdingRanges(problem);
  const rackIndices = [...Array(Math.max(1, racks.length)).keys()];
  const members = rackIndices.map((rack) => [...Array(live).keys()].filter((broker) => rackOf[broker] === rack));
  const ofRacks = rackIndices.map((rack): Range => {
    const weight = (members[rack] ?? []).reduce((sum, broker) => sum + (weights[broker] as number), 0);
    const [least, most] = rackRange(problem, members, rack);
    const held = (members[rack] ?? []).reduce((sum, broker) => sum + (ranges[broker] as Range).most, 0);
    return { weight: weight / whole, least: Math.min(least, held), most: Math.min(most, held) };
  });
  const perRack = evenShares(total, ofRacks);
  const shares = Array.from({ length: live }, () => 0);
  for (const rack of rackIndices) {
    const brokers = members[rack] ?? [];
    const inRack = evenShares(
      perRack[rack] as number,
      brokers.map((broker) => ranges[broker] as Range),
    );
    for (const [index, broker] of brokers.entries()) shares[broker] = inRack[index] as number;
  }
  return shares;
}

/** Minimum and maximum number of replicas of a rack, from its brokers and the limit of each partition. */
function rackRange(problem: Problem, members: readonly (readonly number[])[], rack: number): [number, number] {
  const factors = Map.groupBy(problem.partitions, ({ replicas }) => replicas.length);
  let [least, most] = [0, 0];
  for (const [factor, { length }] of factors) {
    const rooms = members.map((brokers) => Math.min(rackLimit(problem, factor), brokers.length));
    const elsewhere = rooms.reduce((sum, room, index) => (index === rack ? sum : sum + room), 0);
    least += length * Math.max(0, factor - elsewhere);
    most += length * Math.min(factor, rooms[rack] as number);
  }
  return [least, most];
}

/** @returns each live broker's share of leaders; a broker cannot lead more partitions than it holds */
export function leaderShares({ weights }: Problem, held: readonly number[], partitions: number): number[] {
  const ranges = held.map((most, broker) => ({ weight: weights[broker] as number, least: 0, most }));
  return evenShares(partitions, ranges);
}
