// Reads cluster metadata with Metadata v10 (topic ids, Kafka 2.8) or v9 (2.4), without creating topics.

import { metadataV10, metadataV9, type Connection } from '../library.ts';
import type { Broker, Partition, Topic } from '../../../core/cluster.ts';
import { AppError } from '../../../core/errors.ts';
import { joinAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import type { KafkaMetadata } from '../client.ts';
import { kafkaErrorNamed, permissionsHint, refusalOf } from '../errors.ts';
import { askForParts } from './ask.ts';
import { newestSpoken, type Link } from './links.ts';

type TopicAnswer = metadataV9.MetadataResponseTopic | metadataV10.MetadataResponseTopic;

/** Id of a topic that was created before topics had ids. */
const noId = '00000000-0000-0000-0000-000000000000';

/**
 * @param topics topic names, all topics if absent; those that do not exist are left out
 * @throws AppError broker-refused if the user may not see a named topic
 */
export async function readMetadata(
  connection: Connection,
  address: string,
  io: Io,
  topics?: readonly string[],
): Promise<KafkaMetadata> {
  const attempt = { action: 'read the metadata', address };
  const names = topics === undefined ? null : [...topics];
  return metadataIn(await askForParts(connection, attempt, io, metadataV9.api, names, false), address);
}

/** As readMetadata, in the newest version that both sides support. @throws AppError unsupported-broker */
export async function readMetadataOver(link: Link, io: Io, topics?: readonly string[]): Promise<KafkaMetadata> {
  const api = newestSpoken(link, metadataV10.api, metadataV9.api);
  const names = topics === undefined ? null : [...topics];
  return metadataIn(await link.askForParts('read the metadata', io, api, names, false), link.address);
}

function metadataIn(
  answer: metadataV9.MetadataResponse | metadataV10.MetadataResponse,
  address: string,
): KafkaMetadata {
  for (const { name, errorCode } of answer.topics) {
    // In a request for all topics, the broker leaves out those that the user may not see.
    if (kafkaErrorNamed(errorCode) !== 'TOPIC_AUTHORIZATION_FAILED') continue;
    const refusal = refusalOf(errorCode, 'Metadata');
    throw new AppError('broker-refused', `cannot read the metadata of topic ${name ?? ''} on ${address}: ${refusal}`, {
      hint: permissionsHint,
    });
  }
  return {
    ...(typeof answer.clusterId === 'string' ? { clusterId: answer.clusterId } : {}),
    ...(answer.controllerId < 0 ? {} : { controllerId: String(answer.controllerId) }),
    brokers: answer.brokers.map(({ nodeId, host, port, rack }): Broker => ({
      id: String(nodeId),
      address: joinAddress(host, port),
      ...(typeof rack === 'string' ? { rack } : {}),
    })),
    topics: answer.topics.flatMap((topic) => (topic.errorCode === 0 ? topicOf(topic) : [])),
  };
}

/** @returns undefined while the partition has no leader, and for an unknown one */
export function leaderAddress(
  { brokers, topics }: KafkaMetadata,
  { topic, partition }: Pick<Partition, 'topic' | 'partition'>,
): string | undefined {
  const known = topics.find(({ name }) => name === topic)?.partitions.find((each) => each.partition === partition);
  return brokers.find(({ id }) => id === known?.leader)?.address;
}

function topicOf({ name, topicId, isInternal, partitions }: TopicAnswer): Topic | [] {
  if (typeof name !== 'string') return [];
  return {
    name,
    ...(topicId !== undefined && topicId !== noId && { id: topicId }),
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
