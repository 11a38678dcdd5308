// Finds the topic whose messages a request reads, and the places to search in it.

import type { Request } from 'express';
import { headerFilter, type MessageFilter } from '../../app/observe/message-filter.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import type { TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import type { MessageQuery } from '../../dashboards/web/cluster/message-query.ts';
import { isDeadLetterTopic } from '../../ops/resend/dead-letter.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';

export interface RequestedTopic {
  served: ServedCluster;
  topic: string;
  /** On Kafka set only for dead-letter topics. */
  kind?: NonNullable<TopicRow['kind']>;
  places: readonly PartitionPlace[];
}

/** Reads only topics of the last reading: a name from an address is never sent to a broker. */
export function requestedTopic({ params }: Request, clusters: ServiceParts['clusters']): RequestedTopic | undefined {
  const served = clusters.get(String(params['cluster']));
  const snapshot = served?.last()?.snapshot;
  const topic = snapshot?.topics.find(({ name }) => name === params['topic']);
  if (served === undefined || topic === undefined) return undefined;
  // Dead-letter topics of Kafka, like those of RocketMQ, contain messages of other topics.
  const kind =
    detailsOf(snapshot).topics?.find(({ name }) => name === topic.name)?.kind ??
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
