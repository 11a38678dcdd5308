// Assigns a history slot to each partition by topic, topic id, broker name and number.

import { getOrMake } from '../../core/get-or-make.ts';
import { createOffsetHistory } from './offset-history.ts';

/** 512 bytes each (offset-history.ts) and about 100 for the lookup: at most 250 MB. */
const maxPartitions = 400_000;

/** Name servers and metadata may omit a topic for a while. */
const forgetAfterSeconds = 3600;

export interface TrackedTopic {
  id?: string;
  /** Seconds; when the topic was last seen in a group. */
  seenAt: number;
  /** History slots by broker name and partition; Kafka uses the broker name ''. */
  slots: Map<string, Map<number, number>>;
}

export type TrackedPartitions = ReturnType<typeof createTrackedPartitions>;

export function createTrackedPartitions() {
  const history = createOffsetHistory({ maxPartitions });
  const topics = new Map<string, TrackedTopic>();

  function release({ slots }: TrackedTopic): void {
    for (const byPartition of slots.values()) for (const slot of byPartition.values()) history.close(slot);
    slots.clear();
  }

  return {
    history,
    topics: topics as ReadonlyMap<string, TrackedTopic>,

    /** The current topic; with another id its histories restart. */
    topic(name: string, id: string | undefined, time: number): TrackedTopic {
      const known = topics.get(name);
      if (known === undefined) {
        const topic: TrackedTopic = { ...(id !== undefined && { id }), seenAt: time, slots: new Map() };
        topics.set(name, topic);
        return topic;
      }
      if (id !== undefined && id !== known.id) {
        if (known.id !== undefined) release(known);
        known.id = id;
      }
      known.seenAt = time;
      return known;
    },

    /** @returns undefined if there are too many partitions */
    slot({ slots }: TrackedTopic, brokerName = '', partition: number): number | undefined {
      const byPartition = getOrMake(slots, brokerName, () => new Map<number, number>());
      const known = byPartition.get(partition);
      if (known !== undefined) return known;
      const slot = history.open();
      if (slot !== undefined) byPartition.set(partition, slot);
      return slot;
    },

    forget(time: number) {
      for (const [name, topic] of topics) {
        if (time - topic.seenAt < forgetAfterSeconds) continue;
        release(topic);
        topics.delete(name);
      }
    },

    clear() {
      for (const topic of topics.values()) release(topic);
      topics.clear();
    },
  };
}
