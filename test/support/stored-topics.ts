// Keeps topics of one cluster in memory, for lookups and senders.

import { AppError } from '../../core/errors.ts';
import type { ClusterLookup, FoundMessage } from '../../brokers/lookup.ts';
import type { MessageSender } from '../../brokers/message-sender.ts';

/** Partitions of each topic, each with its messages by offset. */
export type StoredTopics = Readonly<Record<string, FoundMessage[][]>>;

export interface StoredCluster {
  lookup: Pick<ClusterLookup, 'partitions' | 'stored' | 'messages'>;
  sender: Pick<MessageSender, 'places' | 'send'>;
}

export function storedTopics(topics: StoredTopics): StoredCluster {
  function partitionsOf(topic: string): FoundMessage[][] {
    const partitions = topics[topic];
    if (partitions === undefined) throw new AppError('not-found', `the cluster has no topic ${topic}`);
    return partitions;
  }
  const places = async (topic: string) => partitionsOf(topic).map((_, partition) => ({ topic, partition }));
  const logOf = (topic: string, partition: number) => partitionsOf(topic)[partition] ?? [];
  return {
    lookup: {
      partitions: places,
      async stored({ topic, partition, from, most }) {
        const log = logOf(topic, partition);
        const end = (log.at(-1)?.offset ?? -1n) + 1n;
        const first = from.kind === 'offset' ? from.offset : from.kind === 'newest' ? end - BigInt(most) : 0n;
        const messages = log.filter(({ offset }) => offset >= first).slice(0, most);
        const last = messages.at(-1);
        return { messages, next: messages.length < most || last === undefined ? end : last.offset + 1n, end };
      },
      async messages(question) {
        if (question.kind !== 'offset') return { kind: 'not-there', reason: 'looked for by offset only' };
        const found = logOf(question.topic, question.partition).find(({ offset }) => offset === question.offset);
        return found === undefined ? { kind: 'not-there', reason: 'expired' } : { kind: 'found', messages: [found] };
      },
    },
    sender: {
      places,
      async send({ topic, partition, ...message }) {
        const log = logOf(topic, partition);
        const offset = (log.at(-1)?.offset ?? -1n) + 1n;
        log.push({ topic, partition, offset, facts: {}, ...message });
        return offset;
      },
    },
  };
}
