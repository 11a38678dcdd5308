// What does a broker say the cluster is made of? Metadata v9: Kafka 2.4 and later, no topic is created by asking.

import { metadataV9, type Connection } from '@platformatic/kafka';
import type { Broker, Partition, Topic } from '../../../core/cluster.ts';
import { joinAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import type { KafkaMetadata } from '../client.ts';
import { askForParts } from './ask.ts';

type TopicAnswer = metadataV9.MetadataResponseTopic;

/** @param topics all when absent; those that do not exist are left out */
export async function readMetadata(
  connection: Connection,
  address: string,
  io: Io,
  topics?: readonly string[],
): Promise<KafkaMetadata> {
  const attempt = { action: 'read the metadata', address };
  const answer = await askForParts(
    connection,
    attempt,
    io,
    metadataV9.api,
    topics === undefined ? null : [...topics],
    false,
  );
  return {
    ...(typeof answer.clusterId === 'string' ? { clusterId: answer.clusterId } : {}),
    ...(answer.controllerId < 0 ? {} : { controllerId: String(answer.controllerId) }),
    brokers: answer.brokers.map(({ nodeId, host, port, rack }): Broker => ({
      id: String(nodeId),
      address: joinAddress(host, port),
      ...(typeof rack === 'string' ? { rack } : {}),
    })),
    topics: answer.topics.filter(({ errorCode }) => errorCode === 0).map(topicOf),
  };
}

function topicOf({ name, isInternal, partitions }: TopicAnswer): Topic {
  return {
    name,
    internal: isInternal,
    partitions: partitions
      .map((partition) => partitionOf(name, partition))
      .toSorted((a, b) => a.partition - b.partition),
  };
}

function partitionOf(topic: string, answer: TopicAnswer['partitions'][number]): Partition {
  return {
    topic,
    partition: answer.partitionIndex,
    ...(answer.leaderId < 0 ? {} : { leader: String(answer.leaderId) }),
    replicas: answer.replicaNodes.map(String),
    inSyncReplicas: answer.isrNodes.map(String),
  };
}
