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

/** Share of free bandwidth that moves may fill: the same that topicmappr's autothrottle leaves to them. */
const usableShare = 0.9;

/** Sizes of logs show nothing of consumers: half of what producers and followers leave stays free for their reads. */
const shareBesideReads = 0.5;

/** A follower that copies no faster than its leader is written to never catches up; so much faster it does. */
const aboveWritten = 1.25;
/** One byte a second is no throttle to copy with where nothing comes in: a mebibyte is. */
const least = 2 ** 20;

/** @param traffic bytes per second that the throttle counts once the copies have caught up. @returns the lowest rate at which they do */
export const lowestThrottle = (traffic: number): number => Math.max(least, Math.ceil(aboveWritten * traffic));

/** @param taken bytes per second of producers and followers */
export const roomOn = (link: number, taken = 0): number => Math.floor(usableShare * shareBesideReads * (link - taken));

/** @returns nothing where the link of a broker is unknown */
export function slowestLink(brokers: Brokers): number | undefined {
  const links = brokers.flatMap(({ capacity }) => capacity?.networkBytesPerSecond ?? []);
  return links.length === brokers.length ? Math.min(...links) : undefined;
}

export interface CopiedPartition {
  topic: string;
  partition: number;
  /** Brokers that hold it, with or without those of `adding`. */
  replicas: readonly number[];
  adding: readonly number[];
  leader?: number | undefined;
}

/**
 * Kafka slows down copies only, but a leader also counts what followers in sync fetch of a partition that is listed in
 * leader.replication.throttled.replicas (KafkaApis.sizeOfThrottledPartitions).
 *
 * @param written bytes per second that producers send, by `topic-partition`
 * @returns bytes per second that the throttle of the busiest broker counts once the copies have caught up
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
  /** What a broker takes in at its busiest. */
  incoming?: number | undefined;
  /** What producers send, by `topic-partition`. */
  written?: ReadonlyMap<string, number> | undefined;
  /** What was requested instead of the rate that the links have room for. */
  throttle?: number | undefined;
}

/**
 * One throttle holds for all brokers, as Kafka's tool sets it, so the slowest link of the wave decides.
 *
 * @returns nothing where no rate was requested and links are not known, or where links leave no room in which copies catch up. Low
 * is with the links to themselves where no rate was requested, mid at the throttle, high where what comes in while a replica moves
 * has to be fetched through the throttle as well: half of it where that is not known.
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
