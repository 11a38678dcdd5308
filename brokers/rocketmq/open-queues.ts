// Lists the queues of a topic that messages are sent to.

import type { TopicQueue } from './topic-queues.ts';

/** Lists queues that are writable now or were at first, so that sends to a queue that closes during a run fail. */
export function createOpenQueues() {
  const seen = new Map<
    string,
    { first: ReadonlySet<number>; queues: readonly TopicQueue[]; open: readonly number[] }
  >();
  return {
    /** @param queues queues of the topic, with stable numbers */
    see(topic: string, queues: readonly TopicQueue[]): void {
      const before = seen.get(topic);
      if (before?.queues === queues) return;
      const first = before?.first ?? new Set(openAtFirst(queues));
      const open = numbersOf(queues.filter(({ isWritable, partition }) => isWritable || first.has(partition)));
      const isSame = before?.open.length === open.length && before.open.every((one, index) => one === open[index]);
      seen.set(topic, { first, queues, open: isSame ? before.open : open });
    },
    /** Returns queue numbers, the same array until they change; undefined before the topic was seen. */
    of: (topic: string) => seen.get(topic)?.open,
  };
}

/** Returns all queues if none is open, so that sends fail with the reason. */
function openAtFirst(queues: readonly TopicQueue[]): number[] {
  const open = queues.filter(({ isWritable }) => isWritable);
  return numbersOf(open.length === 0 ? queues : open);
}

const numbersOf = (queues: readonly TopicQueue[]) => queues.map(({ partition }) => partition);
