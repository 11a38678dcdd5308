// Computes what a requested shorter retention saves.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { cutFindings, cutOf, topicsToCut, unreadUnknownReason } from '../../../ops/kafka/live/retention-cut.ts';
import { partitionKey } from '../../../ops/kafka/live/broker-load.ts';
import type { LivePlan } from './live-plan.ts';
import type { ReassignCaller } from './reassign-request.ts';

export interface RequestedCut {
  retentionMs: number;
  topics: readonly string[];
  findings: readonly Finding[];
}

/** @returns nothing if no cut was requested. @throws AppError usage; change-refused if the unread messages are unknown */
export async function requestedCut(
  io: ReassignCaller,
  { plan, snapshot, cluster }: LivePlan,
  changes: KafkaChanges,
): Promise<RequestedCut | undefined> {
  const retention = io.options['cut-retention'];
  if (retention === undefined) return undefined;
  const unknown = unreadUnknownReason(snapshot);
  if (unknown !== undefined) {
    throw new AppError(
      'change-refused',
      `--cut-retention could delete messages that a group has not read: ${unknown}; nothing was changed`,
      { hint: 'run it again once brokers answer; docs/reference/permissions.md lists what the user needs' },
    );
  }
  const retentionMs = Math.round(1000 * retention);
  const held = new Map(cluster.assignment.partitions.map((each) => [partitionKey(each), each.replicas]));
  const copied = plan.plan.partitions.filter((each) =>
    each.replicas.some((broker) => !held.get(partitionKey(each))?.includes(broker)),
  );
  const { topics, tiered } = topicsToCut(snapshot, copied, retentionMs);
  const cut = new Set(topics);
  const parts = cluster.assignment.partitions.filter(({ topic }) => cut.has(topic));
  const young = parts.length === 0 ? [] : await changes.offsetsAt(parts, io.clock.now().getTime() - retentionMs, io);
  const throttle = io.options.throttle ?? plan.waves[0]?.throttleBytesPerSecond;
  const found = cutOf({ snapshot, cluster, plan: copied }, { topics, retentionMs, young, throttle });
  return { retentionMs, topics, findings: cutFindings(found, tiered) };
}
