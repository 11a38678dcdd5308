// Provides a RocketMQ topic with default settings.

import type { TopicDefinition } from '../../brokers/rocketmq/protocol/topic-requests.ts';

export const topicOf = (name: string, over: Partial<TopicDefinition> = {}): TopicDefinition => ({
  name,
  readQueues: 2,
  writeQueues: 2,
  permission: 6,
  filterType: 'SINGLE_TAG',
  sysFlag: 0,
  order: false,
  attributes: {},
  ...over,
});
