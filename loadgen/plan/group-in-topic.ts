// Names the consumer group of each topic.

/** A separate group per topic: RocketMQ groups whose members subscribe to different topics lose messages. */
export const groupInTopic = (group: string, topicIndex: number) =>
  topicIndex === 0 ? group : `${group}-topic-${topicIndex + 1}`;

/** @returns the names of a group in the cluster, one per topic of the run */
export const groupsInTopics = (group: string, topics: readonly string[]): string[] =>
  topics.map((_, index) => groupInTopic(group, index));
