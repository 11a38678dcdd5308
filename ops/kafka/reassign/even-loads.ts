// States the loads that a plan spreads over brokers: bytes on disks, and bytes per second from producers.

import { leaderShares, plainShares, replicaShares } from './even-shares.ts';
import { partitionKey } from '../live/broker-load.ts';
import type { PlacedPartition, Problem } from './problem.ts';
import { type Load, usedBy } from './spread.ts';

export interface Balance {
  /** Share by which the load of a broker may differ from an even one; Infinity: only numbers are balanced. */
  tolerance: number;
  /** Bytes per second from producers, by `topic-partition`. */
  written?: ReadonlyMap<string, number> | undefined;
}

/** The same as Cruise Control's disk.balance.threshold and network.inbound.balance.threshold. */
export const defaultTolerance = 0.1;

/** Smaller differences are no reason to copy data: retention deletes segments of 1 GiB, and rates are measured for seconds. */
export const leastBytes = 2 ** 30;
const leastRate = 2 ** 20;

/** A full disk stops its broker, which an uneven load does not. */
const weightOfDisks = 1000;

type Sized = Pick<Problem, 'brokers' | 'live' | 'partitions' | 'others'>;
type ValueOf = (partition: PlacedPartition) => number;

const ofBytes: ValueOf = ({ bytes = 0 }) => bytes;

/** @returns what the disks hold at most; nothing if sizes are unknown */
export function diskLoad(problem: Sized): Load[] {
  const { brokers, live } = problem;
  if (!isSized(problem)) return [];
  const high = brokers.slice(0, live).map(({ diskBytes }) => diskBytes ?? Infinity);
  return [{ ...loadOf(problem, ofBytes), low: high.map(() => 0), high, weight: weightOfDisks, least: 0 }];
}

/**
 * Share of all bytes that may be copied to bring the same share of a load within the bounds. An exchange of two large
 * partitions copies both, and evens out only their difference; rates are measured for seconds.
 */
const mostCopied = { bytes: 2, rates: 1 };

/** @returns bytes and rates of replicas as far as they are known; even shares are as close to the weights as racks allow */
export function replicaLoads(problem: Problem, balance: Balance): Record<'bytes' | 'rates', Load[]> {
  const shares = problem.racks.length === 0 ? plainShares(problem) : replicaShares(problem);
  const copies = (valueOf: ValueOf) =>
    problem.partitions.reduce((sum, each) => sum + each.replicas.length * valueOf(each), 0);
  const [ofRate, isKnown] = [rateOf(balance), isSized(problem)];
  const bytes = isKnown ? copies(ofBytes) : 0;
  return {
    bytes: isKnown
      ? evenLoad({ ...loadOf(problem, ofBytes), mostCost: mostCopied.bytes }, shares, bytes, {
          ...balance,
          least: leastBytes,
        })
      : [],
    rates: ofRate
      ? evenLoad({ ...loadOf(problem, ofRate), mostCost: mostCopied.rates }, shares, copies(ofRate), {
          ...balance,
          least: leastRate,
          beside: bytes || undefined,
        })
      : [],
  };
}

/**
 * Producers and followers load the leader. Without rates, bytes replace them: topics of similar retention have bytes in
 * proportion to their rates.
 *
 * @param held number of replicas of each broker
 */
export function leaderLoads(problem: Problem, held: readonly number[], balance: Balance): Load[] {
  const ofRate = rateOf(balance);
  if (ofRate === undefined && !isSized(problem)) return [];
  const shares = leaderShares(problem, held, problem.partitions.length);
  const load = loadOf(problem, ofRate ?? ofBytes, 1);
  const all = load.of.reduce((sum, each) => sum + each, 0);
  return evenLoad(load, shares, all, { ...balance, least: ofRate === undefined ? leastBytes : leastRate });
}

const isSized = ({ partitions }: Sized) => partitions.every(({ bytes }) => bytes !== undefined);

const rateOf = ({ written }: Balance): ValueOf | undefined =>
  written && ((partition) => written.get(partitionKey(partition)) ?? 0);

/** @param replicas number of replicas of each partition that cause the load, from the leader on */
function loadOf({ partitions, others, live }: Sized, valueOf: ValueOf, replicas?: number): Pick<Load, 'of' | 'base'> {
  const places = others.map((each) => each.replicas.slice(0, replicas).filter((broker) => broker < live));
  const none = Array.from({ length: live }, () => 0);
  return { of: partitions.map(valueOf), base: usedBy({ of: others.map(valueOf), base: none }, places) };
}

/**
 * @param all sum of the load that the plan places
 * @param how beside: sum of the load that this one is weighed against
 */
function evenLoad(
  load: Pick<Load, 'of' | 'base' | 'mostCost'>,
  shares: readonly number[],
  all: number,
  { tolerance, least, beside = all }: Pick<Balance, 'tolerance'> & { least: number; beside?: number | undefined },
): Load[] {
  if (all === 0 || tolerance === Infinity) return [];
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const total = load.base.reduce((sum, each) => sum + each, all);
  const even = shares.map((share) => (total * share) / whole);
  const bound = (sign: 1 | -1) => even.map((share) => share + sign * Math.max(tolerance * share, least));
  // Excesses below a thousandth of a mean load are ignored.
  return [{ ...load, low: bound(-1), high: bound(1), weight: beside / all, least: total / shares.length / 1000 }];
}
