// Lists the queues of a topic that messages are sent to.

import type { TopicQueue } from './topic-queues.ts';

/** Those that take messages now, or did at first: sends to a queue that closes during a run fail, and count as failed. */
export function createOpenQueues() {
  const seen = new Map<
    string,
    { first: ReadonlySet<number>; queues: readonly TopicQueue[]; open: readonly number[] }
  >();
  return {
    /** @param queues of the topic, with numbers that stay */
    see(topic: string, queues: readonly TopicQueue[]): void {
      const before = seen.get(topic);
      if (before?.queues === queues) return;
      const first = before?.first ?? new Set(openAtFirst(queues));
      const open = numbersOf(queues.filter(({ isWritable, partition }) => isWritable || first.has(partition)));
      const isSame = before?.open.length === open.length && before.open.every((one, index) => one === open[index]);
      seen.set(topic, { first, queues, open: isSame ? before.open : open });
    },
    /** By number; the same array until that changes. Undefined before the topic was seen. */
    of: (topic: string) => seen.get(topic)?.open,
  };
}

/** All where none is open: sends then fail with the reason. */
function openAtFirst(queues: readonly TopicQueue[]): number[] {
  const open = queues.filter(({ isWritable }) => isWritable);
  return numbersOf(open.length === 0 ? queues : open);
}

const numbersOf = (queues: readonly TopicQueue[]) => queues.map(({ partition }) => partition);
