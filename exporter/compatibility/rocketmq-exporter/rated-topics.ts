// Selects the topics whose rates rocketmq-exporter reads: neither retry nor dead-letter topics.

import { groupOfDeadLetters, isRetryTopic } from '../../collectors/rocketmq/group-names.ts';

/** MetricsCollectTask.collectBrokerStatsTopic of apache/rocketmq-exporter skips both prefixes, for topics and groups. */
export function hasUpstreamRates(topic: string): boolean {
  return !isRetryTopic(topic) && groupOfDeadLetters(topic) === undefined;
}

export const idleRate =
  '0 once idle for two minutes; upstream has no series until the broker has counted a first message, and rounds to two decimals';
