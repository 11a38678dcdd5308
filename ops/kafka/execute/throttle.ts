// Computes and sets the replication throttle: a share of the slowest link, but at least the incoming rate of the moving
// partitions.

import type { MovingPartition } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { AppError } from '../../../core/errors.ts';
import type { BrokerLoad } from '../live/broker-load.ts';
import { lowestThrottle, roomOn, throttledTraffic, type CopiedPartition } from '../reassign/pace.ts';
import { borrow, recordSet } from '../../change/borrowed-settings.ts';
import type { Run } from './run.ts';

/** A smaller change needs no request; same threshold as autothrottle of topicmappr. */
export const worthwhile = 0.1;

export interface Throttle {
  bytesPerSecond: number;
  /** The free link capacity is less than replicas need to catch up, so the throttle is the lowest rate that converges. */
  isTight: boolean;
}

/**
 * Kafka limits with one rate each what a broker sends to followers and what it fetches; both are set to this value.
 *
 * @param share of the rate that the links allow; catching up takes precedence
 * @returns nothing if no rate was requested and the links are unknown
 */
export function throttleFor(
  {
    networkBytesPerSecond,
    throttleBytesPerSecond,
  }: { networkBytesPerSecond?: number | undefined; throttleBytesPerSecond?: number | undefined },
  load: BrokerLoad,
  copied: readonly CopiedPartition[],
  share = 1,
): Throttle | undefined {
  const floor = lowestThrottle(throttledTraffic(copied, load.written));
  if (throttleBytesPerSecond !== undefined) {
    return {
      bytesPerSecond: Math.max(floor, share * throttleBytesPerSecond),
      isTight: throttleBytesPerSecond < floor,
    };
  }
  if (networkBytesPerSecond === undefined) return undefined;
  const brokers = copied.flatMap(({ adding, leader }) => (leader === undefined ? adding : [...adding, leader]));
  const taken = brokers.map((id) => Math.max(load.incoming.get(id) ?? 0, load.replicating.get(id) ?? 0));
  const room = roomOn(networkBytesPerSecond, Math.max(0, ...taken));
  return { bytesPerSecond: Math.max(floor, Math.floor(share * room)), isTight: room < floor };
}

const rates = ['leader.replication.throttled.rate', 'follower.replication.throttled.rate'] as const;
const replicas = {
  leader: 'leader.replication.throttled.replicas',
  follower: 'follower.replication.throttled.replicas',
};
export const throttleKeys = { broker: rates, topic: Object.values(replicas) };

/**
 * @param moving partitions that copy from now on: throttles only these replicas, not in-sync followers beside them
 * @param alive current brokers of the cluster: an absent one copies nothing
 */
export async function setThrottle(
  run: Run,
  bytesPerSecond: number,
  moving: readonly Pick<MovingPartition, 'topic' | 'partition' | 'replicas' | 'adding'>[],
  alive: ReadonlySet<number>,
): Promise<void> {
  const rate = String(Math.round(bytesPerSecond));
  const holding = [...new Set(moving.flatMap((each) => [...each.replicas, ...each.adding]))];
  const brokers = holding.filter((broker) => alive.has(broker));
  const byTopic = Map.groupBy(moving, ({ topic }) => topic);
  const listed = (parts: typeof moving, which: (each: (typeof moving)[number]) => readonly number[]) =>
    parts.flatMap((each) => which(each).map((broker) => `${each.partition}:${broker}`)).join(',');
  await borrow(run, 'throttle', [
    ...brokers.map((broker) => ({
      kind: 'broker' as const,
      name: String(broker),
      settings: Object.fromEntries(rates.map((key) => [key, rate])),
    })),
    ...[...byTopic].map(([name, parts]) => ({
      kind: 'topic' as const,
      name,
      settings: {
        [replicas.leader]: listed(parts, (each) => each.replicas.filter((broker) => !each.adding.includes(broker))),
        [replicas.follower]: listed(parts, ({ adding }) => adding),
      },
    })),
  ]);
}

/**
 * Changes only the rate, on brokers with replicas of this change. Skips absent or disappearing brokers, which other
 * checks detect.
 */
export async function changeRate(run: Run, bytesPerSecond: number, alive: ReadonlySet<number>): Promise<void> {
  const rate = String(Math.round(bytesPerSecond));
  const settings = Object.fromEntries(rates.map((key) => [key, rate]));
  const limited = run.journal.borrowed.filter(
    ({ kind, name, why }) => kind === 'broker' && why === 'throttle' && alive.has(Number(name)),
  );
  for (const borrowed of limited) recordSet(borrowed, settings);
  await run.save();
  for (const { kind, name } of limited) {
    await run.changes.alterSettings({ kind, name }, settings, { signal: run.signal }).catch(unlessAway(run));
  }
}

const unlessAway = ({ signal }: Run) => {
  return (cause: unknown): void => {
    signal.throwIfAborted();
    if (!(cause instanceof AppError) || !['not-found', 'broker-unreachable'].includes(cause.code)) throw cause;
  };
};
