// Names the consumer group of each topic.

/** A group per topic: RocketMQ groups whose members read different topics lose messages of each. */
export const groupInTopic = (group: string, topicIndex: number) =>
  topicIndex === 0 ? group : `${group}-topic-${topicIndex + 1}`;

/** @returns the names of a group in the cluster, one for each topic of the run */
export const groupsInTopics = (group: string, topics: readonly string[]): string[] =>
  topics.map((_, index) => groupInTopic(group, index));
