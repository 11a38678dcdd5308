// Creates and deletes topics with CreateTopics and DeleteTopics, and reports the broker's reason for a refusal.

import { createTopicsV5, createTopicsV7, deleteTopicsV4, deleteTopicsV5, deleteTopicsV6 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io, NewTopic } from '../../driver.ts';
import { kafkaErrorNamed } from '../errors.ts';
import { type Link, newestSpoken, speaks } from '../wire/links.ts';
import { readMetadataOver } from '../wire/metadata.ts';
import { refuse } from './settings.ts';
import { brokerWaitMs } from './parts.ts';

/** Absent counts: the default of the brokers (Kafka 2.4 and later). */
export type WantedTopic = Pick<NewTopic, 'name' | 'config'> &
  Partial<Pick<NewTopic, 'partitions' | 'replicationFactor'>>;

const brokersDefault = -1;
const known = (count: number | undefined) => (count !== undefined && count > 0 ? count : undefined);

interface TopicShape {
  partitions: number;
  replicationFactor: number;
}

interface HowToCreate {
  /** Whether the controller only checks the request. */
  validateOnly: boolean;
  /** Whether the answer to the same request was lost: then an existing topic of this shape was created by it. */
  isRepeat?: boolean;
}

/** @returns the actual or planned shape. @throws AppError topic-conflict when it exists; as the controller answers */
export async function createTopic(
  link: Link,
  wantedTopic: WantedTopic,
  { validateOnly, isRepeat = false }: HowToCreate,
  io: Io,
): Promise<TopicShape> {
  const { name, partitions = brokersDefault, replicationFactor = brokersDefault, config = {} } = wantedTopic;
  const api = newestSpoken(link, createTopicsV7.api, createTopicsV5.api);
  const action = `create topic ${name}`;
  const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  const wanted = { name, numPartitions: partitions, replicationFactor, assignments: [], configs };
  const { topics } = await link.askForParts(action, io, api, [wanted], brokerWaitMs, validateOnly);
  const [made] = topics;
  if (made !== undefined && kafkaErrorNamed(made.errorCode) === 'TOPIC_ALREADY_EXISTS') {
    const own = isRepeat && !validateOnly ? await existingAs(wantedTopic, link, io) : undefined;
    if (own !== undefined) return own;
    throw new AppError('topic-conflict', `cannot ${action}: it exists`, {
      hint: 'use another name; `plimsoll get topic NAME` shows the existing topic',
    });
  }
  refuse(link, { action, api: 'CreateTopics', validateOnly }, made?.errorCode, made?.errorMessage);
  // Brokers send -1 for both to a user without DescribeConfigs on the topic.
  const shape = {
    partitions: known(made?.numPartitions) ?? known(partitions),
    replicationFactor: known(made?.replicationFactor) ?? known(replicationFactor),
  };
  if (shape.partitions !== undefined && shape.replicationFactor !== undefined) {
    return { partitions: shape.partitions, replicationFactor: shape.replicationFactor };
  }
  throw new AppError('broker-refused', `cannot ${action}: this user cannot read the defaults of the brokers`, {
    hint: 'give --partitions and --replication-factor, or grant DescribeConfigs on the topic',
  });
}

/** @returns undefined if the topic differs from the wanted one */
async function existingAs(wanted: WantedTopic, link: Link, io: Io): Promise<TopicShape | undefined> {
  const { topics } = await readMetadataOver(link, io, [wanted.name]);
  const found = topics[0]?.partitions ?? [];
  const shape = { partitions: found.length, replicationFactor: found[0]?.replicas.length ?? 0 };
  const { partitions = shape.partitions, replicationFactor = shape.replicationFactor } = wanted;
  const isOwn = shape.partitions === partitions && shape.replicationFactor === replicationFactor;
  return found.length > 0 && isOwn ? shape : undefined;
}

export interface TopicToDelete {
  name: string;
  /** Topic id, if the cluster has topic ids (Kafka 2.8 and later): a topic of this name with another id is kept. */
  id?: string;
  /** Called before a request by name is repeated, since the topic may have been re-created. */
  beforeRepeat?: () => Promise<void>;
}

/** @param isRepeat the answer to the same request may have been lost. @throws AppError as the controller answers */
export async function deleteTopic(
  link: Link,
  { name, id, beforeRepeat }: TopicToDelete,
  { isRepeat }: { isRepeat: boolean },
  io: Io,
): Promise<void> {
  const action = `delete topic ${name}`;
  const byName = () => newestSpoken(link, deleteTopicsV5.api, deleteTopicsV4.api);
  // Deletion by topic id: KIP-516.
  const isById = id !== undefined && speaks(link.ranges, 'DeleteTopics', 6);
  if (isRepeat && !isById) await beforeRepeat?.();
  const { responses } = isById
    ? await link.askForParts(action, io, deleteTopicsV6.api, [{ topicId: id }], brokerWaitMs)
    : await link.askForParts(action, io, byName(), [{ name }], brokerWaitMs);
  const [gone] = responses;
  const error = kafkaErrorNamed(gone?.errorCode ?? 0);
  if (error === 'UNKNOWN_TOPIC_OR_PARTITION' || error === 'UNKNOWN_TOPIC_ID') return;
  refuse(link, { action, api: 'DeleteTopics' }, gone?.errorCode, gone?.errorMessage);
}
