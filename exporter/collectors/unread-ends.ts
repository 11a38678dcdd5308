// Lists topics with an unread end offset: a sum over the other partitions would be too small.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';

export function topicsWithUnreadEnds({ topics, offsets, sections }: ClusterSnapshot): ReadonlySet<string> {
  const read = new Map<string, number>();
  for (const { topic, end } of offsets) if (end !== undefined) read.set(topic, (read.get(topic) ?? 0) + 1);
  const unread = hasUnknownQueues(sections)
    ? topics
    : topics.filter(({ name, partitions }) => read.get(name) !== partitions.length);
  return new Set(unread.map(({ name }) => name));
}

/** Each RocketMQ broker lists its own topics, so any topic may have more queues until every broker name was read. */
function hasUnknownQueues(sections: ClusterSnapshot['sections']): boolean {
  const byName = Map.groupBy(
    sections.filter(({ section }) => section === 'topics'),
    ({ broker = '' }) => broker.slice(0, broker.lastIndexOf(':')),
  );
  return byName.values().some((own) => own.every(({ kind }) => kind === 'missing'));
}
