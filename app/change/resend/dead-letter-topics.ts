// Reads which topics a config names as dead-letter topics.

import type { ClusterConfig } from '../../../brokers/config.ts';
import { byKind } from '../../../core/broker-kind/registry.ts';
import type { DeadLetterTopics } from '../../../ops/resend/dead-letter.ts';

export const deadLetterTopicsOf = (config: ClusterConfig): DeadLetterTopics =>
  byKind(config, { kafka: ({ deadLetterTopics }): DeadLetterTopics => deadLetterTopics, rocketmq: () => ({}) });
