// Computes how fast replicas may move and how long a wave takes, from link speed and regular traffic.

import { addTo } from '../../../core/get-or-make.ts';
import { busiest, partitionKey } from '../live/broker-load.ts';
import type { Brokers } from './files.ts';
import type { PlacedPartition, Problem } from './problem.ts';
import type { Wave } from './waves.ts';

export interface Span {
  low: number;
  mid: number;
  high: number;
}

export interface Pace {
  throttleBytesPerSecond?: number;
  etaSeconds?: Span;
}

/** Share of free bandwidth for moves: the same as topicmappr's autothrottle. */
const usableShare = 0.9;

/** Log sizes show nothing about consumers: half of the bandwidth besides producers and followers stays free for their reads. */
const shareBesideReads = 0.5;

/** A follower must copy faster than its leader is written to, by this factor, to catch up. */
const aboveWritten = 1.25;
/** Minimum throttle: without incoming traffic the factor alone would result in 1 byte/s. */
const least = 2 ** 20;

/**
 * @param traffic bytes per second that the throttle counts after the copies have caught up. @returns the lowest rate at
 *   which they catch up
 */
export const lowestThrottle = (traffic: number): number => Math.max(least, Math.ceil(aboveWritten * traffic));

/** @param taken bytes per second used by producers and followers */
export const roomOn = (link: number, taken = 0): number => Math.floor(usableShare * shareBesideReads * (link - taken));

/** @returns nothing if the link of a broker is unknown */
export function slowestLink(brokers: Brokers): number | undefined {
  const links = brokers.flatMap(({ capacity }) => capacity?.networkBytesPerSecond ?? []);
  return links.length === brokers.length ? Math.min(...links) : undefined;
}

export interface CopiedPartition {
  topic: string;
  partition: number;
  /** Brokers that hold it; may include those of `adding`. */
  replicas: readonly number[];
  adding: readonly number[];
  leader?: number | undefined;
}

/**
 * Kafka slows down copies only, but a leader also counts fetches of in-sync followers for a partition listed in
 * leader.replication.throttled.replicas (KafkaApis.sizeOfThrottledPartitions).
 *
 * @param written bytes per second from producers, by `topic-partition`
 * @returns bytes per second that the throttle of the busiest broker counts after the copies have caught up
 */
export function throttledTraffic(copied: readonly CopiedPartition[], written: ReadonlyMap<string, number>): number {
  const sums = new Map<string, number>();
  for (const each of copied) {
    const rate = written.get(partitionKey(each)) ?? 0;
    for (const broker of each.adding) addTo(sums, `in ${broker}`, rate);
    const followers = new Set([...each.replicas, ...each.adding]).size - 1;
    addTo(sums, `out ${each.leader}`, followers * rate);
  }
  return busiest(sums);
}

/** In bytes per second. */
export interface Traffic {
  /** Peak incoming rate of a broker. */
  incoming?: number | undefined;
  /** Rate from producers, by `topic-partition`. */
  written?: ReadonlyMap<string, number> | undefined;
  /** Requested rate, instead of the one that the links allow. */
  throttle?: number | undefined;
}

/**
 * Uses one throttle for all brokers, as Kafka's tool does, so the slowest link of the wave decides.
 *
 * @returns nothing if no rate was requested and links are unknown, or if links leave no room to catch up. `low` assumes
 *   idle links if no rate was requested, `mid` the throttle, `high` that data arriving during the move also uses the
 *   throttle: half of it if the incoming rate is unknown.
 */
export function paceOf(
  wave: Wave,
  { brokers, partitions }: Pick<Problem, 'brokers' | 'partitions'>,
  { incoming, written, throttle: requested }: Traffic,
): Pace {
  const moves = wave.filter(({ to }) => to !== undefined);
  if (moves.length === 0) return {};
  const links = new Set(moves.flatMap(({ to, from }) => [to as number, from as number]));
  const speeds = [...links].map((broker) => brokers[broker]?.networkBytesPerSecond);
  if (requested === undefined && speeds.includes(undefined)) return {};
  const slowest = Math.min(...speeds.map((speed) => speed ?? Infinity));
  const room = roomOn(slowest, incoming);
  const copied = moves.map(({ index, to, from }) => ({
    ...(partitions[index] as PlacedPartition),
    adding: [to as number],
    leader: from,
  }));
  const traffic = written === undefined ? undefined : throttledTraffic(copied, written);
  if (room <= (traffic ?? 0)) return {};
  const throttle = requested === undefined ? room : Math.max(lowestThrottle(traffic ?? 0), Math.round(requested));
  if (moves.some(({ index }) => partitions[index]?.bytes === undefined)) return { throttleBytesPerSecond: throttle };
  const perBroker = new Map<string, number>();
  for (const { index, to, from } of moves) {
    const bytes = partitions[index]?.bytes ?? 0;
    addTo(perBroker, `in ${to}`, bytes);
    addTo(perBroker, `out ${from}`, bytes);
  }
  const most = busiest(perBroker);
  const fastest = usableShare * slowest;
  const rate = Math.min(throttle, fastest);
  const slow = rate - (traffic ?? rate / 2);
  return {
    throttleBytesPerSecond: throttle,
    etaSeconds: { low: most / (requested === undefined ? fastest : rate), mid: most / rate, high: most / slow },
  };
}
