// Finds the topic whose messages a request asks for, and what of it may be searched.

import type { Request } from 'express';
import { headerFilter, type MessageFilter } from '../../app/observe/message-filter.ts';
import type { PartitionRef } from '../../brokers/lookup.ts';
import type { TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import type { MessageQuery } from '../../dashboards/web/cluster/message-query.ts';
import { isDeadLetterTopic } from '../../ops/resend/dead-letter.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';

export interface RequestedTopic {
  served: ServedCluster;
  topic: string;
  /** Of Kafka for dead-letter topics only. */
  kind?: NonNullable<TopicRow['kind']>;
  places: readonly PartitionRef[];
}

/** Only topics of the last reading are read: a name from an address is never sent to a broker. */
export function requestedTopic({ params }: Request, clusters: ServiceParts['clusters']): RequestedTopic | undefined {
  const served = clusters.get(String(params['cluster']));
  const snapshot = served?.last()?.snapshot;
  const topic = snapshot?.topics.find(({ name }) => name === params['topic']);
  if (served === undefined || topic === undefined) return undefined;
  // A dead-letter topic of Kafka holds messages of other topics, as one of RocketMQ does.
  const kind =
    snapshot?.rocketmq?.topics.find(({ name }) => name === topic.name)?.kind ??
    (isDeadLetterTopic(served.broker, topic.name, served.deadLetterTopics) ? 'dead-letter' : undefined);
  return { served, topic: topic.name, places: topic.partitions, ...(kind !== undefined && { kind }) };
}

export const maskable = ({ served, topic, kind }: RequestedTopic) => ({
  name: topic,
  broker: served.broker,
  ...(kind !== undefined && { kind }),
});

export function filterOf({ key, header, text }: MessageQuery): MessageFilter {
  return {
    ...(key !== '' && { key }),
    ...headerFilter(header),
    ...(text !== '' && { text }),
  };
}
