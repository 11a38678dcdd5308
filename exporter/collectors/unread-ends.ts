// Lists topics with an unread end offset: a sum over the other partitions would be too small.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';

export function topicsWithUnreadEnds({ topics, offsets }: ClusterSnapshot): ReadonlySet<string> {
  const read = new Map<string, number>();
  for (const { topic, end } of offsets) if (end !== undefined) read.set(topic, (read.get(topic) ?? 0) + 1);
  return new Set(topics.filter(({ name, partitions }) => read.get(name) !== partitions.length).map(({ name }) => name));
}
