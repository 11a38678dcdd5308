// Of which topics was not every end read? A sum over the partitions that answered would look whole and be too small.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';

export function topicsWithUnreadEnds({ topics, offsets }: ClusterSnapshot): ReadonlySet<string> {
  const read = new Map<string, number>();
  for (const { topic, end } of offsets) if (end !== undefined) read.set(topic, (read.get(topic) ?? 0) + 1);
  return new Set(topics.filter(({ name, partitions }) => read.get(name) !== partitions.length).map(({ name }) => name));
}
