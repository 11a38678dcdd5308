// Computes how fast replicas may move and how long a wave takes, from link speed and regular traffic.

import type { PlacedBroker, PlacedPartition } from './problem.ts';
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

/** Share of a link that moves may fill: the same that topicmappr's autothrottle leaves to them. */
export const usableShare = 0.9;

/** Share of the usable bandwidth where the brokers' load is unknown. */
const shareBesideUnknown = 0.5;

/**
 * One throttle holds for all brokers, as Kafka's tool sets it, so the slowest link of the wave decides.
 *
 * @param incoming bytes per second that a broker takes in at its busiest; a throttle below it would never let a replica catch up
 * @returns nothing where links are not known, or leave no room above the incoming rate. Low is with the links to themselves, mid
 * at the throttle, high where what comes in while a replica moves has to be fetched through the throttle as well.
 */
export function paceOf(
  wave: Wave,
  {
    brokers,
    partitions,
    incoming,
  }: { brokers: readonly PlacedBroker[]; partitions: readonly PlacedPartition[]; incoming?: number | undefined },
): Pace {
  const moves = wave.filter(({ to }) => to !== undefined);
  if (moves.length === 0) return {};
  const links = new Set(moves.flatMap(({ to, from }) => [to as number, from as number]));
  const speeds = [...links].map((broker) => brokers[broker]?.networkBytesPerSecond);
  if (speeds.includes(undefined)) return {};
  const slowest = Math.min(...(speeds as number[]));
  const throttle = Math.floor(
    usableShare * (incoming === undefined ? slowest * shareBesideUnknown : slowest - incoming),
  );
  if (throttle <= (incoming ?? 0)) return {};
  if (moves.some(({ index }) => partitions[index]?.bytes === undefined)) return { throttleBytesPerSecond: throttle };
  const perBroker = new Map<string, number>();
  const add = (key: string, bytes: number) => perBroker.set(key, (perBroker.get(key) ?? 0) + bytes);
  for (const { index, to, from } of moves) {
    const bytes = partitions[index]?.bytes ?? 0;
    add(`in ${to}`, bytes);
    add(`out ${from}`, bytes);
  }
  const most = Math.max(...perBroker.values());
  const slow = incoming === undefined ? throttle * shareBesideUnknown : throttle - incoming;
  return {
    throttleBytesPerSecond: throttle,
    etaSeconds: { low: most / (usableShare * slowest), mid: most / throttle, high: most / slow },
  };
}
