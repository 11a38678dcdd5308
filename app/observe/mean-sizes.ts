// Determines the mean message size of each topic from the best available figure.

import { counterGrowth } from '../../brokers/delta/counter-growth.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { Partition } from '../../core/cluster.ts';
import type { Reading, TopicSize } from './rates.ts';
import { storedSizes } from './resource-demand.ts';

/**
 * Sources of bytes. `counter`: counted by the broker in this interval. `log-growth`: growth of the log, without
 * copies. `minute-mean`: messages of this interval times the mean size of the broker's last minute. `mean-size`: times the mean size of
 * stored messages, or of all messages that the broker stored in this interval.
 */
export type BytesMethod = 'counter' | 'log-growth' | 'minute-mean' | 'mean-size';

export type MeanSize = { bytes: number; method: BytesMethod } | undefined;

export interface Moved {
  topic: string;
  broker: string;
  messages: number;
  messagesPerSecond: number;
  /** Time between the two readings of its ends. */
  seconds: number;
}

interface MeanSizes {
  ofTopic(topic: string, broker: string): MeanSize;
  ofGroup(group: string, topic: string, broker: string): MeanSize;
}

export const meanSizes: ByKind<(before: Reading, after: Reading, written: readonly Moved[]) => MeanSizes> = {
  kafka(before, after, written) {
    // Log sizes grew between the two readings, so they do not apply to messages counted over another time.
    const seconds = after.atSeconds - before.atSeconds;
    const late = new Set(written.filter((each) => Math.abs(each.seconds - seconds) > 0.5).map(({ topic }) => topic));
    const ofTopic = growthSizes(
      before,
      after,
      written.filter(({ topic }) => !late.has(topic)),
    );
    const { sizes: topicSizes = [], snapshot } = after;
    const sizes = storedSizes({ ...snapshot, kafka: { ...snapshot.kafka, topicSizes } });
    const stored = new Map(Array.from(sizes, ([topic, bytes]) => [topic, { bytes, method: 'mean-size' }] as const));
    return {
      ofTopic: (topic) => ofTopic.get(topic) ?? stored.get(topic),
      ofGroup: (_, topic) => stored.get(topic),
    };
  },

  rocketmq(before, after, written) {
    const { brokers = [], topicTraffic = [], groupTraffic = [] } = after.snapshot.rocketmq ?? {};
    const ofBroker = new Map(
      brokers.map(({ id }) => {
        const { bytesIn, messagesIn = 0 } = counterGrowth(before, after, id)?.counters ?? {};
        const isKnown = bytesIn !== undefined && messagesIn > 0;
        const size: MeanSize = isKnown ? { bytes: bytesIn / messagesIn, method: 'mean-size' } : undefined;
        return [id, { size, putMessages: messagesIn }] as const;
      }),
    );
    const ofTopic = (topic: string, broker: string): MeanSize => {
      const { size, putMessages = 0 } = ofBroker.get(broker) ?? {};
      const own = written.find((each) => each.topic === topic && each.broker === broker)?.messages ?? 0;
      // The last minute may include messages of another size from before this interval.
      if (size !== undefined && own >= nearlyAll * putMessages) return size;
      return minuteMean(topicTraffic.find((each) => each.topic === topic && each.broker === broker)) ?? size;
    };
    return {
      ofTopic,
      ofGroup: (group, topic, broker) =>
        minuteMean(
          groupTraffic.find((each) => each.group === group && each.topic === topic && each.broker === broker),
        ) ?? ofTopic(topic, broker),
    };
  },
};

/** If a topic has this share of the broker's messages in the interval, their mean size is used for the topic. */
const nearlyAll = 0.9;

function minuteMean(traffic: { messagesPerSecond?: number; bytesPerSecond?: number } | undefined): MeanSize {
  const { messagesPerSecond = 0, bytesPerSecond = 0 } = traffic ?? {};
  if (messagesPerSecond <= 0 || bytesPerSecond <= 0) return undefined;
  return { bytes: bytesPerSecond / messagesPerSecond, method: 'minute-mean' };
}

/** A log that shrank has lost old messages, so its growth is unknown. */
function growthSizes({ sizes: before = [] }: Reading, after: Reading, written: readonly Moved[]) {
  const keyOf = ({ topic, broker }: TopicSize) => `${topic}\u0000${broker}`;
  const earlier = new Map(before.map((each) => [keyOf(each), each.bytes]));
  const copies = new Map(after.snapshot.topics.map(({ name, partitions }) => [name, meanCopies(partitions)]));
  const messages = new Map<string, number>();
  for (const each of written) messages.set(each.topic, (messages.get(each.topic) ?? 0) + each.messages);
  const means = new Map<string, MeanSize>();
  for (const [topic, sizes] of Map.groupBy(after.sizes ?? [], (each) => each.topic)) {
    const grown = sizes.map((each) => Number(each.bytes - (earlier.get(keyOf(each)) ?? each.bytes)));
    const [count, copyCount] = [messages.get(topic) ?? 0, copies.get(topic) ?? 0];
    const total = grown.reduce((sum, each) => sum + each, 0);
    if (count === 0 || copyCount === 0 || total <= 0 || grown.some((each) => each < 0)) continue;
    means.set(topic, { bytes: total / copyCount / count, method: 'log-growth' });
  }
  return means;
}

const meanCopies = (partitions: readonly Partition[]) =>
  partitions.length === 0 ? 0 : partitions.reduce((sum, { replicas }) => sum + replicas.length, 0) / partitions.length;
