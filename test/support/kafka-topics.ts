// Creates topics with kafkajs, and waits until every partition has a leader.

import type { Admin, ITopicConfig } from 'kafkajs';
import { vi } from 'vitest';

/** kafkajs waits as well, but gives up where a broker has not heard of the topic yet. */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  await vi.waitFor(
    async () => {
      const { topics: told } = await admin.fetchTopicMetadata({ topics: names });
      const waiting = told.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0));
      if (waiting.length > 0) throw new Error(`${waiting.map(({ name }) => name).join(', ')}: no leader yet`);
    },
    { timeout: 60_000, interval: 200 },
  );
}
