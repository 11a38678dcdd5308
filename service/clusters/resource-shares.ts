// Computes the share of the limiting resource that each topic and group uses.

import { costOf, messageSizes, replicasOf, unitOf } from '../../app/observe/resource-demand.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Limit } from '../../core/documents/analysis.ts';
import type { SharedBy } from '../../core/client-cost.ts';
import type { ClusterTraffic } from './traffic.ts';

export interface ResourceShares {
  /** The shared resource. */
  of: SharedBy;
  topics: ReadonlyMap<string, number>;
  /** Empty for resources that groups do not use, such as network receive of brokers. */
  groups: ReadonlyMap<string, number>;
}

/**
 * Attributes bytes sent to a consumer to its group, and all costs of a message to its topic. The limit selects the
 * shared resource: network transmit or receive, disks, and otherwise messages produced and consumed.
 *
 * @returns undefined while no rate is known
 */
export function sharesOf(
  limit: Limit | undefined,
  snapshot: ClusterSnapshot,
  traffic: ClusterTraffic,
): ResourceShares | undefined {
  const key = JSON.stringify(limit ?? {});
  const last = known.get(traffic);
  if (last?.key === key) return last.shares;
  const shares = computed(limit, snapshot, traffic);
  known.set(traffic, { key, shares });
  return shares;
}

/** Cached per reading, because open pages are rendered every 30 s, for many readers. */
const known = new WeakMap<ClusterTraffic, { key: string; shares: ResourceShares | undefined }>();

function computed(
  limit: Limit | undefined,
  snapshot: ClusterSnapshot,
  traffic: ClusterTraffic,
): ResourceShares | undefined {
  const wanted = unitOf(limit);
  const sizes = wanted === 'messages' ? undefined : messageSizes(snapshot, traffic);
  return sizes === undefined ? byMessages(traffic) : byBytes(wanted, sizes, snapshot, traffic);
}

function byMessages({
  topics,
  groups,
  produceTps = 0,
  consumeTps: consumed = 0,
}: ClusterTraffic): ResourceShares | undefined {
  const used = new Map<string, number>();
  for (const [name, { produceTps = 0, consumeTps = 0 }] of topics) used.set(name, produceTps + consumeTps);
  const read = new Map(Array.from(groups, ([name, { consumeTps }]) => [name, consumeTps] as const));
  // The total includes topics that the config hides.
  return shared('messages', used, read, produceTps + consumed);
}

function byBytes(
  of: SharedBy,
  sizes: ReadonlyMap<string, number>,
  snapshot: ClusterSnapshot,
  { topics, groups }: ClusterTraffic,
): ResourceShares | undefined {
  const used = new Map<string, number>();
  const towardsConsumer = new Map<string, number>();
  const replicas = replicasOf(snapshot);
  for (const [name, { produceTps = 0, consumeTps = 0 }] of topics) {
    const storedBytes = sizes.get(name);
    if (storedBytes === undefined) continue;
    const cost = costOf(snapshot.cluster.kind, { storedBytes, topic: name, replicas: replicas(name) }, of);
    used.set(name, produceTps * cost.produced + consumeTps * cost.consumed);
    towardsConsumer.set(name, cost.consumed);
  }
  const read = new Map<string, number>();
  for (const [group, { topics: readTopics = new Map<string, number>() }] of groups) {
    let bytes = 0;
    for (const [topic, tps] of readTopics) bytes += tps * (towardsConsumer.get(topic) ?? 0);
    if (bytes > 0) read.set(group, bytes);
  }
  return shared(of, used, read);
}

function shared(
  of: SharedBy,
  topics: ReadonlyMap<string, number>,
  groups: ReadonlyMap<string, number>,
  least = 0,
): ResourceShares | undefined {
  const whole = Math.max(
    least,
    topics.values().reduce((sum, each) => sum + each, 0),
  );
  if (!(whole > 0)) return undefined;
  const parts = (all: ReadonlyMap<string, number>) => new Map(Array.from(all, ([name, each]) => [name, each / whole]));
  return { of, topics: parts(topics), groups: parts(groups) };
}
