// Computes how far a RocketMQ slave is behind its master, from the commit logs of both.

import { masterId } from '../../core/broker-kind/rocketmq.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { BrokerRow } from '../../dashboards/web/cluster/cluster-view.ts';
import { behindOf, commitLogEnds } from '../../exporter/collectors/rocketmq/commit-log-ends.ts';

/** @returns the id of the master, and bytes where both report their end; undefined for what is no slave */
export function replicationOf(
  snapshot: ClusterSnapshot,
  { id, role, group }: Pick<BrokerRow, 'id' | 'role' | 'group'>,
): { master: string; behindBytes?: number } | undefined {
  if (role !== 'slave' || group === undefined) return undefined;
  // Masters have the broker id 0.
  const master = masterId(group);
  const ends = commitLogEnds(snapshot);
  const behind = behindOf(ends.get(master), ends.get(id));
  return { master, ...(behind !== undefined && { behindBytes: Number(behind) }) };
}
