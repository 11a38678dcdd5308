// Reads which messages of a running cluster no group has read yet and a shorter retention would delete.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { unreadBefore, unreadUnknownReason, type UnreadLoss } from '../../../ops/kafka/live/retention-cut.ts';
import type { Caller } from '../../caller.ts';

/** @throws AppError broker-unreachable, also where only some of the groups could be read */
export async function readUnread(
  io: Caller,
  { name, config }: { name: string; config: KafkaClusterConfig },
  changes: KafkaChanges,
  { retentionMs, topics }: { retentionMs: number; topics: readonly string[] },
): Promise<readonly UnreadLoss[]> {
  await using inspector = await kafkaDriver.inspect(name, config, io, { allCommits: true });
  const snapshot = await inspector.snapshot({ signal: io.signal });
  const unknown = unreadUnknownReason(snapshot);
  if (unknown !== undefined) throw new AppError('broker-unreachable', unknown);
  const cut = new Set(topics);
  const parts = snapshot.topics.filter((topic) => cut.has(topic.name)).flatMap(({ partitions }) => partitions);
  const young = await changes.offsetsAt(parts, io.clock.now().getTime() - retentionMs, io);
  return unreadBefore(snapshot, topics, young);
}
