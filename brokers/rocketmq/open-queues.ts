// Finds the writable queues that a topic gained since it was first read.

import type { TopicQueue } from './topic-queues.ts';

interface AddedQueues {
  /** @param queues of the topic, with numbers that stay */
  see(topic: string, queues: readonly TopicQueue[]): void;
  /** By number; the same array until that changes. */
  of(topic: string): readonly number[];
}

const none: readonly number[] = [];

export function createAddedQueues(): AddedQueues {
  const seen = new Map<string, { first: number; queues: readonly TopicQueue[]; added: readonly number[] }>();
  return {
    see(topic, queues) {
      const before = seen.get(topic);
      if (before?.queues === queues) return;
      const first = before?.first ?? queues.length;
      const added = queues.filter((one) => one.partition >= first && one.isWritable).map(({ partition }) => partition);
      const isSame = before?.added.length === added.length && before.added.every((one, index) => one === added[index]);
      seen.set(topic, { first, queues, added: isSame ? before.added : added });
    },
    of: (topic) => seen.get(topic)?.added ?? none,
  };
}
