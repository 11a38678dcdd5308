// Creates topics with kafkajs, and waits until every partition has a leader.

import { setTimeout } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';

/** Waits up to 60 s. kafkajs waits as well, but fails if a broker does not know the topic yet. */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  let failure: unknown;
  for (const end = Date.now() + 60_000; Date.now() < end; await setTimeout(200)) {
    try {
      const { topics: told } = await admin.fetchTopicMetadata({ topics: names });
      const waiting = told.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0));
      if (waiting.length === 0) return;
      failure = new Error(`${waiting.map(({ name }) => name).join(', ')}: no leader yet`);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
